"""Prepared by the advisor, confirmed by the customer: nothing before, and once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Conversation
from bot.db.people import AuditEntry, Promise
from bot.db.prepared import PreparedTask
from tests.bot.conftest import Bot
from tests.bot.desk_actions import DONE
from tests.bot.preparing import ORDER, draft, known, offered, press, until
from tests.bot.proving import select_all
from tests.bot.test_handoff import identity, taken

Json = dict[str, Any]


async def test_nothing_changes_before_the_customer_confirms_and_then_once(bot: Bot) -> None:
    customer, claire, handoff = await known(bot)
    prepared, card = await offered(claire, customer)
    assert (card["author"], card["author_name"], card["kind"]) == ("advisor", "Claire", "choices")
    assert "J’annule votre commande MA-104871." in card["text"]
    assert card["prepared"]["lines"] == [{"label": "Commande", "value": "MA-104871"}]
    assert [each["title"] for each in card["choices"]] == ["Confirmer", "Refuser"]
    assert bot.neighbours.desk.attempts == []
    first = await press(customer, card, key="once")
    assert await press(customer, card, key="once") == first  # the same press, sent again
    await until(claire, customer, prepared, "done")
    await press(customer, card)  # from another tab
    said = [m["text"] for m in (await customer.read())["messages"] if m["seq"] > first["seq"]]
    assert said[:2] == ["Merci, votre confirmation est bien reçue. Je m’en occupe.", DONE["texts"][0]["text"]]
    assert said[-1].startswith("C’est déjà fait")
    assert list(bot.neighbours.desk.done) == bot.neighbours.desk.attempts == [prepared]
    _, found = await claire.call("GET", f"handoffs/{handoff}")
    tried = found["context"]["why"]["tasks_tried"][-1]
    assert (tried["name"], tried["outcome"], tried["prepared_by"]) == ("cancel_order", "done", "Claire")
    assert "values" not in tried
    (row,) = await select_all(bot, select(PreparedTask))
    assert row.known == {}
    actions = {each.action for each in await select_all(bot, select(AuditEntry))}
    assert {"task_prepared", "task_offered", "task_confirmed", "task_done"} <= actions


async def test_rasa_is_told_on_return_and_meanwhile_not_asked(bot: Bot) -> None:
    customer, claire, handoff = await known(bot)
    prepared, card = await offered(claire, customer)
    await press(customer, card)
    await until(claire, customer, prepared, "done")
    assert bot.neighbours.requests == []
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    await customer.ask("merci")
    told = bot.neighbours.requests[-1]["catch_up"]
    assert [line["author"] for line in told[-3:]] == ["advisor", "customer", "bot"]
    assert told[-1]["text"] == DONE["texts"][0]["text"]


async def test_two_presses_at_once_are_one_confirmation(bot: Bot) -> None:
    customer, claire, _ = await known(bot)
    prepared, card = await offered(claire, customer)
    await asyncio.gather(press(customer, card), press(customer, card), press(customer, card))
    await until(claire, customer, prepared, "done")
    assert bot.neighbours.desk.attempts == [prepared]
    said = [m["text"] for m in (await customer.read())["messages"]]
    assert said.count(DONE["texts"][0]["text"]) == 1


async def test_only_the_conversations_own_advisor_may_prepare(bot: Bot) -> None:
    customer, claire, _ = await known(bot)
    prepared, _ = await offered(claire, customer)
    hugo = await bot.desk("hugo")
    ines = await bot.desk("ines", "writer")
    one = f"conversations/{customer.id}/prepared/{prepared}"
    for method, tail, body in (
        ("POST", f"conversations/{customer.id}/prepared", {"task": "cancel_order"}),
        ("GET", one, None), ("PUT", one, {"values": ORDER}), ("POST", one + "/offer", {}),
        ("POST", one + "/proof", {}), ("POST", one + "/retry", {}), ("DELETE", one, None),
    ):  # fmt: skip
        status, answer = await hugo.call(method, tail, body)
        assert (status, answer["error"]["code"]) == (403, "not_your_conversation"), (method, tail)
        assert (await ines.call(method, tail, body))[0] == 403
    assert (await ines.call("GET", "tasks"))[0] == 403
    assert (await claire.call("GET", f"conversations/{customer.id}/prepared/other"))[0] == 404
    assert (await claire.call("GET", "conversations/none/prepared/other"))[0] == 404


async def test_what_is_wrong_or_missing_is_not_offered(bot: Bot) -> None:
    customer, claire, _ = await known(bot)
    prepared = await draft(claire, customer)
    one = f"conversations/{customer.id}/prepared/{prepared}"
    _, body = await claire.call("PUT", one, {"values": {"order": "12"}})
    assert body["form"]["fields"][0]["error"]["en"] == "Six digits."
    status, body = await claire.call("POST", one + "/offer")
    assert (status, body["error"]["code"]) == (422, "prepared_incomplete")
    status, body = await claire.call("POST", f"conversations/{customer.id}/prepared", {"task": "rob_a_bank"})
    assert (status, body["error"]["code"]) == (422, "unknown_task")
    bad: Json
    for bad in ({"values": []}, {}, {"values": {str(n): n for n in range(50)}}):
        assert (await claire.call("PUT", one, bad))[0] == 422
    bot.neighbours.desk.away = True
    assert (await claire.call("PUT", one, {"values": ORDER}))[0] == 503
    assert (await customer.read())["messages"][-1]["author"] == "system"  # Claire has joined: nothing else was said


@pytest.mark.parametrize("how", ["withdrawn", "replaced", "released", "expired", "declined"])
async def test_the_button_of_a_card_that_is_over_says_so(bot: Bot, how: str) -> None:
    customer, claire, handoff = await known(bot)
    prepared, card = await offered(claire, customer)
    one = f"conversations/{customer.id}/prepared/{prepared}"
    if how == "withdrawn":
        status, _ = await claire.call("DELETE", one)
        assert (status, (await claire.call("DELETE", one))[0]) == (200, 200)
    elif how == "replaced":
        await offered(claire, customer)
    elif how == "released":
        await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    elif how == "declined":
        await press(customer, card, "Refuser")
    else:
        bot.clock.forward(31 * 60)
        await until(claire, customer, prepared, "expired")
    messages = (await customer.read())["messages"]
    over = next(m["prepared"] for m in messages if m.get("prepared", {}).get("status") not in (None, "offered"))
    assert over["id"] == prepared
    await press(customer, card)
    last = (await customer.read())["messages"][-1]
    assert "rien n’a été changé" in last["text"]
    assert bot.neighbours.desk.attempts == []
    assert bot.neighbours.requests == [], "no turn of the assistant’s comes of it"


async def test_an_advisor_who_vanishes_takes_the_offer_along(bot: Bot) -> None:
    customer, claire, _ = await known(bot)
    prepared, card = await offered(claire, customer)
    async with bot.services.db.write() as session:
        conversation = await session.get_one(Conversation, customer.id)
        conversation.owner, conversation.advisor_id = "queue", None
        conversation.epoch += 1
    await until(claire, customer, prepared, "withdrawn")
    assert "changé de main" in (await customer.read())["messages"][-1]["text"]
    await press(customer, card)
    assert bot.neighbours.desk.attempts == []


async def test_a_task_is_taken_up_where_it_failed_with_what_it_knew(bot: Bot) -> None:
    customer = await bot.customer(locale="fr", identity=identity(bot))
    failed = {"name": "cancel_order", "step": "perform", "outcome": "failed", "detail": "MA-104871: unavailable"}
    bot.neighbours.replies = lambda _: [
        {"text": "Je n’arrive pas à joindre notre système."},
        {"custom": {"task": failed | {"values": ORDER}}},
    ]
    await customer.ask("annulez ma commande")
    claire, handoff = await taken(bot, customer)
    _, found = await claire.call("GET", f"handoffs/{handoff}")
    assert found["context"]["why"]["tasks_tried"] == [failed]
    status, body = await claire.call(
        "POST", f"conversations/{customer.id}/prepared", {"task": "cancel_order", "from": 0}
    )
    assert (status, body["prepared"]["failed_step"]) == (201, "perform")
    assert bot.neighbours.desk.asked[-1][1]["values"] == ORDER
    assert body["form"]["complete"]
    for wrong in ({"from": 3}, {"from": 0, "task": "repair"}):
        status, body = await claire.call(
            "POST", f"conversations/{customer.id}/prepared", {"task": "cancel_order"} | wrong
        )
        assert (status, body["error"]["code"]) == (409, "unknown_tried")
    assert (await claire.call("POST", f"conversations/{customer.id}/prepared", {"from": "0"}))[0] == 422


async def test_a_task_left_in_its_middle_is_taken_up_with_all_that_was_given(bot: Bot) -> None:
    customer = await bot.customer(locale="fr", identity=identity(bot))
    begun = {"name": "cancel_order", "step": "order", "outcome": "started", "detail": ""}
    slots = {"task": "cancel_order", "task_step": "order", "task_values": {}}
    bot.neighbours.replies = lambda _: [{"text": "Quelle commande ?"}, {"custom": {"task": begun}}]
    bot.neighbours.slots = slots
    await customer.ask("annulez ma commande")
    bot.neighbours.replies = lambda _: [{"text": "Vous confirmez ?"}]
    bot.neighbours.slots = slots | {"task_step": "confirm", "task_values": ORDER}
    await customer.ask("104871")
    claire, handoff = await taken(bot, customer)
    _, found = await claire.call("GET", f"handoffs/{handoff}")
    assert found["context"]["why"]["tasks_tried"] == [begun | {"step": "confirm"}]
    status, body = await claire.call(
        "POST", f"conversations/{customer.id}/prepared", {"task": "cancel_order", "from": 0}
    )
    assert (status, body["prepared"]["failed_step"]) == (201, "confirm")
    assert bot.neighbours.desk.asked[-1][1]["values"] == ORDER


async def test_signs_that_no_record_stores_are_taken_out_of_what_is_filled_in(bot: Bot) -> None:
    customer, claire, _ = await known(bot)
    prepared = await draft(claire, customer)
    one = f"conversations/{customer.id}/prepared/{prepared}"
    values = {"order": "MA-10\x004871", "items": ["a\x00"], "address": {"ci\x00ty": "Ly\x00on"}}
    assert (await claire.call("PUT", one, {"values": values}))[0] == 200
    given = bot.neighbours.desk.asked[-1][1]["given"]
    assert given == {"order": "MA-104871", "items": ["a"], "address": {"city": "Lyon"}}


async def test_a_call_that_was_prepared_is_promised(bot: Bot) -> None:
    customer, claire, handoff = await known(bot)
    contact = {"mode": "call_at", "phone": "+33612345678", "at": "2026-11-26T15:30:00+01:00"}
    bot.neighbours.desk.script = [DONE | {"effects": {"handoff": {"contact": contact}}}]
    prepared, card = await offered(claire, customer)
    await press(customer, card)
    await until(claire, customer, prepared, "done")
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    (promise,) = await select_all(bot, select(Promise))
    assert (promise.kind, promise.status, promise.contact) == ("call_back", "open", contact)


async def test_what_has_to_be_looked_into_is_promised(bot: Bot) -> None:
    customer, claire, _ = await known(bot)
    bot.neighbours.desk.script = [DONE | {"effects": {"promise": {"kind": "enquiry", "subject": "RP-12"}}}]
    prepared, card = await offered(claire, customer)
    await press(customer, card)
    await until(claire, customer, prepared, "done")
    (promise,) = await select_all(bot, select(Promise))
    assert (promise.kind, promise.text) == ("enquiry", "Donner la réponse du dossier RP-12")
    assert "Notre équipe vous promet" in (await customer.read())["messages"][-1]["text"]
