"""Who plays the day at the desk: advisors in browsers of their own, and a customer of the public API."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import aiohttp
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.pages import Chat, DeskPage
from tests.desk.test_looks import violations
from tests.harness import Stack

Json = dict[str, Any]


class Desk(DeskPage):
    """An advisor or a supervisor at the desk."""

    def __init__(self, page: Page, stack: Stack, login: str) -> None:
        super().__init__(page, stack)
        self.base, self.login, self.name = stack.bot_url, login, login.title()
        self.toasts = page.locator("desk-toasts")
        self.composer = page.locator("desk-composer")
        self.box = page.locator("#reply")
        self.strip = page.locator(".together-strip")
        self.card = page.locator("desk-card")

    async def arrive(self) -> Desk:
        """Signs in, until the queue is there and the line is up."""
        await self.sign_in(self.login)
        if self.login != "marc":
            await expect(self.page.locator("desk-presence")).to_have_attribute("data-status", "available")
        return self

    def row(self, handoff: str) -> Locator:
        """A request in the first column."""
        return self.page.locator(f'desk-queue [data-handoff="{handoff}"]')

    def offered(self, handoff: str) -> Locator:
        """The same under "For you"."""
        heading = self.page.get_by_role("heading", name="Pour vous")
        return (
            self.page.locator("desk-queue section, desk-queue div")
            .filter(has=heading)
            .locator(f'[data-handoff="{handoff}"]')
        )

    async def show(self, handoff: str) -> None:
        """Opens a conversation by its address."""
        await self.row(handoff).first.wait_for(state="attached")
        await self.page.evaluate("(id) => { location.hash = `#/handoffs/${id}` }", handoff)
        await expect(self.page.locator("#conversation-name")).to_be_visible()

    async def accept(self, handoff: str) -> None:
        """Opens a request and takes it."""
        await self.show(handoff)
        await self.page.locator(".accept-bar .button--primary").click()
        await expect(self.composer).to_be_visible()
        await expect(self.box).to_be_enabled()

    async def more(self, action: str) -> None:
        """An action of the ⋯ menu."""
        await self.page.click("desk-menu > button")
        await self.page.click(f"[data-action={action}]")

    def said(self, text: str) -> Locator:
        """Messages of the open conversation."""
        return self.page.locator(".message").filter(has_text=text)

    async def handoff_of(self, **match: Any) -> str:
        """The one open request that is like this."""
        found = [row for row in await self.rows() if all(row[key] == value for key, value in match.items())]
        assert len(found) == 1, found
        handoff: str = found[0]["handoff_id"]
        return handoff

    async def visit(self, name: str) -> None:
        """Another page of the desk, by the rail."""
        await self.page.locator(f'.rail-link[data-page="{name}"]').click()
        await self.page.wait_for_url(f"**/desk/{name}*")

    async def looks_right(self) -> None:
        """Nothing that axe would name."""
        assert await violations(self.page) == []


async def choose(dialog: Locator, name: str) -> None:
    """The option that begins with a name."""
    option = dialog.locator("option", has_text=re.compile(f"^{name}"))
    await expect(option).to_have_count(1)
    await dialog.locator("select").first.select_option(await option.get_attribute("value"))


class ApiCustomer:
    """Somebody who writes through the public API, as a company's own page would."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http, self._base = http, f"{base}/api/v1/conversations"
        self._ids = count(1)
        self.id = self._token = ""

    async def call(self, method: str, path: str, body: Json | None = None) -> Json:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._http.request(method, self._base + path, json=body, headers=headers) as response:
            answer: Json = await response.json()
            assert response.status < 300, answer
            return answer

    async def open(self, locale: str) -> None:
        answer = await self.call("POST", "", {"locale": locale})
        self.id, self._token = answer["conversation_id"], answer["token"]

    async def say(self, text: str) -> None:
        key = f"c{next(self._ids)}"
        await self.call("POST", f"/{self.id}/messages", {"client_message_id": key, "text": text})

    async def ask_for_somebody(self) -> None:
        await self.call("POST", f"/{self.id}/handoff", {})

    async def words(self) -> str:
        """Everything this customer can read."""
        return str(await self.call("GET", f"/{self.id}/messages?after=0"))


@asynccontextmanager
async def api_customer(stack: Stack) -> AsyncIterator[ApiCustomer]:
    """One who has not said anything yet."""
    async with aiohttp.ClientSession() as http:
        customer = ApiCustomer(http, stack.bot_url)
        await customer.open("fr")
        yield customer


async def eventually(customer: ApiCustomer, desk: Desk, text: str) -> None:
    """Until the customer has read ``text``; what looks again is the page, so that nothing sleeps here."""
    for _ in range(600):
        if text in await customer.words():
            return
        await desk.page.wait_for_timeout(100)
    raise AssertionError(f"never said: {text}")


@dataclass
class Day:
    """Everybody there."""

    stack: Stack
    new_page: NewPage
    claire: Desk
    hugo: Desk
    marc: Desk
    julien: Chat
    emma: Chat
    sam: ApiCustomer

    def other(self, desk: Desk) -> Desk:
        return self.hugo if desk is self.claire else self.claire
