"""The customer's live connection: the same messages as ``GET …/messages``, typing and state, pushed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from bot import notify
from bot.conversations.messages import messages_after, public
from bot.conversations.reading import mark
from bot.conversations.state import state_of
from bot.db.models import Conversation
from bot.errors import Refusal
from bot.identity.tokens import check_conversation, is_over
from bot.live import Event
from bot.services import Services, services_of
from bot.web.reading import LARGEST_SEQ
from bot.web.sockets import UNAUTHORISED, both_ways, first_frame, open_socket

routes = web.RouteTableDef()
# A wait is told anew so often; nobody else needs a look without a hint (``bot/missed.py`` is under those).
_COUNT_AGAIN_SECONDS = 5.0
_BREATH_SECONDS = 0.03


@routes.get("/api/v1/conversations/{id}/live")
async def live(request: web.Request) -> web.WebSocketResponse:
    """First frame ``{token, after}``; closed with 4401 when the token is not good."""
    services = services_of(request)
    conversation_id = request.match_info["id"]
    socket = open_socket()
    await socket.prepare(request)
    frame = await first_frame(socket)
    after = frame.get("after")
    first = min(after, LARGEST_SEQ) if isinstance(after, int) and after >= 0 else 0
    reader = _Reader(services, socket, conversation_id, first)
    if not await reader.may_read(frame.get("token")):
        await socket.close(code=UNAUTHORISED)
        return socket
    await both_ways(socket, reader.write(), reader.hear)
    return socket


class _Reader:
    def __init__(self, services: Services, socket: web.WebSocketResponse, conversation_id: str, after: int) -> None:
        self._services = services
        self._socket = socket
        self._id = conversation_id
        self._after = after
        self._state: dict[str, Any] | None = None
        self._typing = (False, 0)
        self._made = 0.0

    async def may_read(self, token: object) -> bool:
        try:
            secret = self._services.settings.relais_secret
            self._made = check_conversation(secret, str(token), self._id, self._services.clock())
        except Refusal:
            return False
        async with self._services.db.read() as session:
            conversation = await session.get(Conversation, self._id)
        return conversation is not None and not is_over(conversation, self._made)

    async def hear(self, frame: dict[str, Any]) -> None:
        # Only a human cares who types, and a page gone wild must not push other news out of the desk's line.
        if frame.get("type") != "typing" or self._state is None or self._state["owner"] == "bot":
            return
        typing = (bool(frame.get("on")), int(time.monotonic()))
        if typing != self._typing:
            self._typing = typing
            notify.typing(self._services, self._id, "customer", typing[0])

    async def write(self) -> None:
        # Subscribed before the first look, so that nothing falls between the two.
        with self._services.live.subscribe(self._id) as events:
            await self._catch_up(first=True)
            while True:
                try:
                    async with asyncio.timeout(_COUNT_AGAIN_SECONDS if self._waits else None):
                        event = await events.get()
                except TimeoutError:
                    await self._catch_up()
                    continue
                moved = False
                # What came meanwhile is answered by the same look.
                for each in [event, *_waiting(events)]:
                    if each["type"] == "typing":
                        await self._show_typing(each)
                    moved |= each["type"] != "typing"
                if moved:
                    await self._catch_up()

    @property
    def _waits(self) -> bool:
        return self._state is not None and self._state["owner"] == "queue"

    async def _show_typing(self, event: dict[str, Any]) -> None:
        if event["author"] != "customer":
            await self._socket.send_json({"type": "typing", "author": event["author"], "on": event["on"]})

    async def _catch_up(self, *, first: bool = False) -> None:
        if first:
            await self._show_state("ready")
        async with self._services.db.read() as session:
            messages = await messages_after(session, self._id, self._after)
        for message in messages:
            await self._socket.send_json({"type": "message", "message": public(message)})
            self._after = message.seq
        if not first:
            # After what was said, and after the advisor who is to answer has been shown it: nobody waits for a place
            # in the queue to be counted.
            await asyncio.sleep(_BREATH_SECONDS)
            await self._show_state("state")
            if any(message.author == "advisor" for message in messages):
                await mark(self._services, self._id, delivered=self._after)

    async def _show_state(self, kind: str) -> None:
        async with self._services.db.read() as session:
            conversation = await session.get_one(Conversation, self._id)
            state = await state_of(self._services, session, conversation)
        if is_over(conversation, self._made):
            await self._socket.close(code=UNAUTHORISED)
            raise ConnectionResetError("signed out")
        if kind == "ready" or state != self._state:
            await self._socket.send_json({"type": kind, "state": state})
        self._state = state


def _waiting(events: asyncio.Queue[Event]) -> Iterator[Event]:
    while not events.empty():
        yield events.get_nowait()
