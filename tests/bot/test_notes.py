"""Private notes: they ring colleagues, and never reach the customer, Rasa, a transcript or an outside desk."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from bot.db.models import Handoff
from bot.db.people import AuditEntry
from bot.handoff.context import as_it_stands
from tests.bot.conftest import Bot, Desk
from tests.bot.test_handoff import taken
from tests.bot.test_offers import id_of, sit

SECRET = "il ment sur la date, @Hugo regarde"


async def note(desk: Desk, conversation_id: str, text: str, key: str = "n1", **more: Any) -> tuple[int, Any]:
    body = {"client_message_id": key, "text": text, **more}
    return await desk.call("POST", f"conversations/{conversation_id}/notes", body)


async def test_a_note_reaches_neither_customer_nor_rasa_nor_any_transcript(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, customer)
    async with bot.client.ws_connect(customer.url("live")) as page:
        await page.send_json({"token": customer.token, "after": 0})
        status, answer = await note(claire, customer.id, SECRET)
        assert (status, answer["message"]["internal"], answer["message"]["author_name"]) == (202, True, "Claire")
        assert (await note(claire, customer.id, SECRET))[0] == 200  # again: the same note
        await claire.call(
            "POST", f"conversations/{customer.id}/messages", {"client_message_id": "m1", "text": "voilà, fin"}
        )
        frames: list[Any] = []
        while not frames or "voilà" not in json.dumps(frames[-1], ensure_ascii=False):
            frames.append(await page.receive_json(timeout=30))
    everything = [frames, await customer.read(), await claire.call("GET", f"handoffs/{handoff}")]
    async with bot.services.db.read() as session:
        # What the webhook sends.
        everything.append(await as_it_stands(bot.services, session, await session.get_one(Handoff, handoff)))
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved", "note": "à rappeler lundi"})
    await customer.ask("et maintenant ?")
    everything += [bot.neighbours.requests, await customer.read()]
    seen = json.dumps(everything, ensure_ascii=False)
    assert "voilà, fin" in seen
    assert "et maintenant" in json.dumps(bot.neighbours.requests, ensure_ascii=False)
    for secret in ("il ment", "à rappeler lundi"):
        assert secret not in seen
    _, body = await claire.call("GET", f"conversations/{customer.id}/messages")
    notes = [(one["text"], one["note"]) for one in body["messages"] if one.get("internal")]
    assert notes == [(SECRET, "note"), ("à rappeler lundi", "closing")]


async def test_a_mention_rings_one_person_and_lets_them_in(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, customer)
    hugo, anna = await bot.desk("hugo"), await bot.desk("anna")
    assert (await note(hugo, customer.id, "je peux ?"))[0] == 403  # nobody asked him
    his, hers = await sit(bot, hugo), await sit(bot, anna)
    assert (await note(claire, customer.id, "@Hugo, tu connais ? hugo@Anna.fr non", key="n2"))[0] == 202
    rung = {"type": "mention", "to": await id_of(hugo), "by": "Claire", "handoff_id": handoff}
    while await his.receive_json(timeout=30) != rung:
        pass
    _, found = await hugo.call("GET", "mentions")
    assert found["unread"] == 1
    (one,) = found["mentions"]
    assert (one["handoff_id"], one["by"]["name"], one["read_at"]) == (handoff, "Claire", None)
    assert (await anna.call("GET", "mentions"))[1] == {"mentions": [], "unread": 0}
    assert (await hugo.queue())[0]["people"] == [{"id": await id_of(hugo), "name": "Hugo", "role": "invited"}]
    assert (await note(hugo, customer.id, "oui, c'est le lot de mars"))[0] == 202
    status, _ = await hugo.call(
        "POST", f"conversations/{customer.id}/messages", {"client_message_id": "x", "text": "!"}
    )
    assert status == 403  # a way in, not a voice
    await hugo.call("POST", "mentions/read", {"conversation_id": customer.id})
    assert (await hugo.call("GET", "mentions"))[1]["unread"] == 0
    frame: Any = {}
    while not frame.get("message", {}).get("text", "").startswith("oui"):
        frame = await hers.receive_json(timeout=30)
        assert frame.get("to") in (None, await id_of(anna)), "what is meant for one is nobody else's"
    async with bot.services.db.read() as session:
        entries = (await session.execute(select(AuditEntry).where(AuditEntry.action == "note_written"))).scalars().all()
    assert [(entry.target, entry.detail) for entry in entries] == [(handoff, None)] * 2


async def test_who_may_write_a_note_and_what(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, ines, marc = (
        await bot.desk("claire"),
        await bot.desk("ines", "writer"),
        await bot.desk("marc", "supervisor"),
    )
    assert (await note(claire, customer.id, "x"))[0] == 404  # between the customer and the assistant
    await customer.post("handoff", {})
    assert (await note(claire, customer.id, "vue, je finis un appel"))[0] == 202  # while nobody has it
    handoff = (await claire.queue())[0]["handoff_id"]
    await claire.call("POST", f"handoffs/{handoff}/accept")
    assert (await note(marc, customer.id, "bien", key="m"))[0] == 202
    assert (await note(ines, customer.id, "x"))[0] == 403
    for bad in ("", " \x00 ", "x" * 4001):
        assert (await note(claire, customer.id, bad, key="b"))[0] in (413, 422)
    assert (await note(claire, customer.id, "x", key="b", mentions=["nobody"]))[0] == 422
    assert (await note(claire, customer.id, "x", key="b", mentions="hugo"))[0] == 422
    reply = {"client_message_id": "same", "text": "pour le client"}
    assert (await claire.call("POST", f"conversations/{customer.id}/messages", reply))[0] == 202
    assert (await note(claire, customer.id, "secret", key="same"))[0] == 422  # that one went out
