"""Every screen, both themes and languages: no accessibility violation, nothing wider than the window."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.desk.conftest import OpenDesk, Served
from tests.desk.test_conversation import take
from tests.waiting import settled

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])
WIDTHS = pytest.mark.parametrize("width", [1440, 820, 390, 360])


async def violations(page: Page) -> list[Any]:
    """What axe finds, once transitions are over or were broken off; what nobody sees may never end one."""
    await settled(page)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    found: list[Any] = await page.evaluate(
        """axe.run({resultTypes: ["violations"]})
          .then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html + " " + n.failureSummary)]))"""
    )
    return found


async def overflow(page: Page) -> list[str]:
    """What is cut off or reaches past the window's right edge; the rail of a phone may be pushed sideways."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll("body *")]
          .filter((node) => node.checkVisibility({visibilityProperty: true}))
          .filter((node) => !node.closest(".visually-hidden, .skip-link, .rail"))
          .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
          .map((node) => node.className || node.tagName)"""
    )
    return found


@THEMES
async def test_sign_in(new_page: OpenDesk, served: Served, theme: str) -> None:
    page = await new_page(360, 640, color_scheme=theme)
    await page.goto(f"{served.base}/desk/login")
    assert await violations(page) == []
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Welcome back")
    await page.fill("#email", "nobody@maison-alder.test")
    await page.fill("#password", "x")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_focused()
    assert await violations(page) == []
    assert await overflow(page) == []


@THEMES
@WIDTHS
async def test_the_desk(open_desk: OpenDesk, served: Served, theme: str, width: int) -> None:
    page = await open_desk(width=width, height=860, color_scheme=theme)
    assert await violations(page) == []
    await take(page)
    await page.click(".assistant-head")
    await served.desk.says("c-camille", "customer", "unmotsansfin" * 40)
    await expect(page.locator(".message--customer").last).to_contain_text("unmotsansfin")
    assert await violations(page) == []
    assert await overflow(page) == []
    await page.get_by_role("button", name="Terminer").click()
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    if width < 1180:
        await page.get_by_role("button", name="Fiche", exact=True).click()
    await page.locator(".card details").evaluate_all("all => all.forEach((each) => (each.open = true))")
    assert await violations(page) == []
    assert await overflow(page) == []


@THEMES
async def test_dialog_banner_and_toast(open_desk: OpenDesk, served: Served, theme: str) -> None:
    page = await open_desk(color_scheme=theme)
    await page.keyboard.press("?")
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    served.desk.faster = {"id": "u-hugo", "name": "Hugo Bernard"}
    await page.click("[data-handoff=h-emma]")
    await page.click(".accept-bar button")
    await expect(page.locator(".toast")).to_be_visible()
    await served.desk.drop(down=True)
    await expect(page.locator(".banner")).to_be_visible()
    assert await violations(page) == []


async def test_on_a_phone_one_column_at_a_time(open_desk: OpenDesk) -> None:
    page = await open_desk(width=360, height=740)
    await expect(page.locator("desk-conversation")).to_be_hidden()
    await page.click("[data-handoff=h-camille]")
    await expect(page.locator("desk-queue")).to_be_hidden()
    await expect(page.locator("desk-card")).to_be_hidden()
    await page.get_by_role("button", name="Fiche", exact=True).click()
    await expect(page.locator("desk-card")).to_be_visible()
    await page.get_by_role("button", name="Fermer la fiche").click()
    await expect(page.locator("desk-card")).to_be_hidden()
    await page.get_by_role("link", name="Retour à la file").click()
    await expect(page.locator("desk-queue")).to_be_visible()


async def test_the_drawer_takes_the_focus_and_gives_it_back(open_desk: OpenDesk) -> None:
    page = await open_desk(width=820, height=1180)
    await page.click("[data-handoff=h-camille]")
    await page.get_by_role("button", name="Fiche", exact=True).click()
    await expect(page.get_by_role("button", name="Fermer la fiche")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Fiche", exact=True)).to_be_focused()


async def test_the_theme_is_kept(open_desk: OpenDesk) -> None:
    page = await open_desk(color_scheme="light")
    ground = page.locator("body")
    await expect(ground).to_have_css("background-color", "rgb(250, 248, 244)")
    await page.get_by_role("button", name="Passer au thème sombre").click()
    await expect(ground).to_have_css("background-color", "rgb(18, 23, 21)")
    await page.reload()
    await page.wait_for_selector(".queue-item")
    await expect(ground).to_have_css("background-color", "rgb(18, 23, 21)")
    await expect(page.get_by_role("button", name="Passer au thème clair")).to_be_visible()


async def test_the_language_changes_in_place_and_is_kept(open_desk: OpenDesk) -> None:
    page = await open_desk()
    await take(page, "emma")
    await page.fill("#reply", "Hello")
    await page.get_by_role("button", name="Anglais").click()
    await expect(page.locator("desk-queue")).to_contain_text("My conversations")
    await expect(page.locator("#reply")).to_have_value("Hello")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.reload()
    await expect(page.locator("desk-queue")).to_contain_text("My conversations")
    await expect(page.locator("[data-handoff=h-marc]")).to_contain_text(re.compile("1[78]m"))  # or a minute later
