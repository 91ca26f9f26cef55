"""Tasks that run beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import structlog

RETRY_SECONDS = 60.0
_log = structlog.get_logger()
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


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Runs ``work`` at once and waits for all; stopped, it stops them as ``stop`` does, which ``gather`` would not.

    Raises what the first of them that failed raised.
    """
    tasks = [asyncio.create_task(one) for one in work]
    try:
        if tasks:
            await asyncio.wait(tasks)
    finally:
        # A second cancellation must not find this half done.
        with uninterrupted():
            await stop(task for task in tasks if not task.done())
    failures = [task.exception() for task in tasks if not task.cancelled()]
    for failure in failures:
        if failure is not None:
            raise failure


async def every(seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
    """Does ``work``, waits so many seconds, and again until it is stopped.

    A failure is in the log as ``<name>_failed`` and ends nothing: what is due stays due, and what is seldom done is
    tried again within ``RETRY_SECONDS``.
    """
    while True:
        wait = seconds
        try:
            await work()
        except Exception:  # noqa: BLE001  the record or the switchboard may be away for a moment
            _log.exception(f"{name}_failed")
            wait = min(seconds, RETRY_SECONDS)
        await asyncio.sleep(wait)


@asynccontextmanager
async def beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs ``work`` while the block lasts."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        await stop(tasks)
