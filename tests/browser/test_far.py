"""The chat behind a line that is cut, and beside Telegram: the whole product, a real browser."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from launch.config import OFFSETS
from tests.browser.conftest import NewPage, shot
from tests.browser.line import Line
from tests.browser.pages import Chat, DeskPage
from tests.harness import Stack, free_port
from tests.scenarios.playing import ALWAYS, House
from tests.telegram.fake_api import TOKEN, FakeTelegram
from tests.telegram.person import SECRET, Person

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]
AWAY_SECONDS = 60
ASKED = "où est passée ma commande de lampe de salon ?"
_people = itertools.count(80_001)


@pytest.fixture(scope="module")
def product() -> Iterator[tuple[Stack, int, int]]:
    """The product, the port by which browsers reach it, and the one on which it looks for Telegram."""
    first = free_port(len(OFFSETS) + 2)
    near, telegram = first + len(OFFSETS), first + len(OFFSETS) + 1
    settings = {
        "PORT": str(first),
        "PUBLIC_URL": f"http://127.0.0.1:{near}",
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_SECRET": SECRET,
        "TELEGRAM_API_URL": f"http://127.0.0.1:{telegram}",
    }
    with Stack(settings) as stack:
        yield stack, near, telegram


@pytest.fixture
async def line(product: tuple[Stack, int, int]) -> AsyncIterator[Line]:
    stack, near, _ = product
    line = Line(near, int(stack.bot_url.rsplit(":", 1)[1]))
    await line.join()
    yield line
    await line.cut()


@pytest.fixture
async def camille(product: tuple[Stack, int, int]) -> AsyncIterator[Person]:
    """Somebody with Telegram, while the house is open."""
    stack, _, port = product
    fake = FakeTelegram()
    server = await fake.start(port)
    async with aiohttp.ClientSession(stack.bot_url) as client, aiohttp.ClientSession() as http:
        await House(http, stack, "telegram").opens(ALWAYS)
        yield Person(fake, SimpleNamespace(client=client), next(_people))
    await server.close()


async def said(page: Page) -> list[str]:
    """What the customer wrote, as the chat shows it from top to bottom."""
    return [text.strip() for text in await page.locator("relais-chat .entry.customer .bubble").all_inner_texts()]


async def begun(page: Page, stack: Stack) -> Chat:
    chat = Chat(page, stack)
    await chat.visit()
    await chat.open()
    await chat.say("quels sont les délais de livraison ?")
    await chat.answered()
    return chat


async def all_stand_there(chat: Chat, texts: list[str]) -> None:
    """Each of them once, in order, answered, and so it is after a reload."""
    shown = chat.log.locator(".entry .bubble")
    await expect(shown).to_have_count(1 + 2 * len(texts), timeout=90_000)
    assert await said(chat.page) == texts
    # An answer may overtake the word that its question was received.
    await expect(chat.log.locator(".entry.sending, .entry.failed")).to_have_count(0)
    before = await chat.log.locator(".entry .bubble p").all_inner_texts()
    await chat.page.reload()
    await expect(shown).to_have_count(1 + 2 * len(texts))
    assert await chat.log.locator(".entry .bubble p").all_inner_texts() == before
    assert await said(chat.page) == texts


def questions(count: int) -> list[str]:
    return [f"quels sont les délais de livraison vers la zone {number} ?" for number in range(1, count + 1)]


async def test_a_minute_without_a_network_loses_nothing(
    product: tuple[Stack, int, int], line: Line, new_page: NewPage
) -> None:
    chat = await begun(await new_page(), product[0])
    await chat.page.context.set_offline(True)
    await line.cut()
    texts = questions(4)
    for text in texts:
        await chat.say(text)
    await expect(chat.dialog.locator(".banner[role=status]:not(.notices)")).to_contain_text("hors connexion")
    await shot(chat.page, "widget-offline")
    await asyncio.sleep(AWAY_SECONDS)
    assert await said(chat.page) == ["quels sont les délais de livraison ?", *texts], "what was typed stays in view"
    await line.join()
    await chat.page.context.set_offline(False)
    await all_stand_there(chat, ["quels sont les délais de livraison ?", *texts])


async def test_a_minute_of_silence_that_no_browser_notices_loses_nothing(
    product: tuple[Stack, int, int], line: Line, new_page: NewPage
) -> None:
    chat = await begun(await new_page(), product[0])
    line.silent()
    texts = questions(3)
    for text in texts:
        await chat.say(text)
    await asyncio.sleep(AWAY_SECONDS)
    await line.cut()
    await line.join()
    await all_stand_there(chat, ["quels sont les délais de livraison ?", *texts])


async def test_a_restarted_server_loses_nothing_and_doubles_nothing(
    product: tuple[Stack, int, int], line: Line, new_page: NewPage
) -> None:
    stack = product[0]
    chat = await begun(await new_page(), stack)
    texts = questions(6)
    for number, text in enumerate(texts):
        await chat.say(text)
        if number == 2:
            await asyncio.to_thread(stack.kill, "bot")
    await asyncio.to_thread(stack.wait_healthy, "bot")
    await all_stand_there(chat, ["quels sont les délais de livraison ?", *texts])


async def test_one_person_on_two_channels_is_one_case_until_they_undo_it(
    product: tuple[Stack, int, int], line: Line, new_page: NewPage, camille: Person
) -> None:
    stack = product[0]
    chat = await begun(await new_page(), stack)
    await camille.say("/start")
    await camille.until_read("Alba")
    await camille.ask("bonjour depuis mon téléphone")

    token = await link_of(chat)
    await camille.say(f"/start {token}")
    asked = await camille.until_read("ne rien avoir à répéter")
    await camille.press(asked, "Oui, relier")
    await camille.until_read("sont reliés")
    somebody = Person(camille.telegram, camille.bot, next(_people))
    await somebody.say(f"/start {token}")
    await somebody.until_read("n’est plus valable")

    await chat.say(ASKED)
    await chat.say("je veux parler à un conseiller")
    await expect(chat.log).to_contain_text("vous n’aurez rien à répéter")
    await camille.say(ASKED)
    await camille.say("/conseiller")
    await camille.until_read("rien à répéter")

    desk = DeskPage(await new_page(1440, 900), stack)
    await desk.sign_in("claire")
    rows = desk.page.locator(".queue-item")
    await expect(rows).to_have_count(2)
    await rows.first.click()
    await desk.page.locator(".accept-bar .button--primary").click()
    await expect(chat.log).to_contain_text("Claire a rejoint la conversation")
    await camille.until_read("Claire a rejoint la conversation")
    await expect(desk.page.locator("desk-card")).to_contain_text(ASKED)
    await shot(desk.page, "desk-one-case")

    await desk.page.get_by_role("button", name="Terminer").first.click()
    await desk.page.locator("[data-outcome=resolved]").click()
    await expect(chat.log).to_contain_text("de nouveau à votre écoute")
    await camille.until_read("de nouveau à votre écoute")

    sheet = await data_of(chat)
    await sheet.get_by_role("button", name="Telegram").click()
    await expect(sheet.get_by_role("button", name="Relier")).to_be_visible()


async def data_of(chat: Chat) -> Locator:
    await chat.dialog.get_by_role("button", name="Plus d’options").click()
    await chat.dialog.get_by_role("button", name="Mes données").click()
    return chat.dialog.get_by_role("region", name="Mes données")


async def link_of(chat: Chat) -> str:
    """The one-time token in the link that the chat offers, after one agreed to it."""
    sheet = await data_of(chat)
    await sheet.get_by_role("button", name="Telegram").click()
    address = await sheet.get_by_role("link", name="Telegram").get_attribute("href")
    assert address is not None
    assert address.startswith("https://t.me/maison_alder_bot?start=")
    await chat.page.keyboard.press("Escape")
    return address.partition("start=")[2]
