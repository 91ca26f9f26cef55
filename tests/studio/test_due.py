"""The list says how many of its articles are to be reviewed, and leads to them."""

from __future__ import annotations

from playwright.async_api import Route, expect

from tests.studio.conftest import OpenStudio


async def test_what_is_due_is_counted_and_one_press_away(open_studio: OpenStudio) -> None:
    page = await open_studio()

    async def two_are_due(route: Route) -> None:
        answer = await route.fetch()
        told = await answer.json()
        told["facets"]["due"] = 2
        await route.fulfill(response=answer, json=told)

    await page.route("**/api/v1/studio/articles?*", two_are_due)
    await page.reload()
    await expect(page.get_by_role("button", name="2 à revoir")).to_be_visible()
    await page.get_by_role("button", name="2 à revoir").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**look=due**")
    await expect(page.get_by_role("combobox", name="À reprendre")).to_be_focused()
    await expect(page.get_by_role("button", name="2 à revoir")).to_have_count(0)
