"""The real demo shop page, with the widget served by the fake API, in a real browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page

from demo.app import create_app
from demo.settings import Settings
from tests.closing import closed
from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi

HOST_KEY = "a-key-of-the-shop-that-signs-identities"


async def start(app: web.Application) -> tuple[web.AppRunner, str]:
    """Serve `app` on a free port; gives its address."""
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    """The fake API, fresh for each test; `api.url` is its address."""
    fake = FakeApi()
    runner, fake.url = await start(fake.app())
    yield fake
    await runner.cleanup()


@pytest.fixture
async def shop(api: FakeApi, tmp_path: Path) -> AsyncIterator[str]:
    """The address of the demo shop, whose page embeds the widget of `api`."""
    keys = {"demo": HOST_KEY}
    settings = Settings.model_validate(
        {"relais_var": tmp_path, "back_office_token": "t", "host_keys": keys, "public_url": api.url}
    )
    runner, url = await start(create_app(settings))
    yield url
    await runner.cleanup()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh browser profile on a desktop; a page's error or refused script fails the test."""
    made = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="fr-FR", timezone_id="Europe/Paris"
    )
    problems: list[str] = []
    made.on("weberror", lambda error: problems.append(str(error.error)))
    made.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
    yield made
    await closed(made.close())
    assert not problems, json.dumps(problems)


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    """A tab."""
    return await context.new_page()


@pytest.fixture
def chat(page: Page, shop: str) -> Chat:
    """The widget in `page`, driven by roles and names as a person would."""
    return Chat(page, shop)
