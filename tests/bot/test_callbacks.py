"""The calls to make: where they come from, what becomes of a call that nobody answers, and of one that was answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.db.people import AuditEntry
from bot.promises.watching import look
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.test_promises import listed, notices

Json = dict[str, Any]
NUMBER = "+33 6 12 34 56 78"
AT = datetime(2026, 11, 24, 14, tzinfo=UTC)


async def to_call(bot: Bot, **contact: Any) -> tuple[Customer, Desk, Json]:
    customer = await bot.customer(locale="fr")
    await customer.post("handoff", {"contact": "call_now", "phone": NUMBER} | contact)
    claire = await bot.desk("claire")
    (row,) = await listed(claire, "?kind=call_back")
    return customer, claire, row


async def tried(desk: Desk, row: Json, outcome: str, **more: Any) -> Json:
    status, answer = await desk.call("POST", f"promises/{row['promise_id']}/attempts", {"outcome": outcome} | more)
    assert status in (200, 201), answer
    return answer["promise"]


async def test_who_asks_to_be_called_is_on_the_list_until_they_do_not(bot: Bot) -> None:
    customer, claire, row = await to_call(bot)
    assert (row["contact"], row["made_by"]) == ({"mode": "call_now", "phone": NUMBER}, None)
    assert datetime.fromisoformat(row["due_at"]) - bot.clock() < timedelta(minutes=15)
    await customer.post("handoff", {"contact": "call_at", "phone": "0612345678", "at": AT.isoformat()})
    (row,) = await listed(claire, "?kind=call_back")
    assert row["contact"] == {"mode": "call_at", "phone": "0612345678", "at": AT.isoformat()}
    assert datetime.fromisoformat(row["due_at"]) == AT + timedelta(minutes=15)
    assert row["warn_at"] > row["contact"]["at"]
    async with customer.client.delete(customer.url("handoff"), headers=customer.headers) as response:
        assert response.status == 200
    assert await listed(claire) == []


async def test_a_call_that_nobody_answers_is_tried_again_and_the_customer_reads_it(bot: Bot) -> None:
    customer, claire, row = await to_call(bot)
    first = await tried(claire, row, "no_answer", note="répondeur plein", client_attempt_id="a1")
    assert await tried(claire, row, "no_answer", client_attempt_id="a1") == first
    (attempt,) = first["attempts"]
    assert (attempt["outcome"], attempt["note"], attempt["by"]) == ("no_answer", "répondeur plein", "Claire")
    next_try = datetime.fromisoformat(first["next_try_at"])
    assert timedelta(minutes=59) < next_try - bot.clock() <= timedelta(minutes=60)
    # The request is offered again when it is time.
    assert (await claire.queue())[0]["contact"] == {"mode": "call_at", "phone": NUMBER, "at": next_try.isoformat()}
    assert not [text for text in await notices(customer) if "essayé" in text]
    bot.clock.set(next_try)
    second = await tried(claire, row, "voicemail")
    (said,) = [text for text in await notices(customer) if "essayé" in text]
    assert "2 fois" in said
    assert len(second["attempts"]) == 2
    await tried(claire, row, "no_answer")
    assert len([text for text in await notices(customer) if "essayé" in text]) == 1
    asked = await tried(claire, row, "wrong_number")
    assert "celui auquel" in (await notices(customer))[-1]
    status, answer = await claire.call("PATCH", f"promises/{row['promise_id']}", {"phone": "0687654321"})
    assert (status, answer["promise"]["contact"]["phone"]) == (200, "0687654321")
    assert answer["promise"]["due_at"] == asked["due_at"]
    assert (await claire.queue())[0]["contact"]["phone"] == "0687654321"
    later = AT + timedelta(days=1)
    await claire.call("PATCH", f"promises/{row['promise_id']}", {"due_at": later.isoformat()})
    assert (await claire.queue())[0]["contact"] == {"mode": "call_at", "phone": "0687654321", "at": later.isoformat()}


async def test_who_was_reached_waits_for_nobody_any_more(bot: Bot) -> None:
    customer, claire, row = await to_call(bot)
    assert (await tried(claire, row, "reached"))["status"] == "kept"
    assert await claire.queue() == []
    assert (await customer.read())["state"]["owner"] == "bot"
    status, error = await claire.call("POST", f"promises/{row['promise_id']}/attempts", {"outcome": "no_answer"})
    assert (status, error["error"]["code"]) == (409, "promise_over")
    assert (await claire.call("POST", f"promises/{row['promise_id']}/attempts", {"outcome": "asleep"}))[0] == 422


async def test_an_advisor_on_the_telephone_breaks_no_promise_and_ends_it_by_releasing(bot: Bot) -> None:
    customer, claire, row = await to_call(bot)
    handoff = row["handoff_id"]
    await claire.call("POST", f"handoffs/{handoff}/accept")
    before = await notices(customer)
    bot.clock.forward(3600)
    await look(bot.services)
    assert await notices(customer) == before
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    assert await listed(claire) == []
    assert [each["kept_by"]["name"] for each in await listed(claire, "?status=kept")] == ["Claire"]


async def test_a_call_that_an_advisor_promised_outlives_the_conversation(bot: Bot) -> None:
    customer, claire, row = await to_call(bot)
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    due = (bot.clock() + timedelta(days=1)).isoformat()
    wish = {"kind": "call_back", "text": "La date de la lampe", "due_at": due}
    assert (await claire.call("POST", f"conversations/{customer.id}/promises", wish))[0] == 201
    before = len(await notices(customer))
    # The call that was asked for is made; the one that she promised is what the release is for, and is said once.
    await claire.call("POST", f"handoffs/{row['handoff_id']}/release", {"outcome": "resolved"})
    (left,) = await listed(claire)
    assert (left["made_by"]["name"], left["text"], left["contact"]["phone"]) == ("Claire", wish["text"], NUMBER)
    assert len(await notices(customer)) == before + 1


async def test_a_call_back_after_the_call_is_the_same_promise_for_later(bot: Bot) -> None:
    _, claire, row = await to_call(bot)
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    await claire.call("POST", f"handoffs/{row['handoff_id']}/release", {"outcome": "callback"})
    (later,) = await listed(claire)
    assert later["promise_id"] == row["promise_id"]
    assert later["due_at"] > row["due_at"]
    assert later["contact"]["phone"] == NUMBER


async def test_a_call_that_is_cancelled_leaves_the_request_in_the_chat(bot: Bot) -> None:
    customer, claire, row = await to_call(bot)
    assert (await claire.call("POST", f"promises/{row['promise_id']}/cancelled"))[0] == 200
    (waiting,) = await claire.queue()
    assert (waiting["handoff_id"], waiting["contact"]) == (row["handoff_id"], {"mode": "chat"})
    assert "Vous gardez votre place" in (await notices(customer))[-1]
    _, found = await claire.call("GET", f"handoffs/{row['handoff_id']}")
    assert found["context"]["contact"] == {"mode": "chat"}


async def test_an_undone_release_puts_the_call_back_as_it_stood(bot: Bot) -> None:
    _, claire, row = await to_call(bot)
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    await claire.call("POST", f"handoffs/{row['handoff_id']}/release", {"outcome": "callback"})
    (later,) = await listed(claire)
    assert later["due_at"] > row["due_at"]
    assert (await claire.call("POST", f"handoffs/{row['handoff_id']}/reopen"))[0] == 200
    (again,) = await listed(claire)
    assert (again["promise_id"], again["due_at"], again["status"]) == (row["promise_id"], row["due_at"], "open")


async def test_a_promise_is_moved_and_cancelled_by_whom_it_concerns_and_kept_by_anybody(bot: Bot) -> None:
    _, claire, row = await to_call(bot)
    hugo, one = await bot.desk("hugo"), f"promises/{row['promise_id']}"
    due = (bot.clock() + timedelta(days=1)).isoformat()
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    for method, tail, body in (("POST", one + "/cancelled", None), ("PATCH", one, {"due_at": due})):
        status, error = await hugo.call(method, tail, body)
        assert (status, error["error"]["code"]) == (403, "not_your_conversation")
    assert (await hugo.call("POST", one + "/kept"))[0] == 200
    async with bot.services.db.read() as session:
        kept = select(AuditEntry.target).where(AuditEntry.action == "promise_kept")
        assert list((await session.execute(kept)).scalars()) == [row["promise_id"]]
