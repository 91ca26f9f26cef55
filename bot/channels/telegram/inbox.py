"""Updates are stored before Telegram hears that they came, then handled: each once, those of a chat one by one.

Telegram sends again what it was not thanked for, and may send two at once: the numbers say which comes first. One
that follows a gap is kept back for a moment, in which the missing one can still arrive.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import beside, every, stop
from bot.db.telegram import TelegramUpdate
from bot.errors import NeighbourError
from bot.services import Services

Json = dict[str, Any]
PENDING, DONE, FAILED = "pending", "done", "failed"
LEASE = timedelta(seconds=15)
# How long an update waits for the one before it.
GAP_SECONDS = 1.0
_WIDEST_GAP = 100
_SWEEP_SECONDS = 1.0
_TIDY_SECONDS = 3600.0
# Telegram sends again for a day; after a week without updates it numbers them anew.
_REMEMBERED = timedelta(days=3)
_LONGEST_BACK_OFF = 30.0
# A fault of ours is tried so often; Telegram being away is waited for so long.
_MOST_FAULTS = 6
_PATIENCE = timedelta(hours=1)
_log = structlog.get_logger()


class Later(Exception):  # noqa: N818  it is no fault
    """The update is handled again after so many seconds, and its chat waits."""

    def __init__(self, seconds: float) -> None:
        super().__init__(str(seconds))
        self.seconds = seconds


Handle = Callable[[Json], Awaitable[None]]
GiveUp = Callable[[Json], Awaitable[None]]


class Inbox:
    """Several processes share it: a lease keeps two from handling the same update."""

    def __init__(self, services: Services, handle: Handle, give_up: GiveUp) -> None:
        self._services = services
        self._handle = handle
        self._give_up = give_up
        self._me = secrets.token_hex(8)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()

    async def keep(self, update_id: int, chat_id: int, payload: Json) -> bool:
        """Stores an update and has it handled; whether it is new."""
        now = self._services.clock()
        row = TelegramUpdate(
            update_id=update_id, chat_id=chat_id, payload=payload, next_attempt_at=now, received_at=now
        )
        try:
            async with self._services.db.write() as session:
                if await session.get(TelegramUpdate, update_id) is not None:
                    return False
                session.add(row)
        except IntegrityError:
            return False
        self.wake(chat_id)
        return True

    def wake(self, chat_id: int) -> None:
        """There may be something to do in this chat."""
        if chat_id in self._tasks:
            self._again.add(chat_id)
            return
        task = asyncio.create_task(self._drain(chat_id))
        self._tasks[chat_id] = task
        task.add_done_callback(lambda _: self._finished(chat_id))

    def _finished(self, chat_id: int) -> None:
        self._tasks.pop(chat_id, None)
        if chat_id in self._again:
            self._again.discard(chat_id)
            self.wake(chat_id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sweeps while the block lasts; what is under way at its end is left to the next process."""
        sweep = every(_SWEEP_SECONDS, "telegram_inbox", self._sweep)
        async with beside(sweep, every(_TIDY_SECONDS, "telegram_inbox_tidied", self._tidy)):
            yield
        self._again.clear()
        await stop(list(self._tasks.values()))
        ours = update(TelegramUpdate).where(TelegramUpdate.status == PENDING, TelegramUpdate.lease_owner == self._me)
        async with self._services.db.write() as session:
            await session.execute(ours.values(lease_owner=None, lease_until=None))

    async def _sweep(self) -> None:
        now = self._services.clock()
        free = or_(TelegramUpdate.lease_until.is_(None), TelegramUpdate.lease_until <= now)
        query = select(TelegramUpdate.chat_id).where(
            TelegramUpdate.status == PENDING, TelegramUpdate.next_attempt_at <= now, free
        )
        async with self._services.db.read() as session:
            waiting = list((await session.execute(query.distinct().limit(500))).scalars())
        for chat_id in waiting:
            if chat_id is not None:
                self.wake(chat_id)

    async def _tidy(self) -> None:
        old = TelegramUpdate.received_at < self._services.clock() - _REMEMBERED
        async with self._services.db.write() as session:
            await session.execute(delete(TelegramUpdate).where(old, TelegramUpdate.status != PENDING))

    async def _drain(self, chat_id: int) -> None:
        try:
            await self._drain_all(chat_id)
        except Exception:  # noqa: BLE001  the record may be away for a moment; what is in it waits for the sweep
            _log.exception("telegram_inbox_failed")

    async def _drain_all(self, chat_id: int) -> None:
        while True:
            claimed = await self._claim(chat_id)
            if isinstance(claimed, TelegramUpdate):
                await self._one(claimed)
                continue
            if claimed is None:
                return
            await asyncio.sleep(max(0.01, min(1.0, (claimed - self._services.clock()).total_seconds())))

    async def _claim(self, chat_id: int) -> TelegramUpdate | datetime | None:
        """The oldest update of the chat, ours to handle; or when to look again; or nothing left to do."""
        now = self._services.clock()
        oldest = select(TelegramUpdate).where(TelegramUpdate.chat_id == chat_id, TelegramUpdate.status == PENDING)
        oldest = oldest.order_by(TelegramUpdate.update_id).limit(1).with_for_update()
        async with self._services.db.write() as session:
            row = (await session.execute(oldest)).scalar_one_or_none()
            if row is None:
                return None
            if row.lease_until is not None and row.lease_until > now and row.lease_owner != self._me:
                return row.lease_until
            if row.next_attempt_at > now:
                return row.next_attempt_at
            patience = row.received_at + timedelta(seconds=GAP_SECONDS)
            if row.attempts == 0 and now < patience and await _follows_a_gap(session, row.update_id):
                # Looked at often: what is missing is on its way.
                return min(patience, now + timedelta(seconds=0.1))
            row.attempts += 1
            row.lease_owner, row.lease_until = self._me, now + LEASE
            return row

    async def _one(self, row: TelegramUpdate) -> None:
        keeper = asyncio.create_task(self._keep_lease(row.update_id))
        try:
            await self._handle(row.payload or {})
        except Later as later:
            await self._put_back(row, later.seconds, None)
        except NeighbourError as error:
            await self._failed(row, error)
        except Exception as error:  # noqa: BLE001
            _log.exception("telegram_update_failed", update=row.update_id)
            await self._failed(row, NeighbourError("internal", type(error).__name__))
        else:
            await self._settle(row, DONE, None)
        finally:
            await stop([keeper])

    async def _keep_lease(self, update_id: int) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            ours = update(TelegramUpdate).where(
                TelegramUpdate.update_id == update_id, TelegramUpdate.lease_owner == self._me
            )
            async with self._services.db.write() as session:
                await session.execute(ours.values(lease_until=self._services.clock() + LEASE))

    async def _failed(self, row: TelegramUpdate, error: NeighbourError) -> None:
        """Tries again with back-off while there is hope, then says so to the person."""
        _log.warning("telegram_update_put_back", update=row.update_id, attempt=row.attempts, cause=error.code)
        late = self._services.clock() > row.received_at + _PATIENCE
        hopeless = error.permanent or late or (error.code == "internal" and row.attempts >= _MOST_FAULTS)
        if not hopeless:
            await self._put_back(row, error.retry_after or min(_LONGEST_BACK_OFF, 0.5 * 2.0**row.attempts), error.code)
            return
        try:
            await self._give_up(row.payload or {})
        except Exception:  # noqa: BLE001
            _log.exception("telegram_giving_up_failed", update=row.update_id)
        await self._settle(row, FAILED, error.code)

    async def _put_back(self, row: TelegramUpdate, seconds: float, cause: str | None) -> None:
        async with self._services.db.write() as session:
            kept = await session.get_one(TelegramUpdate, row.update_id)
            kept.lease_owner = kept.lease_until = None
            kept.next_attempt_at = self._services.clock() + timedelta(seconds=seconds)
            kept.error = cause

    async def _settle(self, row: TelegramUpdate, status: str, cause: str | None) -> None:
        """Only the number stays, by which it is known when it comes again."""
        async with self._services.db.write() as session:
            kept = await session.get_one(TelegramUpdate, row.update_id)
            kept.status, kept.error = status, cause
            kept.payload = kept.chat_id = kept.lease_owner = kept.lease_until = None


async def _follows_a_gap(session: AsyncSession, update_id: int) -> bool:
    """Whether updates right before this one have not come, though earlier ones have."""
    before = select(func.max(TelegramUpdate.update_id)).where(TelegramUpdate.update_id < update_id)
    last = (await session.execute(before)).scalar_one_or_none()
    return last is not None and 1 < update_id - last <= _WIDEST_GAP
