"""Pages of the running product in a real browser; an error or a refused script on any of them fails the test."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.closing import closed

NewPage = Callable[..., Awaitable[Page]]
# A killed server is played on purpose, and the browser reports each failed fetch by itself.
EXPECTED = ("Failed to load resource", "WebSocket connection to")


@pytest.fixture
async def new_page(browser: Browser) -> AsyncIterator[NewPage]:
    """``await new_page(width=360, …)``: each page has a browser profile of its own."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            troubles.append(message.text)

    async def make(width: int = 1280, height: int = 800, **options: Any) -> Page:
        options = {"locale": "fr-FR", "timezone_id": "Europe/Paris", **options}
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


async def shot(page: Page, name: str) -> None:
    """Keeps a picture of the page when SCREENSHOTS names a folder; the README's are made this way."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.wait_for_timeout(400)
        await page.screenshot(path=Path(folder) / f"{name}.png")
