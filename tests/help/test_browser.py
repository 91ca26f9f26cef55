"""The help centre in a browser: search as one types, opinions in place, every page accessible in both themes."""

from __future__ import annotations

import re
from typing import Literal

from playwright.async_api import Page, expect

from tests.browser.conftest import NewPage, new_page
from tests.desk.test_looks import overflow, violations
from tests.help.conftest import Centre
from tests.help.test_opinions import kept
from tests.help.test_pages import PARCEL

__all__ = ["new_page"]
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = ("/aide", "/help/topic/delivery", PARCEL, "/aide?q=frais+de+port", "/aide?q=???", f"{PARCEL}/avis?said=no")


async def test_every_page_is_accessible_and_fits_in_both_themes(centre: Centre, new_page: NewPage) -> None:
    page = await new_page(360, 740, reduced_motion="reduce")
    for path in (*PAGES, "/help/no-such-parcel"):
        await page.goto(centre.url + path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        for theme in THEMES:
            await page.emulate_media(color_scheme=theme)
            await page.wait_for_timeout(150)  # a transition under way is broken off by the next
            assert await violations(page) == [], (path, theme)
        assert await overflow(page) == [], path
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.goto(centre.url + PARCEL)
    assert await violations(page) == []


async def test_it_searches_as_one_types_and_by_keyboard(centre: Centre, new_page: NewPage) -> None:
    page = await new_page()
    await page.goto(f"{centre.url}/aide")
    field = page.get_by_role("searchbox", name="Rechercher dans le centre d’aide")
    await field.press_sequentially("frais de p", delay=20)
    found = page.locator("#results")
    await expect(found.get_by_role("link", name="Combien coûte la livraison")).to_be_visible()
    await expect(page.get_by_role("status")).to_have_text(re.compile(r"articles? trouvés?"))
    await expect(page).to_have_url(f"{centre.url}/aide?q=frais+de+p")  # going back finds it again
    assert await violations(page) == []
    await field.press("ArrowDown")
    await expect(found.get_by_role("link").first).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(field).to_be_focused()
    await field.fill("")
    await expect(found).to_be_hidden()
    await expect(page.get_by_role("heading", name="Parcourir par thème")).to_be_visible()
    await field.fill("où est mon colis")
    await found.get_by_role("link", name="Comment suivre mon colis").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Comment suivre mon colis")
    await expect(page.locator("[name=question]")).to_have_value("où est mon colis")
    await page.go_back()
    await expect(page.locator("#results").get_by_role("link").first).to_be_visible()


async def test_the_search_of_an_article_opens_a_panel(centre: Centre, new_page: NewPage) -> None:
    page = await new_page(820, 1180)
    await page.goto(centre.url + PARCEL)
    await page.get_by_role("searchbox").fill("carte cadeau")
    panel = page.locator("#bar-results")
    await expect(panel.get_by_role("link", name="ma carte cadeau")).to_be_visible()
    assert await violations(page) == []
    assert await overflow(page) == []
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{centre.url}/aide?q=carte+cadeau")


async def say_no(page: Page, where: str) -> None:
    await page.goto(where)
    await page.get_by_role("button", name="Non", exact=True).click()
    await page.get_by_label("Que vous a-t-il manqué").fill("le nom du transporteur")
    await page.get_by_role("button", name="Envoyer").click()


async def test_an_opinion_is_given_in_place(centre: Centre, new_page: NewPage) -> None:
    page = await new_page()
    await say_no(page, centre.url + PARCEL)
    await expect(page.get_by_role("heading", name="nos rédacteurs liront")).to_be_focused()
    assert page.url == centre.url + PARCEL, "the article is still there"
    assert await violations(page) == []
    (row,) = await kept(centre)
    assert (row.helpful, row.comment) == (False, "le nom du transporteur")


async def test_without_a_script_it_is_all_there(centre: Centre, new_page: NewPage) -> None:
    page = await new_page(java_script_enabled=False)
    await page.goto(f"{centre.url}/aide")
    await page.get_by_role("searchbox").fill("où est mon colis")
    await page.get_by_role("button", name="Rechercher").click()
    await page.wait_for_url("**/aide?q=*")
    await page.get_by_role("link", name="Comment suivre mon colis").first.click()
    await page.wait_for_url(centre.url + PARCEL)
    await say_no(page, page.url)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("nos rédacteurs liront")
    assert [row.comment for row in await kept(centre)] == ["le nom du transporteur"]


async def test_the_chat_opens_from_the_page_and_knows_it(centre: Centre, new_page: NewPage) -> None:
    page = await new_page()
    await page.goto(centre.url + PARCEL)
    await page.get_by_role("button", name=re.compile("^Poser la question à")).click()
    chat = page.get_by_role("dialog")
    await expect(chat).to_contain_text("Comment suivre mon colis")
    field = chat.get_by_role("textbox", name="Votre message")
    async with page.expect_request(lambda request: request.url.endswith("/api/v1/conversations")) as asked:
        await field.fill("et si rien n’arrive ?")
        await field.press("Enter")
    body = (await asked.value).post_data_json
    assert body
    assert body["page"]["url"] == centre.url + PARCEL
    assert body["page"]["title"].startswith("Comment suivre mon colis")
