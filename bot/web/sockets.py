"""What both live doors share: the first frame, reading and writing side by side."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiohttp import WSMsgType, web

from bot.background import stop

FIRST_FRAME_SECONDS = 10.0
HEARTBEAT_SECONDS = 20.0
UNAUTHORISED = 4401
LARGEST_FRAME = 64 * 1024

Json = dict[str, Any]


def open_socket() -> web.WebSocketResponse:
    """A socket with a heartbeat, so that a vanished reader is noticed."""
    return web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=LARGEST_FRAME)


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
    """Runs ``write`` and hands each incoming frame to ``hear`` until the reader leaves."""
    writer = asyncio.create_task(write)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await hear(parse(message.data))
            if writer.done():
                break
    finally:
        await stop([writer])
