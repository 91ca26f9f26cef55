"""Does what customers confirmed: under a lease, again after a lost answer, and always under the same key."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import or_, select, update

from bot import notify
from bot.background import beside, stop
from bot.conversations.messages import lock_conversation
from bot.db.models import Conversation
from bot.db.prepared import PreparedTask
from bot.errors import NeighbourError, Refusal
from bot.live import DESK, Event
from bot.neighbours.actions import Asking
from bot.prepared.asking import PERFORM, asking
from bot.prepared.offers import changed, end_if_over
from bot.prepared.outcome import Json, conclude, lost
from bot.prepared.records import CONFIRMED, OFFERED
from bot.services import Services

_LOOK_ANYWAY_SECONDS = 1.0
_BREATH_SECONDS = 0.05
# Longer than a task may take: who dies in the middle of one leaves it to others after this time.
_WITHIN = 20.0
_LEASE = timedelta(seconds=30)
_AT_ONCE = 50
_log = structlog.get_logger()


@dataclass(frozen=True)
class _Claimed:
    prepared_id: str
    changes: bool
    question: Asking


class PreparedWork:
    """Several processes may run it: a lease keeps two from doing the same one, the key from doing it twice."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._me = secrets.token_hex(8)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Works while the block lasts; what is under way is left to the next process when it ends."""
        async with beside(self._loop()):
            yield
        await stop(list(self._tasks.values()))
        # What we were doing is free for the next process at once; its key keeps it from being done twice.
        ours = update(PreparedTask).where(PreparedTask.lease_owner == self._me)
        async with self._services.db.write() as session:
            await session.execute(ours.values(lease_owner=None, lease_until=None, unsure=PreparedTask.changes))

    async def _loop(self) -> None:
        with self._services.live.subscribe(DESK) as events:
            while True:
                try:
                    await self.look()
                except Exception:  # noqa: BLE001  the record may be away for a moment; what is due stays due
                    _log.exception("prepared_look_failed")
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_ANYWAY_SECONDS):
                        await _something_moved(events)

    async def look(self) -> None:
        """Ends the offers that are over, and begins what is due."""
        now = self._services.clock()
        free = or_(PreparedTask.lease_until.is_(None), PreparedTask.lease_until <= now)
        due = (PreparedTask.status == CONFIRMED) & (PreparedTask.next_attempt_at <= now) & free
        overtaken = or_(
            PreparedTask.epoch != Conversation.epoch, Conversation.owner != "advisor", PreparedTask.expires_at <= now
        )
        query = (
            select(PreparedTask.id, PreparedTask.conversation_id, PreparedTask.status)
            .join(Conversation, Conversation.id == PreparedTask.conversation_id)
            .where(due | ((PreparedTask.status == OFFERED) & overtaken))
            .limit(_AT_ONCE)
        )
        async with self._services.db.read() as session:
            found = (await session.execute(query)).all()
        for prepared_id, conversation_id, status in found:
            if status == OFFERED:
                await self._end(prepared_id, conversation_id)
            elif prepared_id not in self._tasks:
                self._tasks[prepared_id] = asyncio.create_task(self._one(prepared_id, conversation_id))

    async def _end(self, prepared_id: str, conversation_id: str) -> None:
        services = self._services
        async with services.db.write() as session:
            conversation = await lock_conversation(session, conversation_id)
            row = await session.get(PreparedTask, prepared_id, populate_existing=True)
            said = await end_if_over(services, session, conversation, row) if row is not None else []
        if said:
            notify.told(services, conversation, said)
            changed(services, conversation_id)

    async def _one(self, prepared_id: str, conversation_id: str) -> None:
        try:
            claimed = await self._claim(prepared_id, conversation_id)
            if claimed is not None:
                await conclude(self._services, self._me, prepared_id, conversation_id, await self._do(claimed))
        except Refusal:  # erased meanwhile
            return
        except Exception:  # noqa: BLE001  its lease ends, and it is taken up again
            _log.exception("prepared_task_failed", prepared=prepared_id)
        finally:
            del self._tasks[prepared_id]

    async def _claim(self, prepared_id: str, conversation_id: str) -> _Claimed | None:
        services, now = self._services, self._services.clock()
        async with services.db.write() as session:
            conversation = await lock_conversation(session, conversation_id)
            row = await session.get(PreparedTask, prepared_id, populate_existing=True)
            if row is None or row.status != CONFIRMED or (row.lease_until is not None and row.lease_until > now):
                return None
            # Whoever died over it may have done it: from now on "nothing was changed" would be a guess.
            row.unsure = row.unsure or (row.lease_owner is not None and row.changes)
            row.lease_owner, row.lease_until = self._me, now + _LEASE
            row.attempts += 1
            asked = {"task": row.task, "values": row.known, "prepared_id": row.id}
            question = await asking(services, session, conversation, PERFORM, asked)
            return _Claimed(row.id, row.changes, question)

    async def _do(self, claimed: _Claimed) -> Json:
        try:
            answer = await self._services.actions.for_the_desk(PERFORM, claimed.question, within=_WITHIN)
            done: Json = answer["prepared"]
        except (NeighbourError, KeyError) as error:
            _log.warning("prepared_attempt_failed", prepared=claimed.prepared_id, cause=str(error))
            refused = isinstance(error, NeighbourError) and error.permanent
            return lost(changes=claimed.changes and not refused)
        return done


async def _something_moved(events: asyncio.Queue[Event]) -> None:
    while (kind := (await events.get())["type"]) not in ("prepared", "state"):
        pass
    if kind == "state":
        # Nobody presses anything in that moment, and the advisors' rows are read first.
        await asyncio.sleep(_BREATH_SECONDS)
