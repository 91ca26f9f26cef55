"""Warns of clocks before they are missed, and keeps on record those that were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from bot import notify
from bot.clocks.clock import CUSTOMER, Run
from bot.clocks.reading import read_runs
from bot.conversations.messages import Draft, append, held_conversation
from bot.db.models import OPEN, Conversation, Handoff, Message
from bot.db.people import AuditEntry
from bot.db.promises import ClockRecord
from bot.live import DESK
from bot.services import Services
from bot.texts import say

_Key = tuple[str, str, datetime]


@dataclass(frozen=True)
class _Change:
    """What is to be written of one clock: a warning, a miss, or its end."""

    handoff_id: str
    conversation_id: str
    run: Run


async def look(services: Services) -> bool:
    """One look at all open handoffs; whether there was anything to write."""
    async with services.db.read() as session:
        # Without the contexts, which are long and tell no time.
        opened = select(Handoff).where(Handoff.status.in_(OPEN)).options(defer(Handoff.context))
        handoffs = list((await session.execute(opened)).scalars())
        found = await read_runs(services, session, handoffs)
        known = await _known(session, [one.id for one in handoffs])
    now = services.clock()
    changes = [
        _Change(one.id, one.conversation_id, run)
        for one in handoffs
        for run in found[one.id]
        if _differs(run, known.get((one.id, run.clock, run.started_at)), now)
    ]
    for change in changes:
        await _write(services, change)
    running: set[_Key] = {
        (one.id, run.clock, run.started_at) for one in handoffs for run in found[one.id] if run.ended_at is None
    }
    ended = await _end(services, running)
    if changes or ended:
        services.live.publish(DESK, {"type": "alerts"})
    return bool(changes) or ended


async def _known(session: AsyncSession, handoffs: list[str]) -> dict[_Key, ClockRecord]:
    rows = (await session.execute(select(ClockRecord).where(ClockRecord.handoff_id.in_(handoffs)))).scalars()
    return {(row.handoff_id, row.clock, row.started_at): row for row in rows}


def _differs(run: Run, record: ClockRecord | None, now: datetime) -> bool:
    """Whether the record does not yet say how it stands with a run."""
    if run.ended_at is not None:
        return run.was_late and (record is None or record.late_at is None)
    state = run.state(now)
    if record is None or record.ended_at is not None:
        # One that had ended runs again: the request came back to the queue, or its release was undone.
        return state != "fine"
    return state == "late" and record.late_at is None


async def _write(services: Services, change: _Change) -> None:
    """Under the lock of its conversation: another process that looks at the same moment finds it written."""
    now = services.clock()
    messages: list[Message] = []
    async with services.db.write() as session:
        conversation = await held_conversation(session, change.conversation_id)
        if conversation is None:  # erased meanwhile
            return
        run = await _as_it_is(services, session, change)
        if run is None:
            return
        record = (await _known(session, [change.handoff_id])).get((change.handoff_id, run.clock, run.started_at))
        if not _differs(run, record, now):
            return
        said = "clock_warned" if record is None else None
        if record is None:
            record = _new(change, run, now)
            session.add(record)
        record.ended_at = run.ended_at
        if record.late_at is None and (run.was_late or run.state(now) == "late"):
            record.late_at, said = now, "clock_missed"
        if run.ended_at is not None:
            record.late_seconds = _seconds_late(run.due_at, run.ended_at)
        if said is not None:
            session.add(AuditEntry(at=now, action=said, target=change.handoff_id, detail=run.clock))
        if said is not None and run.clock == CUSTOMER:
            draft = _notice(services, conversation, is_late=said == "clock_missed")
            messages = [await append(session, services.channels, conversation, draft, now)]
    if messages:
        notify.told(services, conversation, messages)


async def _as_it_is(services: Services, session: AsyncSession, change: _Change) -> Run | None:
    """The same run read under the lock: somebody may have answered since, and then nobody is told that we are late."""
    handoff = await session.get(Handoff, change.handoff_id, populate_existing=True)
    found = (await read_runs(services, session, [handoff])).get(handoff.id, []) if handoff is not None else []
    same = (change.run.clock, change.run.started_at)
    return next((run for run in found if (run.clock, run.started_at) == same), None)


def _new(change: _Change, run: Run, now: datetime) -> ClockRecord:
    return ClockRecord(
        handoff_id=change.handoff_id,
        conversation_id=change.conversation_id,
        clock=run.clock,
        started_at=run.started_at,
        due_at=run.due_at,
        warned_at=now,
    )


def _seconds_late(due_at: datetime, ended_at: datetime) -> int:
    return max(0, int((ended_at - due_at).total_seconds()))


def _notice(services: Services, conversation: Conversation, *, is_late: bool) -> Draft:
    key = "clock_customer_late" if is_late else "clock_customer_waits"
    text = say(conversation.locale, key, hours=services.service.handoff.customer_max_wait_hours)
    return Draft("system", text, kind="notice")


async def _end(services: Services, running: set[_Key]) -> bool:
    """Records of clocks that run no more are closed, with how late they were in the end."""
    still = select(ClockRecord).where(ClockRecord.ended_at.is_(None))
    async with services.db.read() as session:
        over = [row.id for row in (await session.execute(still)).scalars() if _key(row) not in running]
    if not over:
        return False
    now = services.clock()
    async with services.db.write() as session:
        held = still.where(ClockRecord.id.in_(over)).order_by(ClockRecord.id).with_for_update()
        for row in (await session.execute(held)).scalars():
            row.ended_at = now
            row.late_seconds = _seconds_late(row.due_at, now) if row.late_at is not None else None
    return True


def _key(row: ClockRecord) -> _Key:
    return row.handoff_id, row.clock, row.started_at
