"""An answer that comes late takes nothing away: neither what was written meanwhile nor the focus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Route, expect

from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk
from tests.studio.conftest import OpenStudio, Studio, form, opener
from tests.studio.test_editor import SAVED, opened
from tests.studio.test_small_tree import kettle
from tests.studio.test_trees import field


class Held:
    """Answers that were given and are on their way until ``go_on``."""

    def __init__(self) -> None:
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def route(self, way: Route) -> None:
        answer = await way.fetch()
        self.asked.set()
        await self.go_on.wait()
        await way.fulfill(response=answer)


@pytest.fixture
async def held() -> AsyncIterator[Held]:
    made = Held()
    yield made
    made.go_on.set()


async def published_and_written_on(page: Page, held: Held, place: str) -> None:
    """What is online is told once what was typed since is kept."""
    status = page.locator(".editor-status")
    await page.route(place, held.route, times=1)
    await page.get_by_role("button", name="Publier", exact=True).click()
    async with asyncio.timeout(30):
        await held.asked.wait()
    text = page.locator("textarea:visible").last
    await text.fill("Écrit pendant ce temps.")
    await expect(status).to_have_attribute("data-status", "dirty")
    await expect(status).to_have_text(SAVED)
    held.go_on.set()
    await expect(page.locator(".editor-line .badge")).to_have_text("En ligne · brouillon non publié")
    await expect(text).to_have_value("Écrit pendant ce temps.")


async def test_what_is_written_in_an_article_while_it_is_published_stays(
    house: Bot, new_page: OpenDesk, held: Held
) -> None:
    await Studio(await house.desk("zoe", "writer")).save(form("guirlande"))
    page = await opener(house, new_page)("ines")
    await opened(page, house, "guirlande")
    await published_and_written_on(page, held, "**/api/v1/studio/articles/guirlande")


async def test_what_is_written_in_a_diagnosis_while_it_is_published_stays(
    house: Bot, new_page: OpenDesk, held: Held
) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    assert (await zoe.call("PUT", "trees/mixer/draft", {"form": kettle() | {"id": "mixer"}, "revision": None}))[
        0
    ] == 200
    page = await opener(house, new_page)("ines", path="/studio/trees/mixer")
    await field(page, "nodes.node-3.say.fr").wait_for()
    await published_and_written_on(page, held, "**/api/v1/studio/trees/mixer")


async def test_arrows_go_on_along_the_tabs_before_what_they_show_has_come(
    house: Bot, new_page: OpenDesk, held: Held
) -> None:
    await Studio(await house.desk("zoe", "writer")).save(form("abat-vent"))
    page = await opener(house, new_page)("ines")
    await page.route("**/static/studio/articles/twin.js", held.route)
    await opened(page, house, "abat-vent")
    await page.get_by_role("tab", name="Aperçu").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Anglais")).to_be_focused()
    async with asyncio.timeout(30):
        await held.asked.wait()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Essayer")).to_be_focused()
    question = page.get_by_role("combobox", name="Une question, comme un client la poserait")
    await question.focus()
    async with page.expect_event("requestfinished", lambda one: one.url.endswith("/twin.js")):
        held.go_on.set()
    await expect(question).to_be_focused()


async def test_who_goes_on_into_the_list_before_the_answer_stays_in_it(open_studio: OpenStudio, held: Held) -> None:
    page = await open_studio()
    rows = page.locator(".list-row")
    await expect(rows.filter(has_text="carte cadeau")).to_have_count(1)
    await page.route("**/api/v1/studio/articles?*", held.route, times=1)
    await page.get_by_role("searchbox").fill("carte cadeau")
    async with asyncio.timeout(30):
        await held.asked.wait()
    await page.keyboard.press("ArrowDown")
    await expect(rows.first).to_be_focused()
    before = await rows.count()
    held.go_on.set()
    await expect(rows).to_have_count(1)
    assert before > 1
    await expect(rows).to_be_focused()
