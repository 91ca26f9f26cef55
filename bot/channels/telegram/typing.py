"""Telegram shows that somebody types for five seconds: said again while it is so, and never more often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy import select

from bot.background import beside, stop
from bot.channels.telegram.api import Api
from bot.db.channels import ChannelThread
from bot.db.models import Message, Turn
from bot.errors import NeighbourError
from bot.live import DESK
from bot.services import Services
from bot.turns.claim import UNFINISHED

_SHOWN_SECONDS = 4.5
# Most replies are there sooner: then nothing need be said.
_FIRST_AFTER = 0.4
_LONGEST = 60.0
_log = structlog.get_logger()


class Typing:
    """``sendChatAction`` for the assistant's turns and for advisors."""

    def __init__(self, services: Services, api: Api) -> None:
        self._services = services
        self._api = api
        self._tasks: set[asyncio.Task[None]] = set()
        self._said: dict[int, float] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listens to advisors while the block lasts."""
        try:
            async with beside(self._listen()):
                yield
        finally:
            await stop(list(self._tasks))

    def awaits_reply(self, chat_id: int, message: Message) -> None:
        """Somebody wrote: until the assistant's turn is over it types."""
        self._start(self._while_at_it(chat_id, message.id))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _while_at_it(self, chat_id: int, message_id: str) -> None:
        query = select(Turn.id).where(Turn.message_id == message_id, Turn.status.in_(UNFINISHED))
        began = time.monotonic()
        await asyncio.sleep(_FIRST_AFTER)
        while time.monotonic() - began < _LONGEST:
            async with self._services.db.read() as session:
                if (await session.execute(query)).first() is None:
                    return
            await self._say(chat_id)
            await asyncio.sleep(_SHOWN_SECONDS)

    async def _listen(self) -> None:
        with self._services.live.subscribe(DESK) as events:
            while True:
                event = await events.get()
                if event["type"] == "typing" and event["author"] == "advisor" and event["on"]:
                    self._start(self._advisor(event["conversation_id"]))

    async def _advisor(self, conversation_id: str) -> None:
        async with self._services.db.read() as session:
            thread = await session.get(ChannelThread, conversation_id)
        if thread is not None and thread.channel == "telegram":
            await self._say(int(thread.address["chat_id"]))

    async def _say(self, chat_id: int) -> None:
        now = time.monotonic()
        if now - self._said.get(chat_id, -_LONGEST) < _SHOWN_SECONDS - 0.5:
            return
        self._said = {chat: at for chat, at in self._said.items() if now - at < _SHOWN_SECONDS} | {chat_id: now}
        try:
            await self._api.ask(chat_id, lambda bot: bot.send_chat_action(chat_id, "typing"))
        except NeighbourError as error:
            _log.debug("telegram_typing_not_shown", cause=error.code)
