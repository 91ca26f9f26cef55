"""The two clocks of a handoff: which run, when they warn, that each is said once, and what is kept of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from bot.clocks.clock import Facts, Run, runs
from bot.clocks.watching import look
from bot.db.people import AuditEntry
from bot.db.promises import ClockRecord
from bot.promises import watching
from service import Service
from tests.bot.conftest import OPEN_HOUR, Bot, Customer, Desk
from tests.bot.test_handoff import taken
from tests.bot.test_promises import notices

Json = dict[str, Any]
MINUTE = timedelta(minutes=1)
FRIDAY_EVENING = datetime(2026, 11, 27, 17, 55, tzinfo=UTC)  # 18:55 in Paris, five minutes before closing


def named(found: list[Run]) -> dict[str, Run]:
    return {run.clock: run for run in found if run.ended_at is None}


def test_nobody_answered_yet(company: Service) -> None:
    found = named(runs(Facts(OPEN_HOUR), company))
    assert set(found) == {"first_response", "resolution", "customer"}
    assert found["first_response"].due_at == OPEN_HOUR + 15 * MINUTE
    assert found["first_response"].warn_at == OPEN_HOUR + 11.25 * MINUTE
    assert found["customer"].due_at == OPEN_HOUR + timedelta(hours=48)
    states = [found["first_response"].state(OPEN_HOUR + minutes * MINUTE) for minutes in (0, 11.25, 14.9, 15)]
    assert states == ["fine", "warning", "warning", "late"]


def test_the_evening_stops_one_clock_and_not_the_other(company: Service) -> None:
    found = named(runs(Facts(FRIDAY_EVENING), company))
    assert found["first_response"].due_at == datetime(2026, 11, 28, 8, 10, tzinfo=UTC)
    assert found["customer"].due_at == FRIDAY_EVENING + timedelta(hours=48)
    # Sixteen hours of work: five minutes on Friday, eight hours on Saturday, the rest on Monday.
    assert found["resolution"].due_at == datetime(2026, 11, 30, 15, 55, tzinfo=UTC)


def test_whose_turn_it_is_to_speak(company: Service) -> None:
    answered = Facts(OPEN_HOUR, OPEN_HOUR + MINUTE, OPEN_HOUR + MINUTE)
    assert set(named(runs(answered, company))) == {"resolution"}
    again = Facts(OPEN_HOUR, OPEN_HOUR + MINUTE, OPEN_HOUR + MINUTE, OPEN_HOUR + 5 * MINUTE)
    found = named(runs(again, company))
    assert found["next_response"].due_at == OPEN_HOUR + 20 * MINUTE
    assert found["customer"].started_at == OPEN_HOUR + 5 * MINUTE
    # Back in the queue without a word since the last answer: they wait since then.
    back = Facts(OPEN_HOUR, OPEN_HOUR + MINUTE, OPEN_HOUR + 2 * MINUTE, None, True)
    assert named(runs(back, company))["next_response"].started_at == OPEN_HOUR + 2 * MINUTE


@pytest.mark.parametrize(("minutes", "late"), [(14, False), (16, True)])
def test_an_answer_after_the_target_was_late(company: Service, minutes: int, late: bool) -> None:
    at = OPEN_HOUR + minutes * MINUTE
    first = next(run for run in runs(Facts(OPEN_HOUR, at, at), company) if run.clock == "first_response")
    assert first.was_late is late


async def records(bot: Bot) -> dict[str, tuple[bool, bool]]:
    """Which clocks are on record: late, ended."""
    async with bot.services.db.read() as session:
        rows = (await session.execute(select(ClockRecord))).scalars()
        return {row.clock: (row.late_at is not None, row.ended_at is not None) for row in rows}


async def clock_alerts(desk: Desk) -> dict[str, str]:
    status, body = await desk.call("GET", "alerts")
    assert status == 200
    return {each["what"]: each["state"] for each in body["alerts"] if each["kind"] == "clock"}


async def reply(desk: Desk, customer: Customer, key: str) -> None:
    body = {"client_message_id": key, "text": "Je regarde."}
    assert (await desk.call("POST", f"conversations/{customer.id}/messages", body))[0] == 202


async def test_a_row_tells_what_is_awaited_and_a_miss_stays_on_record(bot: Bot, make_bot: Any) -> None:
    customer = await bot.customer(locale="fr")
    began = bot.clock()
    claire, handoff = await taken(bot, customer)
    marc, other = await bot.desk("marc", "supervisor"), await make_bot()

    async def states() -> dict[str, str]:
        return {name: clock["state"] for name, clock in (await claire.queue())[0]["clocks"].items()}

    assert await states() == {"first_response": "fine", "resolution": "fine", "customer": "fine"}
    bot.clock.forward(12 * 60)
    assert (await states())["first_response"] == "warning"
    await asyncio.gather(*(look(one.services) for one in (bot, other, bot, other)))
    assert await clock_alerts(marc) == {"first_response": "warning"}
    bot.clock.forward(4 * 60)
    await asyncio.gather(*(look(one.services) for one in (bot, other)))
    assert await clock_alerts(marc) == {"first_response": "late"}
    await reply(claire, customer, "1")
    waited = bot.clock() - began
    assert await states() == {"resolution": "fine", "customer": "fine"}
    await look(bot.services)
    assert await clock_alerts(marc) == {}
    assert await records(bot) == {"first_response": (True, True)}
    await customer.say("et le délai ?")
    assert (await states())["next_response"] == "fine"
    bot.clock.forward(12 * 60)
    await look(bot.services)
    await reply(claire, customer, "2")
    await look(bot.services)
    assert await records(bot) == {"first_response": (True, True), "next_response": (False, True)}
    async with bot.services.db.read() as session:
        said = select(AuditEntry.action, AuditEntry.detail).where(AuditEntry.target == handoff).order_by(AuditEntry.id)
        found = [tuple(row) for row in (await session.execute(said)).all() if row[0].startswith("clock")]
    assert found == [
        ("clock_warned", "first_response"),
        ("clock_missed", "first_response"),
        ("clock_warned", "next_response"),
    ]
    async with bot.services.db.read() as session:
        late = (
            await session.execute(select(ClockRecord.late_seconds).where(ClockRecord.late_at.is_not(None)))
        ).scalar()
    assert late is not None
    assert 60 <= late <= (waited - 15 * MINUTE).total_seconds()


async def test_an_answer_between_two_looks_that_came_late_is_on_record_too(bot: Bot) -> None:
    customer = await bot.customer()
    claire, _ = await taken(bot, customer)
    bot.clock.forward(15 * 60 + 1)
    await reply(claire, customer, "1")
    await look(bot.services)
    assert await records(bot) == {"first_response": (True, True)}


async def test_a_release_that_is_undone_is_late_again(bot: Bot) -> None:
    customer = await bot.customer()
    claire, handoff = await taken(bot, customer)
    marc = await bot.desk("marc", "supervisor")
    bot.clock.forward(20 * 60)
    await look(bot.services)
    assert await clock_alerts(marc) == {"first_response": "late"}
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    await look(bot.services)
    assert await clock_alerts(marc) == {}
    assert await records(bot) == {"first_response": (True, True)}
    assert (await claire.call("POST", f"handoffs/{handoff}/reopen"))[0] == 200
    await look(bot.services)
    assert await clock_alerts(marc) == {"first_response": "late"}
    assert await records(bot) == {"first_response": (True, False)}


async def test_nobody_waits_two_days_without_a_word(bot: Bot) -> None:
    bot.clock.set(FRIDAY_EVENING)
    customer = await bot.customer(locale="fr")
    await customer.post("handoff", {})
    before = await notices(customer)
    bot.clock.forward(37 * 3600)  # Sunday morning: nobody is there, and still
    marc = await bot.desk("marc", "supervisor")
    for _ in range(2):
        await look(bot.services)
    waits = (await notices(customer))[len(before) :]
    assert len(waits) == 1, waits
    assert "pas oubliée" in waits[0]
    assert (await clock_alerts(marc))["customer"] == "warning"
    bot.clock.forward(12 * 3600)
    for _ in range(2):
        await look(bot.services)
    late = (await notices(customer))[len(before) + 1 :]
    assert len(late) == 1, late
    assert "excuses" in late[0]
    assert (await clock_alerts(await bot.desk("anne", "supervisor")))["customer"] == "late"


async def test_a_call_for_later_is_not_waited_for_before_its_moment(bot: Bot) -> None:
    customer = await bot.customer()
    at = OPEN_HOUR + timedelta(hours=4)
    await customer.post("handoff", {"contact": "call_at", "phone": "0612345678", "at": at.isoformat()})
    claire = await bot.desk("claire")
    (row,) = await claire.queue()
    assert datetime.fromisoformat(row["clocks"]["first_response"]["due_at"]) == at + 15 * MINUTE
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    assert set((await claire.queue())[0]["clocks"]) == {"resolution", "customer"}


async def test_the_clocks_of_a_long_queue_cost_one_query(make_bot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_LOOK_EVERY_SECONDS", 3600.0)
    bot: Bot = await make_bot()
    claire = await bot.desk("claire")
    counted: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "messages" in statement and "min(" in statement:
            counted.append(statement)

    for _ in range(3):
        await (await bot.customer()).post("handoff", {})
    engine = bot.services.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        assert len(await claire.queue()) == 3
        looked = len(counted)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert looked <= 2, "one for the list, and perhaps the first of the watch beside it"
