"""Runs the turns: one at a time for a conversation, many conversations at once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from bot import notify
from bot.background import beside, every, stop
from bot.errors import NeighbourError
from bot.services import Services
from bot.turns.claim import LEASE, Claimed, claim_next, give_back_all, put_back, renew, waiting_conversations
from bot.turns.commit import commit_failure
from bot.turns.turn import carry_out

_SWEEP_SECONDS = 1.0
_LONGEST_BACK_OFF = 4.0
_log = structlog.get_logger()


class TurnRunner:
    """Wakes when a message arrives, and sweeps the record for turns that a dead process left behind."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._me = secrets.token_hex(8)
        self._since = services.clock()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._places = asyncio.Semaphore(services.settings.turns_at_once)

    def wake(self, conversation_id: str) -> None:
        """There may be something to do in this conversation."""
        if conversation_id in self._tasks:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._drain(conversation_id))
        self._tasks[conversation_id] = task
        task.add_done_callback(lambda _: self._finished(conversation_id))

    def _finished(self, conversation_id: str) -> None:
        self._tasks.pop(conversation_id, None)
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.wake(conversation_id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sweeps while the block lasts; turns under way are left to the next process when it ends."""
        async with beside(every(_SWEEP_SECONDS, "turn_sweep", self._sweep)):
            yield
        self._again.clear()
        await stop(self._tasks.values())
        await give_back_all(self._services, self._me)

    async def _sweep(self) -> None:
        for conversation_id in await waiting_conversations(self._services):
            self.wake(conversation_id)

    async def _drain(self, conversation_id: str) -> None:
        while True:
            async with self._places:
                claimed = await claim_next(self._services, self._me, conversation_id)
                if isinstance(claimed, Claimed):
                    await self._one(claimed)
                    continue
            if claimed is None:
                return
            # Outside the places: those who wait for a Rasa that is away must not hold up the others.
            await asyncio.sleep(max(0.01, min(1.0, (claimed - self._services.clock()).total_seconds())))

    async def _one(self, claimed: Claimed) -> None:
        conversation_id = claimed.conversation.id
        keeper = asyncio.create_task(self._keep_lease(claimed.turn.id))
        notify.typing(self._services, conversation_id, "bot", True)
        try:
            await carry_out(self._services, self._me, claimed)
        except NeighbourError as error:
            await self._failed(claimed, error)
        except Exception as error:  # noqa: BLE001
            _log.exception("turn_failed", turn=claimed.turn.id)
            await self._failed(claimed, NeighbourError("internal", type(error).__name__))
        finally:
            await stop([keeper])
            notify.typing(self._services, conversation_id, "bot", False)

    async def _keep_lease(self, turn_id: str) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await renew(self._services, self._me, turn_id)

    async def _failed(self, claimed: Claimed, error: NeighbourError) -> None:
        """Tries again with back-off while the customer can be expected to wait, then says so."""
        turn = claimed.turn
        # A turn that a dead process left behind has not been tried in the meantime: its patience begins with ours.
        waited = (self._services.clock() - max(turn.created_at, self._since)).total_seconds()
        _log.warning(
            "turn_attempt_failed", turn=turn.id, attempt=turn.attempts, cause=error.code, waited=round(waited, 1)
        )
        if error.permanent or waited >= self._services.settings.turn_retry_seconds:
            await commit_failure(self._services, self._me, claimed, error.code)
            return
        delay = min(_LONGEST_BACK_OFF, 0.25 * 2 ** (turn.attempts - 1))
        await put_back(self._services, self._me, turn.id, delay, error.code)
