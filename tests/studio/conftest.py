"""A studio page in a real browser, over the bot itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page

from tests.bot.conftest import PASSWORD, Bot, bot, company, empty_record, make_bot, valkey
from tests.desk.conftest import OpenDesk, new_page

__all__ = ["bot", "company", "empty_record", "make_bot", "new_page", "valkey"]  # fixtures, found by their names
OpenStudio = Callable[..., Awaitable[Page]]


@pytest.fixture
async def open_studio(bot: Bot, new_page: OpenDesk) -> OpenStudio:
    """Signs in at the desk's login and waits for the studio: ``await open_studio("ines", "reviewer", width=820)``."""

    async def make(name: str = "ines", role: str = "writer", path: str = "", **options: Any) -> Page:
        await bot.desk(name, role)
        page = await new_page(**options)
        await page.goto(str(bot.client.make_url(f"/desk/login?next={path}" if path else "/desk/login")))
        await page.fill("#email", f"{name}@maison-alder.test")
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("relais-studio .page h1")
        return page

    return make
