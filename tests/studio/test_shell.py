"""The shell: who lands in it, its ways out, both languages, every width and theme."""

from __future__ import annotations

from playwright.async_api import expect

from tests.desk.test_team_pages import looks_right
from tests.studio.conftest import OpenStudio


async def test_a_writer_lands_in_the_studio_and_finds_the_way_out(open_studio: OpenStudio) -> None:
    page = await open_studio()
    assert "/studio" in page.url
    rail = page.get_by_role("navigation", name="Pages du studio")
    await expect(rail.get_by_role("link", name="Articles", exact=True)).to_have_attribute("aria-current", "page")
    await expect(rail.get_by_role("link", name="Conversations")).to_have_count(0)
    await page.get_by_role("button", name="Anglais").click()
    await expect(page.get_by_role("navigation", name="Pages of the studio")).to_be_visible()
    await looks_right(page)
    await page.get_by_role("link", name="My account").click()
    await expect(page.get_by_role("link", name="Studio")).to_have_attribute("href", "/studio")
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.wait_for_url("**/desk/login")


async def test_who_talks_to_customers_too_goes_from_the_one_to_the_other(open_studio: OpenStudio) -> None:
    page = await open_studio("marc", "supervisor", path="/studio/articles")
    cut = await page.locator(".rail-name").evaluate_all(
        "names => names.filter(n => n.offsetWidth > n.parentNode.clientWidth - 4)"
    )
    assert not cut, "each page's name stays within its place"
    await page.get_by_role("link", name="Conversations").click()
    await page.wait_for_selector("desk-queue")
    await page.get_by_role("link", name="Studio").click()
    await page.wait_for_selector("relais-studio h1")
