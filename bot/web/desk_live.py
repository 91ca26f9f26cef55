"""The desk's live line: everything that moves, told to whoever is signed in for as long as they are."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import structlog
from aiohttp import web

from bot.accounts.sessions import ENDED
from bot.background import beside
from bot.conversations.state import state_of
from bot.db.models import Conversation
from bot.handoff import presence
from bot.handoff.listing import row_of
from bot.live import DESK
from bot.services import SERVICES, Services
from bot.users import session_for
from bot.web.desk_session import COOKIE
from bot.web.keys import HEARERS, STATES
from bot.web.sockets import UNAUTHORISED, both_ways, first_frame, open_socket

routes = web.RouteTableDef()
_log = structlog.get_logger()
Json = dict[str, Any]
# The end of a session is told at once (ENDED); this bounds what a line still hears when that hint is lost.
_LOOK_AGAIN_SECONDS = 1.0


@routes.get("/api/v1/desk/live")
async def live(request: web.Request) -> web.WebSocketResponse:
    """Everything that moves at the desk. The token is the cookie's, or in the first frame."""
    socket = open_socket(heartbeat=presence.SEEN_EVERY_SECONDS)
    await socket.prepare(request)
    token = request.cookies.get(COOKIE) or (await first_frame(socket)).get("token")
    if token:
        line = _Line(request.app, socket, str(token))
        with request.app[HEARERS].listening(str(token)):
            async with beside(line.say_alive()):
                await both_ways(socket, line.write(), _ignore)
    else:
        await socket.close(code=UNAUTHORISED)
    return socket


async def state_by_id(services: Services, conversation_id: str) -> Json:
    """``{state, row}`` of a conversation as the desk's list shows it, for every line that tells of it."""
    async with services.db.read() as session:
        conversation = await session.get(Conversation, conversation_id)
        if conversation is None:  # erased between the event and now: it leaves the list
            return {"state": None, "row": None}
        # Places in the queue are the customers' own business: an advisor sees the queue.
        state = await state_of(services, session, conversation, place=False)
        row = await row_of(services, session, conversation_id) if conversation.owner != "bot" else None
        return {"state": state, "row": row}


class _Line:
    def __init__(self, app: web.Application, socket: web.WebSocketResponse, token: str) -> None:
        self._services, self._states, self._hearers = app[SERVICES], app[STATES], app[HEARERS]
        self._socket, self._token = socket, token
        self._hearer: str | None = None
        self._looked_at = float("-inf")

    async def write(self) -> None:
        with self._services.live.subscribe(DESK) as events:
            news: Json = {"type": "ready"}
            # A session that has ended hears nothing more.
            while hearer := await self._whose(again=news["type"] == ENDED):
                # What is meant for one person is nobody else's.
                if news["type"] != ENDED and news.get("to") in (None, hearer):
                    await self._socket.send_json(await self._with_state(news))
                news = await events.get()
            await self._socket.close(code=UNAUTHORISED)

    async def say_alive(self) -> None:
        """Says that this person's line is alive while it is; closes it when the end of its session was missed."""
        services = self._services
        while True:
            try:
                found = await session_for(services.db, services.clock, self._token)
                if found is None:
                    await self._socket.close(code=UNAUTHORISED)
                    return
                await presence.seen(services, found[0].id)
            except Exception:  # noqa: BLE001  the record may be away for a moment; the line is alive all the same
                _log.exception("presence_not_noted")
            # Well within the time after which somebody is taken to be gone, however short that was set.
            gone_after = services.service.handoff.gone_after_seconds
            await asyncio.sleep(min(presence.SEEN_EVERY_SECONDS, gone_after / 3))

    async def _whose(self, *, again: bool) -> str | None:
        now = time.monotonic()
        if again or now - self._looked_at > _LOOK_AGAIN_SECONDS:
            self._hearer = await self._hearers.whose(self._token)
            self._looked_at = now
        return self._hearer

    async def _with_state(self, event: Json) -> Json:
        if event["type"] != "state":
            return event
        return event | await self._states(event["conversation_id"])


async def _ignore(frame: Json) -> None:
    """The desk speaks by HTTP; what it sends here keeps the line open."""
