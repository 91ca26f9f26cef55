"""Closing what a browser holds, without waiting for ever for a page that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

CLOSE_SECONDS = 15


async def closed(closing: Awaitable[None]) -> None:
    """Waits for a page, context or browser to close; one that hangs is left to the end of its browser."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await closing
