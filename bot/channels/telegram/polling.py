"""Long polling, for a laptop that Telegram cannot reach. One process polls; the others are ready to."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress

import structlog
from redis.exceptions import RedisError
from telegram.error import TelegramError

from bot.channels.telegram.api import Api, fault
from bot.channels.telegram.handling import ALLOWED, chat_id_of
from bot.channels.telegram.inbox import Inbox
from bot.services import Services

_KEY = "relais:telegram:poller"
# Longer than one call takes; who dies is followed after this time, who stops in order at once.
_HELD_SECONDS = 40
_WAIT_SECONDS = 25
_LOOK_SECONDS = 1.0
_LONGEST_BACK_OFF = 30.0
_log = structlog.get_logger()


async def polling(services: Services, api: Api, inbox: Inbox) -> None:
    """Asks for updates without end. They are stored before the next call tells Telegram that they came."""
    me = secrets.token_hex(8)
    try:
        await _poll(services, api, inbox, me)
    finally:
        await _let_go(services, me)


async def _poll(services: Services, api: Api, inbox: Inbox, me: str) -> None:
    offset, failures = None, 0
    while True:
        if not await _ours(services, me):
            await asyncio.sleep(_LOOK_SECONDS)
            continue
        try:
            updates = await api.bot.get_updates(
                offset=offset,
                timeout=_WAIT_SECONDS,
                read_timeout=_WAIT_SECONDS + 10.0,
                allowed_updates=list(ALLOWED),
            )
            for update in updates:
                payload = update.to_dict()
                chat_id = chat_id_of(payload)
                if chat_id is not None:
                    await inbox.keep(update.update_id, chat_id, payload)
                offset = update.update_id + 1
            failures = 0
        except TelegramError as error:
            failures, cause = failures + 1, fault(error)
            _log.warning("telegram_polling_failed", cause=cause.code)
            await asyncio.sleep(cause.retry_after or min(_LONGEST_BACK_OFF, 2.0**failures))
        except Exception:  # noqa: BLE001  the record may be away: what was not stored comes again
            _log.exception("telegram_polling_broke")
            await asyncio.sleep(1.0)


async def _ours(services: Services, me: str) -> bool:
    """Whether this process is the one that polls; with the switchboard away it tries, and is refused if it is not."""
    if services.redis is None:
        return True
    try:
        if await services.redis.set(_KEY, me, nx=True, ex=_HELD_SECONDS):
            return True
        if await services.redis.get(_KEY) != me.encode():
            return False
        await services.redis.expire(_KEY, _HELD_SECONDS)
    except (RedisError, OSError):
        return True
    return True


async def _let_go(services: Services, me: str) -> None:
    with suppress(RedisError, OSError):
        if services.redis is not None and await services.redis.get(_KEY) == me.encode():
            await services.redis.delete(_KEY)
