"""What both live doors share: the first frame, reading and writing side by side."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from bot.background import stop

FIRST_FRAME_SECONDS = 10.0
HEARTBEAT_SECONDS = 20.0
UNAUTHORISED = 4401
LARGEST_FRAME = 64 * 1024

Json = dict[str, Any]
_log = structlog.get_logger()


def open_socket(heartbeat: float = HEARTBEAT_SECONDS) -> web.WebSocketResponse:
    """A socket with a heartbeat (seconds), so that a vanished reader is noticed."""
    return web.WebSocketResponse(heartbeat=heartbeat, max_msg_size=LARGEST_FRAME)


async def first_frame(socket: web.WebSocketResponse) -> Json:
    """The reader's first frame; empty when none of the right form comes in time."""
    try:
        async with asyncio.timeout(FIRST_FRAME_SECONDS):
            message = await socket.receive()
    except TimeoutError:
        return {}
    return parse(message.data) if message.type is WSMsgType.TEXT else {}


def parse(raw: Any) -> Json:
    """A frame's JSON object; empty for anything else."""
    try:
        frame = json.loads(raw)
    except (ValueError, TypeError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}


async def both_ways(
    socket: web.WebSocketResponse, write: Coroutine[Any, Any, None], hear: Callable[[Json], Awaitable[None]]
) -> None:
    """Runs ``write`` and hands each incoming frame to ``hear`` until the reader leaves or one of the two fails.

    The line is closed then: a reader comes back and catches up, where an open line that says nothing would be trusted.
    """

    async def listen() -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await hear(parse(message.data))

    tasks = [asyncio.create_task(write), asyncio.create_task(listen())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await stop(tasks)
    for error in filter(None, (task.exception() for task in done)):
        # Writing to a reader who has just left is no failure.
        if not isinstance(error, ConnectionError):
            _log.error("live_line_failed", exc_info=error)
    await socket.close(code=WSCloseCode.INTERNAL_ERROR)
