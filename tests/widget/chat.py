"""Drives the widget in a page by roles and names."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect


class Chat:
    """The widget on a page of the shop at `shop`."""

    def __init__(self, page: Page, shop: str) -> None:
        self.page, self.shop = page, shop
        self.launcher = page.get_by_role("button", name="Ouvrir la discussion")
        self.dialog = page.get_by_role("dialog")
        self.log = self.dialog.get_by_role("log")
        self.field = self.dialog.get_by_role("textbox", name="Votre message")
        self.alert = self.dialog.get_by_role("alert")
        self.human = self.dialog.get_by_role("button", name="Parler à un conseiller")

    async def visit(self, path: str = "/") -> None:
        """Load a page of the shop."""
        await self.page.goto(self.shop + path)

    async def open(self, path: str = "/") -> None:
        """Load a page and open the chat, until the greeting is there."""
        await self.visit(path)
        await self.launcher.click()
        await expect(self.log).to_contain_text("Aulne")

    async def begin(self) -> None:
        """Open the chat and say a first word: now there is a conversation."""
        await self.open()
        await self.say("bonjour")
        await expect(self.log).to_contain_text("Vous avez écrit\u00a0: bonjour")

    async def say(self, text: str) -> None:
        """Write and send."""
        await self.field.fill(text)
        await self.field.press("Enter")

    def own(self, text: str) -> Locator:
        """The customer's bubbles that say `text`."""
        return self.log.locator(".customer").filter(has_text=text)

    def entries(self) -> Locator:
        """All messages."""
        return self.log.locator(".entry")
