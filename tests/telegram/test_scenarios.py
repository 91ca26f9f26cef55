"""The ten scenarios on Telegram: the whole product, and the fake Bot API server on its far side."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from tests.harness import Stack, free_port
from tests.scenarios.playing import ALWAYS, House
from tests.scenarios.ten import TEN
from tests.telegram.fake_api import TOKEN, FakeTelegram
from tests.telegram.guest import TelegramGuest
from tests.telegram.person import SECRET, Person, push

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


async def test_a_bot_killed_in_the_middle_loses_nothing_and_keeps_the_order(house: tuple[House, FakeTelegram]) -> None:
    around, fake = house
    stack = around.stack
    async with aiohttp.ClientSession(stack.bot_url) as client:
        person = Person(fake, SimpleNamespace(client=client), next(_people))
        guest = TelegramGuest(person, around.http, stack)
        await guest.arrives()
        texts = [f"quels sont les délais de livraison vers la zone {number} ?" for number in range(1, 11)]
        for number, text in enumerate(texts):
            await until_taken(client, person.update(message=person.message(text=text)))
            if number == 4:
                await asyncio.to_thread(stack.kill, "bot")
        await until_taken(client, person.update(message=person.message(text="/conseiller")))
        row, _ = await around.takes()
        await guest.reads("Claire a rejoint")
        claire = await around.advisor()
        _, found = await claire.call("GET", f"conversations/{row['conversation_id']}/messages")
        said = [message for message in found["messages"] if not message.get("internal")]
        assert [message["text"] for message in said if message["author"] == "customer"][:-1] == texts
        ours = [message["text"] for message in said if message["author"] != "customer"]
        # What was on its way in the moment of the kill may stand there twice; nothing else may, and nothing is missing.
        assert 0 <= len(person.reads) - len(ours) <= 1, (person.reads, ours)
        await claire.release(row["handoff_id"])


async def until_taken(client: aiohttp.ClientSession, update: dict[str, Any]) -> None:
    """As Telegram does: sent again until it was thanked for."""
    async with asyncio.timeout(90):
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                if await push(client, update) == 200:
                    return
            await asyncio.sleep(0.1)
