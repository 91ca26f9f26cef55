"""Many who ask for the same thing at once are answered by one look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Found = TypeVar("Found")


class Shared(Generic[Found]):
    """Calls that come while a look is under way share the next one: each sees all that was written before it asked."""

    def __init__(self, look: Callable[[], Awaitable[Found]]) -> None:
        self._look = look
        self._running: asyncio.Task[Found] | None = None
        self._next: asyncio.Task[Found] | None = None

    async def __call__(self) -> Found:
        """What the look found, or what it raised; a caller who leaves disturbs nobody."""
        if self._next is None and self._running is not None and not self._running.done():
            self._next = asyncio.create_task(self._after(self._running))
        if self._next is not None:
            return await asyncio.shield(self._next)
        self._running = asyncio.create_task(self._first())
        return await asyncio.shield(self._running)

    async def settled(self) -> None:
        """Waits for what is under way, before what it looks at is closed."""
        for task in (self._running, self._next):
            if task is not None and not task.done():
                await asyncio.wait({task})

    @property
    def busy(self) -> bool:
        """Whether a look is under way."""
        return any(task is not None and not task.done() for task in (self._running, self._next))

    async def _first(self) -> Found:
        return await self._look()

    async def _after(self, before: asyncio.Task[Found]) -> Found:
        await asyncio.wait({before})
        self._running, self._next = self._next, None
        return await self._look()


class SharedBy(Generic[Key, Found]):
    """The same for many things, each known by its key."""

    def __init__(self, look: Callable[[Key], Awaitable[Found]]) -> None:
        self._look = look
        self._asked: dict[Key, tuple[Shared[Found], int]] = {}
        self._unheard: set[asyncio.Task[None]] = set()

    async def __call__(self, key: Key) -> Found:
        """What the look at ``key`` found, or what it raised."""
        shared, asking = self._asked.get(key) or (Shared(lambda: self._look(key)), 0)
        self._asked[key] = shared, asking + 1
        try:
            return await shared()
        finally:
            shared, asking = self._asked.pop(key)
            if asking > 1:
                self._asked[key] = shared, asking - 1
            elif shared.busy:
                # Everybody who asked may have left while the look goes on.
                last = asyncio.create_task(shared.settled())
                self._unheard.add(last)
                last.add_done_callback(self._unheard.discard)

    async def settled(self) -> None:
        """Waits for what is under way, before what it looks at is closed."""
        for shared, _ in list(self._asked.values()):
            await shared.settled()
        for last in list(self._unheard):
            await last
