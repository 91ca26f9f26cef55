"""Tasks that run beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

_uninterrupted: set[asyncio.Task[Any] | None] = set()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """``stop`` waits for the end of the block: a transaction cut off in its middle may keep the record locked."""
    task = asyncio.current_task()
    nested = task in _uninterrupted
    _uninterrupted.add(task)
    try:
        yield
    finally:
        if not nested:
            _uninterrupted.discard(task)


async def stop(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels and waits; again for those that lost the cancellation (redis-py turns it into its own time-out)."""
    pending = set(tasks)
    while pending:
        for task in pending:
            while task in _uninterrupted and not task.done():
                await asyncio.wait({task}, timeout=0.005)
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=1.0)


@asynccontextmanager
async def beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs ``work`` while the block lasts."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        await stop(tasks)
