"""One turn at a time for a conversation; whoever waits is woken at once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError


class QueueLockStore(InMemoryLockStore):
    """Locks of this process, served in the order of asking.

    Rasa's own look again once a second, so four messages at once take three seconds; and they let the next one in when
    a turn takes longer than the lock lives, whereupon one of both is lost. Here the next one is refused (LockError).
    """

    def __init__(self, endpoint_config: Any = None) -> None:  # noqa: ARG002 - Rasa hands it over
        super().__init__()
        if os.environ.get("SANIC_WORKERS", "1").strip() not in ("", "1"):
            raise LockError("SANIC_WORKERS must be 1: conversations are locked within one process.")
        self._held: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,  # noqa: ARG002 - nobody looks again: the one before wakes the next
    ) -> AsyncGenerator[TicketLock, None]:
        """Raises LockError after `lock_lifetime` seconds of waiting."""
        held = self._held.setdefault(conversation_id, asyncio.Lock())
        try:
            await asyncio.wait_for(held.acquire(), lock_lifetime)
        except asyncio.TimeoutError as error:
            raise LockError(f"The turn before took longer than {lock_lifetime:g} s.") from error
        try:
            yield TicketLock(conversation_id)
        finally:
            held.release()
