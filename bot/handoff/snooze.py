"""Conversations put off: out of the list and of the advisor's load, until a moment comes or the customer writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.db.models import Conversation
from bot.db.people import AuditEntry, User
from bot.db.together import Snooze
from bot.errors import Refusal
from bot.handoff.taking_part import accepted
from bot.services import Services

Json = dict[str, Any]
_LONGEST = timedelta(days=60)
_LONGEST_REASON = 300


def asleep() -> Select[str]:
    """The handoffs that are put off now."""
    return select(Snooze.handoff_id).where(Snooze.ended_at.is_(None))


async def snooze(services: Services, handoff_id: str, advisor: User, until: datetime, reason: str | None) -> Json:
    """Puts it off until ``until``; the same again moves the moment. Raises ``Refusal`` (403, 409, 422)."""
    now = services.clock()
    said = " ".join((reason or "").replace("\x00", "").split()) or None
    if not now < until <= now + _LONGEST or len(said or "") > _LONGEST_REASON:
        raise Refusal("bad_snooze", 422)
    async with services.db.write() as session:
        conversation, _ = await accepted(session, handoff_id, advisor)
        row = await _standing(session, handoff_id)
        if row is None:
            row = Snooze(handoff_id=handoff_id, conversation_id=conversation.id, by_id=advisor.id, started_at=now)
            session.add(row)
        row.until, row.reason = until, said
        session.add(_audit(services, advisor, "handoff_snoozed", handoff_id, until.isoformat()))
    notify.state_changed(services, conversation)
    return {"handoff_id": handoff_id, "snoozed_until": until.isoformat(), "reason": said}


async def unsnooze(services: Services, handoff_id: str, advisor: User) -> Json:
    """Takes it up again. Again: the same answer."""
    async with services.db.write() as session:
        conversation, _ = await accepted(session, handoff_id, advisor)
        woke = await end_snooze(session, handoff_id, "advisor", services.clock())
        if woke:
            session.add(_audit(services, advisor, "handoff_unsnoozed", handoff_id))
    if woke:
        notify.state_changed(services, conversation)
    return {"handoff_id": handoff_id, "snoozed_until": None}


async def _standing(session: AsyncSession, handoff_id: str) -> Snooze | None:
    query = select(Snooze).where(Snooze.handoff_id == handoff_id, Snooze.ended_at.is_(None))
    return (await session.execute(query.limit(1))).scalar_one_or_none()


async def end_snooze(session: AsyncSession, handoff_id: str, by: str, now: datetime) -> bool:
    """Within the caller's transaction, under the conversation's lock; whether it was put off."""
    row = await _standing(session, handoff_id)
    if row is None:
        return False
    row.ended_at, row.ended_by = now, by
    # Who took it up themselves needs no mark.
    row.noticed_at = None if by in ("time", "customer") else now
    return True


async def woken_by_customer(session: AsyncSession, conversation: Conversation, now: datetime) -> bool:
    """The customer wrote to an advisor: what was put off comes back."""
    query = select(Snooze.handoff_id).where(Snooze.conversation_id == conversation.id, Snooze.ended_at.is_(None))
    handoff_id = (await session.execute(query.limit(1))).scalar_one_or_none()
    return handoff_id is not None and await end_snooze(session, handoff_id, "customer", now)


async def just_woken(session: AsyncSession, handoff_id: str) -> bool:
    """Whether it came back by itself and its advisor has not looked at it since."""
    back = select(Snooze.id).where(Snooze.handoff_id == handoff_id, Snooze.ended_at.is_not(None))
    return (await session.execute(back.where(Snooze.noticed_at.is_(None)).limit(1))).first() is not None


async def noticed(session: AsyncSession, conversation_id: str, now: datetime) -> None:
    """The advisor has seen that it is back: the mark goes."""
    back = update(Snooze).where(Snooze.conversation_id == conversation_id, Snooze.ended_at.is_not(None))
    await session.execute(back.where(Snooze.noticed_at.is_(None)).values(noticed_at=now))


async def wake_due(services: Services) -> int:
    """Takes up whose moment has come; how many."""
    now = services.clock()
    due = select(Snooze.handoff_id, Snooze.conversation_id).where(Snooze.ended_at.is_(None), Snooze.until <= now)
    async with services.db.read() as session:
        rows = (await session.execute(due.order_by(Snooze.until).limit(100))).all()
    woken = 0
    for row in rows:
        woken += await _wake(services, row.handoff_id, row.conversation_id, now)
    return woken


async def _wake(services: Services, handoff_id: str, conversation_id: str, now: datetime) -> bool:
    """Read again under the lock: it may be over, or its moment may just have been moved."""
    async with services.db.write() as session:
        conversation = await session.get(Conversation, conversation_id, with_for_update=True)
        row = await _standing(session, handoff_id)
        if conversation is None or row is None or row.until > now:
            return False
        await end_snooze(session, handoff_id, "time", now)
    notify.state_changed(services, conversation)
    return True


async def marks_of(session: AsyncSession, handoffs: Iterable[str]) -> dict[str, Json]:
    """What a row of the list says: ``{snoozed_until, snooze_reason}`` asleep, ``{woken_by}`` just back."""
    query = select(Snooze).where(Snooze.handoff_id.in_(list(handoffs)), Snooze.noticed_at.is_(None))
    found: dict[str, Json] = {}
    for row in (await session.execute(query.order_by(Snooze.started_at))).scalars():
        if row.ended_at is None:
            found[row.handoff_id] = {"snoozed_until": row.until.isoformat(), "snooze_reason": row.reason}
        else:
            found[row.handoff_id] = {"woken_by": row.ended_by, "snooze_reason": row.reason}
    return found


def _audit(services: Services, user: User, action: str, target: str, detail: str | None = None) -> AuditEntry:
    return AuditEntry(at=services.clock(), actor_id=user.id, action=action, target=target, detail=detail)
