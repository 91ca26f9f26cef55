"""The customer reads what the advisor will see, corrects it and strikes lines out; what is struck is seen nowhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select

from bot.db.people import AuditEntry
from bot.db.webhooks import HandoffEvent
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.receiver import SECRET, Receiver
from tests.bot.test_handoff import CARD, SCHEMA, identity

Json = dict[str, Any]
PAGE = {"url": "http://shop.test/produit/lampe", "title": "Lampe secrète"}
TASK = {"name": "track_order", "step": "lookup", "outcome": "failed", "detail": "back_office"}


async def waiting(bot: Bot, contact: Json | None = None) -> Customer:
    """A proven customer who waits, with something in every kind of line."""
    bot.neighbours.card = CARD
    bot.neighbours.slots = {"last_order": "MA-104233"}
    customer = await bot.customer(locale="fr", identity=identity(bot), page=PAGE)
    shown = await customer.ask("Quel délai ?")
    await customer.post("feedback", {"message_id": shown["id"], "helpful": False})
    bot.neighbours.replies = lambda request: [{"text": "Je regarde."}, {"custom": {"task": TASK}}]
    await customer.ask("où est ma commande bleue ?")
    await customer.post("handoff", contact or {})
    return customer


async def slip(customer: Customer) -> tuple[int, Json]:
    async with customer.client.get(customer.url("handoff/slip"), headers=customer.headers) as response:
        return response.status, await response.json()


async def put(customer: Customer, *lines: Json) -> tuple[int, Json]:
    body = {"lines": list(lines)}
    async with customer.client.put(customer.url("handoff/slip"), json=body, headers=customer.headers) as response:
        return response.status, await response.json()


async def lines(customer: Customer) -> dict[str, Json]:
    """By kind; the last of a kind."""
    return {line["kind"]: line for line in (await slip(customer))[1]["lines"]}


async def seen(desk: Desk) -> tuple[Json, Json]:
    """The queue's row, and the context that fits the schema."""
    row = (await desk.queue())[0]
    _, found = await desk.call("GET", f"handoffs/{row['handoff_id']}")
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(found["context"])
    return row, found["context"]


async def test_every_line_that_the_advisor_sees_is_on_the_slip_in_the_customers_words(bot: Bot) -> None:
    customer = await waiting(bot, {"contact": "call_now", "phone": "+33 6 12 34 56 78"})
    status, found = await slip(customer)
    assert (status, found["open"], "advisor" in found) == (200, True, False)
    by_kind = {line["kind"]: line for line in found["lines"]}
    assert list(by_kind) == [
        *("question", "reason", "contact", "order", "task", "article"),
        *("slot", "page", "intents", "identity", "transcript"),
    ]
    assert by_kind["question"]["text"] == "où est ma commande bleue ?"
    assert by_kind["contact"]["text"] == "+33 6 12 34 56 78"
    assert by_kind["order"]["text"].startswith("MA-104233")
    assert by_kind["task"]["text"] == "suivi de commande, en échec"
    assert by_kind["article"]["text"].endswith("ne vous a pas aidé")
    assert by_kind["page"]["text"] == "Lampe secrète"
    assert [kind for kind, line in by_kind.items() if line["editable"]] == ["question", "contact", "slot"]
    assert [kind for kind, line in by_kind.items() if line["fixed"]] == ["reason", "identity", "transcript"]
    assert "MA-104233" not in json.dumps([line["id"] for line in found["lines"]])
    await customer.say("Can I get an answer please, where is my parcel?")  # the conversation's language is theirs
    claire = await bot.desk("claire")
    await claire.call("POST", f"handoffs/{(await claire.queue())[0]['handoff_id']}/accept")
    taken = (await slip(customer))[1]
    assert (taken["open"], taken["advisor"]) == (False, {"name": "Claire"})


async def test_struck_and_corrected_lines_are_gone_wherever_an_advisor_looks(bot: Bot) -> None:
    customer = await waiting(bot)
    claire = await bot.desk("claire")
    mine = await lines(customer)
    wanted = [{"id": mine[kind]["id"], "struck": True} for kind in ("order", "task", "article", "page", "intents")]
    wanted.append({"id": mine["slot"]["id"], "text": "MA-7"})
    wanted.append({"id": "question", "text": "Où est mon colis vert ?"})
    status, answer = await put(customer, *wanted)
    assert status == 200
    after = {line["kind"]: line for line in answer["lines"]}
    assert (after["question"]["text"], after["question"]["original"]) == (
        "Où est mon colis vert ?",
        "où est ma commande bleue ?",
    )
    assert after["order"]["struck"] is True
    for moment in ("now", "after more was said and they signed in again"):
        row, context = await seen(claire)
        without = json.dumps([row, context | {"transcript": [], "suggestions": []}], ensure_ascii=False)
        for gone in ("commande bleue", "Lampe secrète", "track_order", "MA-104233"):
            assert gone not in without, (moment, gone)
        assert context["why"]["question"] == "Où est mon colis vert ?"
        assert context["why"]["slots"] == {"last_order": "MA-7"}
        assert context["why"]["articles_shown"] == []
        assert (context["who"]["orders"], context["why"]["tasks_tried"], context["why"]["page"]) == ([], [], None)
        assert context["slip"] == {"corrected": ["question", "slot"], "struck": 5}
        assert "colis vert" in row["summary"]
        assert any("commande bleue" in line["text"] for line in context["transcript"]), "the transcript stays"
        await customer.post("identity", {"identity": identity(bot, jti="again")})
        await customer.until(1, (await customer.say("merci"))["seq"])
    await put(
        customer, {"id": mine["order"]["id"], "struck": False}, {"id": "question", "text": "où est ma commande bleue ?"}
    )
    _, context = await seen(claire)
    assert context["who"]["orders"][0]["number"] == "MA-104233"
    assert context["why"]["question"] == "où est ma commande bleue ?"
    assert context["slip"] == {"corrected": ["slot"], "struck": 4}


async def test_a_change_is_told_and_audited_once_without_a_word_of_it(make_bot: Any) -> None:
    receiver = Receiver(lambda: bot.clock().timestamp())
    server = await receiver.start()
    bot = await make_bot(webhook_url=[str(server.make_url("/hook"))], webhook_secret=[SECRET])
    customer = await waiting(bot)
    await receiver.until(1)
    order = (await lines(customer))["order"]["id"]
    first = await put(customer, {"id": "question", "struck": True}, {"id": order, "struck": True})
    assert first == await put(customer, {"id": "question", "struck": True}, {"id": order, "struck": True})
    told = (await receiver.until(2))[1]
    assert told["type"] == "handoff.context_changed"
    assert (told["context"]["why"]["question"], told["context"]["who"]["orders"]) == ("", [])
    async with bot.services.db.read() as session:
        entries = (await session.execute(select(AuditEntry).where(AuditEntry.action == "slip_changed"))).scalars().all()
        assert [entry.detail for entry in entries] == ["struck 2"]
        types = (await session.execute(select(HandoffEvent.type).order_by(HandoffEvent.number))).scalars()
        assert list(types) == ["requested", "context_changed"]
    await server.close()


async def test_a_number_to_call_is_corrected_struck_and_taken_back(bot: Bot) -> None:
    customer = await waiting(bot, {"contact": "call_now", "phone": "+33 6 12 34 56 78"})
    claire = await bot.desk("claire")
    assert (await put(customer, {"id": "contact", "text": "12"}))[0] == 422
    assert (await put(customer, {"id": "contact", "text": "+33 6 00 00 00 01"}))[0] == 200
    assert (await seen(claire))[0]["contact"] == {"mode": "call_now", "phone": "+33 6 00 00 00 01"}
    assert (await put(customer, {"id": "contact", "struck": True}))[0] == 200
    row, context = await seen(claire)
    assert (row["contact"], context["contact"]) == ({"mode": "chat"}, {"mode": "chat"})
    assert (await lines(customer))["contact"]["struck"] is True
    assert (await put(customer, {"id": "contact", "struck": False}))[0] == 200
    assert (await seen(claire))[1]["contact"]["phone"] == "+33 6 00 00 00 01"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"id": "transcript", "struck": True}, "line_fixed"),
        ({"id": "identity", "struck": True}, "line_fixed"),
        ({"id": "identity", "text": "Une autre personne"}, "line_not_editable"),
        ({"id": "order:nothing", "struck": True}, "unknown_line"),
        ({"id": "question", "text": 4}, "bad_request"),
        ({"id": "question", "struck": "yes"}, "bad_request"),
        ("question", "bad_request"),
        ({"id": "question", "text": "x" * 1001}, "message_too_long"),
    ],
)
async def test_what_cannot_be_changed_is_said_and_nothing_else_is_done(bot: Bot, line: Any, code: str) -> None:
    customer = await bot.customer()
    await customer.ask("Quel délai ?")
    await customer.post("handoff", {})
    before = await slip(customer)
    status, body = await put(customer, {"id": "question", "struck": True}, line)
    assert (status in (413, 422), body["error"]["code"]) == (True, code)
    assert await slip(customer) == before


async def test_only_while_nobody_has_taken_it_and_only_by_the_customer(bot: Bot) -> None:
    customer = await bot.customer()
    assert (await slip(customer))[1]["error"]["code"] == "no_slip"
    assert (await put(customer, {"id": "question", "struck": True}))[1]["error"]["code"] == "slip_closed"
    await customer.post("handoff", {})
    other = await bot.customer()
    async with bot.client.get(customer.url("handoff/slip"), headers=other.headers) as response:
        assert response.status == 401
    claire = await bot.desk("claire")
    await claire.call("POST", f"handoffs/{(await claire.queue())[0]['handoff_id']}/accept")
    status, body = await put(customer, {"id": "question", "struck": True})
    assert (status, body["error"]["code"]) == (409, "slip_closed")


async def test_a_proof_that_is_over_shows_no_orders_and_a_danger_is_heard(bot: Bot) -> None:
    customer = await waiting(bot)
    bot.clock.forward(25 * 3600)
    found = await lines(customer)
    shown = json.dumps([found[kind] for kind in ("order", "identity")], ensure_ascii=False)
    assert "MA-104233" not in shown
    assert "Camille" not in shown
    assert (await put(customer, {"id": "question", "text": "La lampe a pris feu et ça sent le gaz"}))[0] == 200
    row, context = await seen(await bot.desk("claire"))
    assert (row["reason"], context["why"]["reason"]) == ("sensitive_topic", "sensitive_topic")
