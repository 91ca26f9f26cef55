"""Speaks of a promise before it is missed, to supervisors and to the customer, and says so when it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import beside, every
from bot.clocks import watching as clocks
from bot.conversations.messages import append
from bot.db.models import Conversation, Handoff, Message
from bot.db.people import AuditEntry, Promise
from bot.promises.desk import held_promise, told
from bot.promises.letters import warn_supervisors
from bot.promises.making import CALL
from bot.promises.rules import KINDS
from bot.promises.words import notice
from bot.services import Services

_LOOK_EVERY_SECONDS = 5.0


class Watching:
    """Looks at promises and clocks. Several processes may: what is said is written under its conversation's lock."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Looks every few seconds while the block lasts."""
        async with beside(
            every(_LOOK_EVERY_SECONDS, "watching_promises", partial(look, self._services)),
            every(_LOOK_EVERY_SECONDS, "watching_clocks", partial(clocks.look, self._services)),
        ):
            yield


async def look(services: Services) -> bool:
    """One look at what was promised; whether anything was said."""
    now = services.clock()
    unsaid = or_(Promise.alerted_at.is_(None), Promise.told_at.is_(None), Promise.due_at <= now)
    query = select(Promise.id).where(Promise.status == "open", Promise.warn_at <= now, Promise.kind.in_(KINDS), unsaid)
    async with services.db.read() as session:
        due = list((await session.execute(query.order_by(Promise.due_at, Promise.id))).scalars())
    spoken = [await _speak(services, promise_id) for promise_id in due]
    return any(spoken)


async def _speak(services: Services, promise_id: str) -> bool:
    """Read again under the lock: another process may have spoken, or somebody may just have kept it."""
    now = services.clock()
    async with services.db.write() as session:
        found = await held_promise(session, promise_id)
        if found is None:  # erased meanwhile
            return False
        promise, conversation = found
        if promise.status != "open" or promise.warn_at is None or promise.warn_at > now:
            return False
        is_new = promise.alerted_at is None
        if is_new:
            promise.alerted_at = now
            session.add(AuditEntry(at=now, action="promise_warned", target=promise_id, detail=promise.kind))
            await warn_supervisors(services, session, promise)
        messages = await _tell(services, session, promise, conversation, now)
    if is_new or messages:
        told(services, conversation, messages)
    return is_new or bool(messages)


async def _tell(
    services: Services, session: AsyncSession, promise: Promise, conversation: Conversation, now: datetime
) -> list[Message]:
    """What the customer reads, once: that it is not forgotten, or, after its time, that we did not keep it."""
    if await _is_being_called(session, promise):
        return []
    if promise.due_at <= now:
        promise.status, promise.missed_at = "missed", now
        session.add(AuditEntry(at=now, action="promise_missed", target=promise.id, detail=promise.kind))
        key = "missed"
    elif promise.told_at is None:
        promise.told_at, key = now, "remembered"
    else:
        return []
    draft = notice(services, conversation, promise, key)
    return [await append(session, services.channels, conversation, draft, now)]


async def _is_being_called(session: AsyncSession, promise: Promise) -> bool:
    """An advisor has taken the request for this call: they are on the telephone, or about to be."""
    if promise.kind != CALL or promise.handoff_id is None or promise.made_by is not None:
        return False
    handoff = await session.get(Handoff, promise.handoff_id)
    return handoff is not None and handoff.status == "accepted" and handoff.contact["mode"] != "chat"
