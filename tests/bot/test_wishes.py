"""A reply that should be an article reaches the writers without anything personal in it."""

from __future__ import annotations

from sqlalchemy import select

from bot.db.people import AuditEntry
from tests.bot.conftest import Bot
from tests.bot.test_handoff import identity


async def test_a_reply_that_should_be_an_article(bot: Bot) -> None:
    customer = await bot.customer(locale="fr", identity=identity(bot, name="Camille Laurent"))
    await customer.post("handoff", {})
    claire, ines = await bot.desk("claire"), await bot.desk("ines", "writer")
    handoff = (await claire.queue())[0]["handoff_id"]
    await claire.call("POST", f"handoffs/{handoff}/accept")
    await customer.say("Puis-je payer MA-104233 en trois fois ? Camille Laurent, camille@maison-alder.test")
    reply = {"client_message_id": "r1", "text": "Oui Camille, dès 100 €, même pour MA-104233."}
    sent = (await claire.call("POST", f"conversations/{customer.id}/messages", reply))[1]["message"]
    tail = f"conversations/{customer.id}/messages/{sent['id']}/article-wish"
    assert (await claire.call("POST", tail))[0] == 201
    assert (await claire.call("POST", tail, {"comment": "Demandé par Camille et d’autres"}))[0] == 200
    assert (await claire.call("GET", f"conversations/{customer.id}/article-wishes"))[1] == {"message_ids": [sent["id"]]}
    assert (await claire.call("GET", "article-wishes"))[0] == 403
    status, found = await ines.call("GET", "article-wishes")
    assert (status, found["count"]) == (200, 1)
    (wished,) = found["wishes"]
    assert wished["question"] == "Puis-je payer [commande] en trois fois ? [nom], [e-mail]"
    assert wished["reply"] == "Oui [nom], dès 100 €, même pour [commande]."
    assert wished["comment"] == "Demandé par [nom] et d’autres"
    assert (wished["advisor"], wished["locale"]) == ("Claire", "fr")
    assert customer.id not in str(found)
    assert (await ines.call("DELETE", tail))[0] == 403
    for _ in range(2):
        assert (await claire.call("DELETE", tail))[0] == 200
    assert (await ines.call("GET", "article-wishes"))[1]["count"] == 0
    async with bot.services.db.read() as session:
        query = select(AuditEntry.action, AuditEntry.detail).where(AuditEntry.target == sent["id"])
        assert (await session.execute(query.order_by(AuditEntry.id))).all() == [
            ("article_wished", None),
            ("article_wish_taken_back", None),
        ]


async def test_only_replies_of_conversations_at_the_desk(bot: Bot) -> None:
    customer, other = await bot.customer(), await bot.customer()
    said, greeting = await customer.say("Quel délai ?"), other.messages[0]
    claire = await bot.desk("claire")
    assert (await claire.call("POST", f"conversations/{other.id}/messages/{greeting['id']}/article-wish"))[0] == 404
    await customer.post("handoff", {})
    for message in (said, greeting):
        tail = f"conversations/{customer.id}/messages/{message['id']}/article-wish"
        assert (await claire.call("POST", tail))[1]["error"]["code"] == "unknown_message"
