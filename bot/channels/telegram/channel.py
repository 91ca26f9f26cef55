"""The channel itself: what it is to the rest of bot, and its two ways to hear of updates."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, Self

import structlog
from aiohttp import web

from bot.background import beside, every, stop
from bot.channels.door import Door
from bot.channels.protocol import Channel
from bot.channels.telegram.api import Api
from bot.channels.telegram.handling import Handling, chat_id_of
from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.places import LOOK_EVERY_SECONDS, move_on
from bot.channels.telegram.polling import polling
from bot.channels.telegram.registering import PATH, registered
from bot.channels.telegram.sending import Sending
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.typing import Typing
from bot.errors import NeighbourError, Refusal
from bot.web.reading import body_of

Json = dict[str, Any]
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  a header's name
# Within the minute for which the outbox holds a message: nobody else may begin to send it meanwhile.
_LONGEST_DELIVERY = 45.0
_ASIDE_TRIES = 5
_LARGEST_ID = 2**63 - 1
_log = structlog.get_logger()


class TelegramChannel(Channel):
    """Others keep the history of its chats: nothing personal is shown or asked there."""

    name = "telegram"
    confidential = False
    opens_by_link = True
    settings_class = TelegramSettings

    def __init__(self, settings: TelegramSettings) -> None:
        self._settings = settings
        self._aside: set[asyncio.Task[None]] = set()
        self._username: str | None = None

    @classmethod
    def configured(cls) -> Self | None:
        """With TELEGRAM_TOKEN alone. Raises ``pydantic.ValidationError``."""
        settings = TelegramSettings()
        return cls(settings) if settings.telegram_token else None

    def routes(self) -> Iterable[web.RouteDef]:
        """The webhook; with long polling there is none."""
        return [web.post(PATH, self._webhook)] if self._settings.telegram_mode == "webhook" else []

    @asynccontextmanager
    async def running(self, door: Door) -> AsyncIterator[None]:
        """Hears of updates and handles them while the block lasts."""
        self.door = door
        services, api = door.services, Api(self._settings)
        typing = Typing(services, api)
        handling = Handling(door, api, typing, self._run_aside)
        self._api, self._sending = api, Sending(door, api)
        self.inbox = Inbox(services, handling.handle, handling.give_up)
        work = [
            registered(services, api, self._settings),
            every(LOOK_EVERY_SECONDS, "telegram_places", partial(move_on, services, api)),
        ]
        if self._settings.telegram_mode == "polling":
            work.append(polling(services, api, self.inbox))
        async with AsyncExitStack() as stack:
            for part in (api.running(), typing.running(), self.inbox.running(), beside(*work)):
                await stack.enter_async_context(part)
            stack.push_async_callback(self._end_aside)
            yield

    async def deep_link(self, token: str) -> str | None:
        """``https://t.me/<bot>?start=<token>``. Raises ``NeighbourError`` while the bot's name can't be asked."""
        if self._username is None:
            self._username = await self._api.username()
        return f"https://t.me/{self._username}?start={token}"

    async def deliver(self, conversation_id: str, message: Json) -> None:
        """Raises ``NeighbourError``."""
        try:
            async with asyncio.timeout(_LONGEST_DELIVERY):
                await self._sending.send(conversation_id, message)
        except TimeoutError as error:
            raise NeighbourError("timeout", "the delivery took too long") from error

    async def _webhook(self, request: web.Request) -> web.Response:
        """Stores an update before Telegram is thanked for it: what we could not store comes again."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(errors="replace"), self._settings.telegram_secret.encode()):
            _log.warning("telegram_webhook_refused")
            raise web.HTTPForbidden
        update = await body_of(request)
        update_id, chat_id = update.get("update_id"), chat_id_of(update)
        if not isinstance(update_id, int) or isinstance(update_id, bool) or not 0 <= update_id <= _LARGEST_ID:
            raise Refusal("bad_request", 422)
        if chat_id is not None and abs(chat_id) <= _LARGEST_ID:
            await self.inbox.keep(update_id, chat_id, update)
        return web.Response()

    def _run_aside(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(_tried(work))
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def _end_aside(self) -> None:
        await stop(list(self._aside))


async def _tried(work: Callable[[], Awaitable[None]]) -> None:
    """Tries a few times, as long as Telegram asks for; what is not done then can be done without."""
    for attempt in range(_ASIDE_TRIES):
        try:
            await work()
        except NeighbourError as error:
            if error.permanent:
                return
            await asyncio.sleep(error.retry_after or 0.5 * 2.0**attempt)
        except Exception:  # noqa: BLE001
            _log.exception("telegram_aside_failed")
            return
        else:
            return
