"""A desk page in a real browser, over the fake of the desk's door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.closing import closed
from tests.desk.fake_data import PASSWORD
from tests.desk.fake_desk import create_app
from tests.desk.fake_state import FakeDesk

# A dead network is played on purpose, and the browser reports each failed fetch by itself.
EXPECTED_ERRORS = ("Failed to load resource", "WebSocket connection to")


@dataclass
class Served:
    """A fake desk and the address it listens at."""

    desk: FakeDesk
    base: str


OpenDesk = Callable[..., Awaitable[Page]]


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """A fresh fake desk on a free port."""
    desk = FakeDesk()
    runner = web.AppRunner(create_app(desk), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Served(desk, f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()


@pytest.fixture
async def new_page(browser: Browser) -> AsyncIterator[OpenDesk]:
    """Makes pages whose script errors and policy violations fail the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED_ERRORS):
            troubles.append(message.text)

    async def make(width: int = 1440, height: int = 900, **options: Any) -> Page:
        context = await browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = await context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        return page

    yield make
    for context in contexts:
        await closed(context.close())
    assert troubles == []


async def on_the_line(page: Page) -> None:
    """The list is shown before the live line stands; what is pushed before that is not heard."""
    await page.wait_for_selector("desk-presence:not([data-status=offline])", state="attached")


@pytest.fixture
async def open_desk(new_page: OpenDesk, served: Served) -> OpenDesk:
    """Opens the desk signed in: ``await open_desk(name="hugo", locale="en", width=820)``."""

    async def make(name: str = "claire", locale: str = "fr", **options: Any) -> Page:
        page = await new_page(**options)
        await page.goto(f"{served.base}/desk/login")
        await page.fill("#email", f"{name}@maison-alder.test")
        await page.fill("#password", PASSWORD)
        await page.click("button[type=submit]")
        await page.wait_for_selector(".queue-item")
        if locale != "fr":
            await page.goto(f"{served.base}/desk?locale={locale}")
            await page.wait_for_selector(".queue-item")
        await on_the_line(page)
        return page

    return make
