"""The shop's chat and the desk, driven by roles and names as people find them."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.harness import Stack

OPEN = {"fr": "Ouvrir la discussion", "en": "Open the chat"}
FIELD = {"fr": "Votre message", "en": "Your message"}
READ = {"fr": "Lire l’article", "en": "Read the article"}
Json = dict[str, Any]


class Chat:
    """The widget on the shop's page."""

    def __init__(self, page: Page, stack: Stack, locale: str = "fr") -> None:
        self.page = page
        self._shop = stack.shop_url
        self._locale = locale
        self.dialog = page.get_by_role("dialog")
        self.log = self.dialog.get_by_role("log")
        self.field = self.dialog.get_by_role("textbox", name=FIELD[locale])

    async def visit(self, path: str = "/") -> None:
        """Loads a page of the shop."""
        mark = "&" if "?" in path else "?"
        await self.page.goto(self._shop + path + (f"{mark}lang=en" if self._locale == "en" else ""))

    async def sign_in(self, name: str) -> None:
        """Picks one of the demo's customers."""
        await self.page.get_by_text("Se connecter (démo)").click()
        await self.page.get_by_role("button", name=name).click()
        await expect(self.page.get_by_text(name).first).to_be_visible()

    async def open(self) -> None:
        """Opens the chat, until the greeting is there."""
        await self.page.get_by_role("button", name=OPEN[self._locale]).click()
        await expect(self.log).to_contain_text("Alba")

    async def say(self, text: str) -> None:
        """Writes and sends."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def answered(self, times: int = 1) -> None:
        """Until so many articles were shown; the first answer of a product that has just started may take its time."""
        link = self.log.get_by_role("link", name=READ[self._locale])
        await expect(link).to_have_count(times, timeout=90_000)

    def message(self, text: str) -> Locator:
        """The entries that contain ``text``."""
        return self.log.locator(".entry").filter(has_text=text)


class DeskPage:
    """The desk, signed in."""

    def __init__(self, page: Page, stack: Stack) -> None:
        self.page = page
        self._base = stack.bot_url

    async def sign_in(self, login: str) -> None:
        """Through the sign-in page."""
        await self.page.goto(f"{self._base}/desk")
        await self.page.fill("#email", f"{login}@maison-alder.test")
        await self.page.fill("#password", "relais-demo")
        await self.page.click("button[type=submit]")
        await self.page.wait_for_selector("desk-queue")  # the address of the sign-in page ends like the desk’s

    async def rows(self) -> list[Json]:
        """What the desk's list says, with the cookie of this page."""
        answer = await self.page.request.get(f"{self._base}/api/v1/desk/handoffs")
        assert answer.ok, await answer.text()
        rows: list[Json] = (await answer.json())["handoffs"]
        return rows

    async def take(self, **match: Any) -> None:
        """Opens the request that came last, of those that are like this, and accepts it; others may be there too."""
        waiting = [row for row in await self.rows() if row["status"] in ("requested", "offered")]
        mine = [row for row in waiting if all(row[key] == value for key, value in match.items())]
        assert mine, waiting
        handoff = max(mine, key=lambda row: str(row["requested_at"]))["handoff_id"]
        await self.page.locator(f'.queue-item[data-handoff="{handoff}"]').click()
        await self.page.locator(".accept-bar .button--primary").click()
        await self.page.wait_for_selector("desk-composer")

    async def reply(self, text: str) -> None:
        """Writes and sends."""
        field = self.page.locator("desk-composer textarea")
        await field.fill(text)
        await field.press("Enter")
        await expect(self.page.locator(".message").filter(has_text=text)).to_have_count(1)
