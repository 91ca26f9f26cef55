"""What Telegram is told at the start: the commands in each language, and where updates are to go."""

from __future__ import annotations

import asyncio

import structlog
import telegram
from telegram.error import TelegramError

from bot.channels.telegram.api import Api, fault
from bot.channels.telegram.commands import listed
from bot.channels.telegram.handling import ALLOWED
from bot.channels.telegram.settings import TelegramSettings
from bot.services import Services
from bot.texts import LOCALES

PATH = "/channels/telegram/webhook"
_LONGEST_BACK_OFF = 300.0
_MOST_CONNECTIONS = 40
_log = structlog.get_logger()


async def registered(services: Services, api: Api, settings: TelegramSettings) -> None:
    """Tells it, again and again until Telegram took it: we start while it is away, too."""
    attempt = 0
    while True:
        try:
            await _tell(services, api.bot, settings)
        except TelegramError as error:
            cause, attempt = fault(error), attempt + 1
            # The library's own words say what is wrong with an address; a token is never in them.
            _log.warning("telegram_not_registered", cause=cause.code, said=str(error)[:200], attempt=attempt)
            await asyncio.sleep(cause.retry_after or min(_LONGEST_BACK_OFF, 2.0**attempt))
        else:
            _log.info("telegram_registered", mode=settings.telegram_mode)
            return


async def _tell(services: Services, bot: telegram.Bot, settings: TelegramSettings) -> None:
    first = services.service.brand.languages[0]
    for code, locale in ((None, first), *((each, each) for each in LOCALES)):
        await bot.set_my_commands(listed(locale), language_code=code)
    if settings.telegram_mode == "polling":
        # With a webhook set, getUpdates is refused; what waits there is kept.
        await bot.delete_webhook(drop_pending_updates=False)
        return
    await bot.set_webhook(
        services.settings.public_url + PATH,
        secret_token=settings.telegram_secret,
        allowed_updates=list(ALLOWED),
        max_connections=_MOST_CONNECTIONS,
    )
