"""What no article can mend is sent on to whoever can: counted, mailed without a customer's name, resolved, undone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.db.people import AuditEntry
from bot.db.sent import SentOn
from bot.forgetting import forget
from bot.studio.gap_grouping import group_new
from bot.texts import say
from tests.bot.accounts import mails
from tests.bot.conftest import Bot, Desk
from tests.bot.neighbours import ARTICLE
from tests.bot.test_article_health import judged
from tests.bot.test_gaps import gaps, grouped, groups, handled, unanswered, until
from tests.bot.test_gaps import studio as of_gaps
from tests.bot.test_handoff import identity

Json = dict[str, Any]
OWNERS = ("logistics", "website")
OWNER = "logistique@maison-alder.test"
ID = ARTICLE["article_id"]


@pytest.fixture
async def demo(make_bot: Any) -> Bot:
    made: Bot = await make_bot(relais_demo=True)
    await groups(made)
    return made


LATER = 16  # seconds: it can be undone no more


async def studio(desk: Desk, method: str, tail: str = "", body: Json | None = None) -> tuple[int, Json]:
    headers = {"Authorization": f"Bearer {desk.token}"}
    async with desk.client.request(method, f"/api/v1/studio/sent-on{tail}", json=body, headers=headers) as response:
        return response.status, await response.json()


async def test_a_gap_is_sent_on_counted_and_resolved(demo: Bot) -> None:
    writer, claire = await demo.desk("ines", "writer"), await demo.desk("claire")
    camille = await demo.customer(locale="fr", identity=identity(demo, sub="C-1001", name="Camille Laurent"))
    await camille.ask("Camille Laurent, camille@a.test, mystère du colis")
    await unanswered(demo, "mystère du colis", "mystère du colis")
    await handled(camille, claire, demo.clock, "Bonjour, je regarde cela avec le transporteur tout de suite.")
    (gap,) = (await grouped(demo, writer)).values()
    asked = {"gap_id": gap["gap_id"], "owner": "logistics", "note": "Voir avec camille@a.test, 06 12 34 56 78"}
    status, seen = await studio(writer, "POST", "/preview", asked)
    assert (status, seen["to"]) == (200, OWNER)
    assert (await studio(writer, "GET"))[1]["sent"] == [], "looking sends nothing"
    status, answer = await studio(writer, "POST", "", asked)
    assert status == 201
    assert (await studio(writer, "POST", "", asked))[0] == 409, "once, until it is resolved"
    demo.clock.forward(LATER)
    (mail,) = await mails(demo, OWNER)
    assert (mail["subject"], mail["text"]) == (seen["subject"], seen["text"])
    for told in (
        "mystère du colis (× 2)",
        "questions\u00a0: 3",
        "conseiller\u00a0: 1",
        "6,50\u00a0€",
        "0, 3",
        "Voir",
    ):
        assert told in mail["text"], told
    for secret in ("Camille", "Laurent", "camille@a.test", "06 12", camille.id):
        assert secret not in str(mail) + str(seen), secret
    assert (await gaps(writer, "?state=sent")).keys() == {gap["typical"]["text"]}
    assert await gaps(writer, "?state=open") == {}
    demo.clock.forward(60)
    await unanswered(demo, "encore un mystère de colis")
    await grouped(demo, writer)
    _, body = await studio(writer, "GET")
    (sent,) = body["sent"]
    assert (sent["since"], sent["figures"]["questions"], sent["typical"]["locale"]) == (1, 3, "fr")
    assert (sent["owner"]["name"]["en"], sent["sent_by"]) == ("Logistics and carriers", "Ines")
    demo.clock.forward(60)
    tail = f"/{answer['sent_id']}/state"
    assert await studio(writer, "PUT", tail, {"state": "resolved"}) == (200, {"state": "resolved", "before": "pending"})
    assert (await gaps(writer, "?state=closed")).keys() == {gap["typical"]["text"]}
    assert (await studio(writer, "PUT", tail, {"state": "pending"}))[0] == 200
    assert (await gaps(writer, "?state=sent")).keys() == {gap["typical"]["text"]}
    await studio(writer, "PUT", tail, {"state": "resolved"})
    demo.clock.forward(366 * 24 * 3600)
    await forget(demo.services)
    async with demo.services.db.read() as session:
        assert (await session.execute(select(func.count()).select_from(SentOn))).scalar_one() == 0


async def test_what_is_asked_later_joins_what_was_sent_on_when_everything_is_regrouped(demo: Bot) -> None:
    writer = await demo.desk("ines", "writer")
    await unanswered(demo, "mystère du colis", "mystère du tapis")
    found = await grouped(demo, writer)
    sent = found["mystère du colis"]["gap_id"]
    assert (await studio(writer, "POST", "", {"gap_id": sent, "owner": "logistics"}))[0] == 201
    before = len(demo.neighbours.grouped)
    assert (await of_gaps(writer, "POST", "/regroup"))[0] == 202

    async def asked() -> list[Json]:
        await group_new(demo.services)
        return demo.neighbours.grouped[before:]

    (everything, *_) = await until(asked)
    assert [each["text"] for each in everything["questions"]] == ["mystère du tapis"]
    assert [each["id"] for each in everything["known"]] == [sent], "it is there to be joined"


async def test_two_who_resolve_both_sendings_at_one_moment_close_the_gap(demo: Bot) -> None:
    writer = await demo.desk("ines", "writer")
    await unanswered(demo, "mystère du colis")
    (gap,) = (await grouped(demo, writer)).values()
    for _ in range(3):
        sent = [await studio(writer, "POST", "", {"gap_id": gap["gap_id"], "owner": owner}) for owner in OWNERS]
        tails = [f"/{answer['sent_id']}/state" for _, answer in sent]
        done = await asyncio.gather(*(studio(writer, "PUT", tail, {"state": "resolved"}) for tail in tails))
        assert [status for status, _ in done] == [200, 200]
        assert list(await gaps(writer, "?state=closed")) == ["mystère du colis"]


async def test_bad_opinions_on_an_article_are_sent_on(demo: Bot) -> None:
    writer = await demo.desk("ines", "writer")
    await judged(demo, "Quel délai ?", False, False, True)
    asked = {"article_id": ID, "locale": "fr", "owner": "website", "days": 90}
    assert (await studio(writer, "POST", "", asked))[0] == 201
    await judged(demo, "Et mon délai ?", False)
    (sent,) = (await studio(writer, "GET"))[1]["sent"]
    title = ARTICLE["title"].replace(" ?", "\u202f?")
    assert (sent["figures"]["questions"], sent["figures"]["conversations"], sent["title"]) == (2, 2, title)
    assert sent["gap_id"] is None
    demo.clock.forward(LATER)
    (mail,) = await mails(demo, "site@maison-alder.test")
    assert title in mail["text"]
    assert "Quel délai ? (× 2)" in mail["text"]


async def test_what_cannot_be_sent_is_refused_with_a_sentence(bot: Bot) -> None:
    writer = await bot.desk("ines", "writer")
    await judged(bot, "Quel délai ?", False)
    good = {"article_id": ID, "locale": "fr", "owner": "website"}
    refused: dict[str, Json] = {
        "unknown_owner": {"owner": "nobody"},
        "bad_request": {"days": 8},
        "mail_not_set": {},
    }
    for code, changed in refused.items():
        _, body = await studio(writer, "POST", "", good | changed)
        assert body["error"] == {"code": code, "message": say("fr", f"error_{code}")}, code
    _, body = await studio(writer, "POST", "/preview", good | {"article_id": "other"})
    assert body["error"]["code"] == "nothing_to_send"
    assert (await studio(writer, "POST", "/preview", {"gap_id": "none", "owner": "website"}))[0] == 404
    assert (await studio(writer, "PUT", "/none/state", {"state": "resolved"}))[0] == 404
    assert (await studio(writer, "DELETE", "/none"))[0] == 404


async def test_what_was_sent_on_is_taken_back_before_the_mail_goes(demo: Bot) -> None:
    writer = await demo.desk("ines", "writer")
    await unanswered(demo, "mystère du colis")
    (gap,) = (await grouped(demo, writer)).values()
    asked = {"gap_id": gap["gap_id"], "owner": "logistics"}
    demo.clock.hold()
    first = (await studio(writer, "POST", "", asked))[1]["sent_id"]
    demo.clock.forward(10)
    assert await studio(writer, "DELETE", f"/{first}") == (200, {})
    demo.clock.hold(on=False)
    assert list(await gaps(writer, "?state=open")) == ["mystère du colis"], "where it was before"
    assert (await studio(writer, "GET"))[1]["sent"] == []
    # Sent anew, and left to go: only this one arrives, and it is too late.
    second = (await studio(writer, "POST", "", asked))[1]["sent_id"]
    demo.clock.forward(LATER)
    assert len(await mails(demo, OWNER)) == 1
    status, body = await studio(writer, "DELETE", f"/{second}")
    assert (status, body["error"]["code"]) == (409, "sent_gone")
    assert await actions(demo) == ["sent_on", "sent_on_taken_back", "sent_on"]


async def test_a_mistake_is_told_to_its_reader_and_the_gap_is_open_again(demo: Bot) -> None:
    writer = await demo.desk("ines", "writer")
    await unanswered(demo, "mystère du colis")
    (gap,) = (await grouped(demo, writer)).values()
    asked = {"gap_id": gap["gap_id"], "owner": "logistics"}
    tail = f"/{(await studio(writer, 'POST', '', asked))[1]['sent_id']}/state"
    demo.clock.forward(LATER)
    assert len(await mails(demo, OWNER)) == 1
    mistaken = {"state": "mistaken"}
    demo.clock.hold()
    assert await studio(writer, "PUT", tail, mistaken) == (200, {"state": "mistaken", "before": "pending"})
    assert list(await gaps(writer, "?state=open")) == ["mystère du colis"]
    # A slip of the finger is undone as everything else, and nobody is told.
    assert (await studio(writer, "PUT", tail, {"state": "pending"}))[0] == 200
    assert list(await gaps(writer, "?state=sent")) == ["mystère du colis"]
    await studio(writer, "PUT", tail, mistaken)
    assert (await studio(writer, "GET"))[1]["sent"][0]["mistaken"] is True
    demo.clock.hold(on=False)
    demo.clock.forward(LATER)
    word, _ = await mails(demo, OWNER, 2)
    assert "envoyé par erreur" in word["subject"]
    assert "mystère du colis" in word["text"]
    status, body = await studio(writer, "PUT", tail, {"state": "pending"})
    assert (status, body["error"]["code"]) == (409, "mistake_told")
    assert (await studio(writer, "POST", "", asked))[0] == 201, "it may be sent on anew"
    told = ["sent_on", "sent_on_mistaken", "sent_on_reopened", "sent_on_mistaken", "sent_on"]
    assert await actions(demo) == told


async def actions(demo: Bot) -> list[str]:
    """What the audit tells of sendings, the first one first."""
    query = select(AuditEntry.action).where(AuditEntry.action.startswith("sent_on")).order_by(AuditEntry.id)
    async with demo.services.db.read() as session:
        return list((await session.execute(query)).scalars())
