"""The ten scenarios on Telegram: the whole product, and the fake Bot API server on its far side."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace

import aiohttp
import pytest

from tests.harness import Stack, free_port
from tests.scenarios.playing import ALWAYS, House
from tests.scenarios.ten import TEN
from tests.telegram.fake_api import TOKEN, FakeTelegram
from tests.telegram.guest import TelegramGuest
from tests.telegram.person import SECRET, Person

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
_people = itertools.count(70_001)


@pytest.fixture(scope="module")
def product() -> Iterator[tuple[Stack, int]]:
    """The product, and the port on which it looks for Telegram: it starts while nobody answers there."""
    port = free_port(1)
    settings = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_SECRET": SECRET, "TELEGRAM_API_URL": f"http://127.0.0.1:{port}"}
    with Stack(settings) as stack:
        yield stack, port


@pytest.fixture(scope="module")
async def house(product: tuple[Stack, int]) -> AsyncIterator[tuple[House, FakeTelegram]]:
    stack, port = product
    fake = FakeTelegram()
    server = await fake.start(port)
    async with aiohttp.ClientSession() as http:
        made = House(http, stack, "telegram")
        await made.opens(ALWAYS)
        yield made, fake
    await server.close()


@pytest.mark.parametrize("name", TEN)
async def test_scenario(house: tuple[House, FakeTelegram], name: str) -> None:
    around, fake = house
    async with aiohttp.ClientSession(around.stack.bot_url) as client:
        person = Person(fake, SimpleNamespace(client=client), next(_people))
        guest = TelegramGuest(person, around.http, around.stack)
        await guest.arrives()
        await TEN[name](guest, around)
