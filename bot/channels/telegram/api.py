"""The Bot API, by python-telegram-bot: its errors as ours, and silence where it asked for it."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

import structlog
import telegram
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from bot.channels.telegram.settings import TelegramSettings
from bot.errors import NeighbourError

Result = TypeVar("Result")
_log = structlog.get_logger()
# A server that is slow is better waited for than asked twice: what was asked twice may be shown twice.
_READ_SECONDS = 20.0
_POLL_CONNECTIONS = 2
_UNMODIFIED = "message is not modified"
_NO_CHAT = ("chat not found", "user not found", "peer_id_invalid")


def fault(error: TelegramError) -> NeighbourError:
    """What went wrong, and whether to try again."""
    text = str(error).lower()
    if isinstance(error, RetryAfter):
        return NeighbourError("flood", str(error), retry_after=seconds_of(error))
    if isinstance(error, Forbidden):
        return NeighbourError("deactivated" if "deactivated" in text else "blocked", str(error), permanent=True)
    if isinstance(error, BadRequest):
        return NeighbourError("no_chat" if any(each in text for each in _NO_CHAT) else "refused", text, permanent=True)
    if isinstance(error, InvalidToken):
        # The operator's fault, not this message's: it goes out once the token is mended.
        return NeighbourError("bad_token", "the Bot API refuses TELEGRAM_TOKEN", retry_after=60.0)
    if isinstance(error, TimedOut):
        return NeighbourError("timeout", type(error).__name__)
    return NeighbourError("conflict" if isinstance(error, Conflict) else "unreachable", type(error).__name__)


def seconds_of(error: RetryAfter) -> float:
    """How long we were asked to be quiet."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)


class Api:
    """Calls of one process. After a 429 nothing goes out to that chat before its time."""

    def __init__(self, settings: TelegramSettings) -> None:
        # The library's coming way of giving durations; the old one is a warning by now.
        os.environ.setdefault("PTB_TIMEDELTA", "true")
        self._requests = [
            HTTPXRequest(size, read_timeout=_READ_SECONDS, write_timeout=_READ_SECONDS, pool_timeout=5.0)
            for size in (_POLL_CONNECTIONS, 64)
        ]
        url = settings.telegram_api_url
        self.bot = telegram.Bot(
            settings.telegram_token,
            base_url=f"{url}/bot",
            base_file_url=f"{url}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )
        self._quiet_until: dict[int, float] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Its connections are open while the block lasts. Nothing is asked: Telegram may be away when we start."""
        for request in self._requests:
            await request.initialize()
        try:
            yield
        finally:
            for request in self._requests:
                await request.shutdown()

    async def ask(self, chat_id: int, call: Callable[[telegram.Bot], Awaitable[Result]]) -> Result:
        """Carries out a call about a chat. Raises ``NeighbourError``."""
        left = self._quiet_until.get(chat_id, 0.0) - time.monotonic()
        if left > 0:
            raise NeighbourError("flood", "quiet was asked for", retry_after=left)
        self._quiet_until.pop(chat_id, None)
        try:
            return await call(self.bot)
        except RetryAfter as error:
            self._quiet_until[chat_id] = time.monotonic() + seconds_of(error)
            raise fault(error) from error
        except TelegramError as error:
            raise fault(error) from error

    async def username(self) -> str:
        """How our bot is called. Raises ``NeighbourError``."""
        try:
            return str((await self.bot.get_me()).username)
        except TelegramError as error:
            raise fault(error) from error

    async def edit(self, chat_id: int, call: Callable[[telegram.Bot], Awaitable[object]]) -> None:
        """The same for a change of a message that may be as it should already, or gone."""
        try:
            await self.ask(chat_id, call)
        except NeighbourError as error:
            if error.code != "refused":
                raise
            if _UNMODIFIED not in str(error):
                _log.info("telegram_edit_refused", cause=str(error))
