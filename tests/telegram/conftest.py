"""A bot process with Telegram, whose far side is the fake Bot API server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.registry import default_channels
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.settings import TelegramSettings
from tests.bot.conftest import Bot, company, empty_record, make_bot, valkey
from tests.telegram.fake_api import TOKEN, FakeTelegram
from tests.telegram.person import SECRET, Person

__all__ = ["company", "empty_record", "make_bot", "valkey"]


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    fake = FakeTelegram()
    server = await fake.start()
    yield fake
    await server.close()


@pytest.fixture
def on_telegram(telegram: FakeTelegram, make_bot: Any) -> Any:
    """``await on_telegram(**settings)``: one more bot process on this Telegram."""

    async def make(mode: str = "webhook", token: str = TOKEN, **settings: Any) -> Bot:
        given = {"telegram_token": token, "telegram_secret": SECRET, "telegram_api_url": telegram.url}
        channel = TelegramChannel(TelegramSettings.model_validate({**given, "telegram_mode": mode}))
        started: Bot = await make_bot(channels={**default_channels(), "telegram": channel}, **settings)
        return started

    return make


@pytest.fixture
async def camille(on_telegram: Any, telegram: FakeTelegram) -> Person:
    """Somebody who has just pressed START and read the greeting."""
    person = Person(telegram, await on_telegram())
    await person.ask("/start")
    return person
