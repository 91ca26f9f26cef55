"""The state of the articles, read in a browser: sorted, narrowed, opened, by keyboard, at every width."""

from __future__ import annotations

from playwright.async_api import expect

from tests.bot.conftest import Bot
from tests.bot.neighbours import ARTICLE
from tests.bot.test_article_health import judged
from tests.desk.conftest import OpenDesk
from tests.desk.test_team_pages import looks_right
from tests.studio.conftest import opener


async def test_figures_are_sorted_narrowed_and_opened(bot: Bot, new_page: OpenDesk) -> None:
    bot.neighbours.published = []
    page = await opener(bot, new_page)(path="/studio/health")
    await expect(page.get_by_text("Aucun article n’est encore publié")).to_be_visible()
    old = {"article_id": "old", "title": "Comment régler ma lampe ?", "url": "/aide/old", "topic": "products"}
    bot.neighbours.published = [ARTICLE, ARTICLE | old | {"review_by": "2020-01-01", "missing": ["en"]}]
    await judged(bot, "Quel délai ?", True, False)
    twin = ARTICLE | {"article_id": "twin", "title": "Quand serai-je livré ?"}
    bot.neighbours.pairs = [{"locale": "fr", "score": 0.8, "articles": [ARTICLE, twin], "shared": [["délai", "quand"]]}]
    await page.reload()
    heads = page.get_by_role("rowheader")
    await expect(heads.first).to_contain_text(ARTICLE["title"])
    await expect(page.get_by_role("cell", name="50")).to_have_count(2)
    await looks_right(page)
    sort = page.get_by_role("button", name="Article", exact=True)
    await sort.press("Enter")
    await expect(heads.first).to_contain_text("Comment régler ma lampe")
    assert "lampe\u202f?" in await heads.first.inner_text(), "the mark stays on the line of its word"
    await expect(sort).to_be_focused()
    await expect(page.get_by_role("columnheader", name="Article", exact=True)).to_have_attribute(
        "aria-sort", "ascending"
    )
    looks = page.get_by_role("button", name="Jamais lus 1")
    await looks.press("Enter")
    await expect(page.get_by_text("1 article", exact=True)).to_be_visible()
    await expect(looks).to_be_focused()
    await expect(page.get_by_role("link", name=old["title"])).to_have_attribute(
        "href", "/studio/articles/old?locale=fr"
    )
    await page.reload()
    await expect(looks).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Tous", exact=True).click()
    await (
        page.locator(".health-table")
        .first.get_by_role("button", name="N’a pas aidé : 1, voir les questions")
        .press("Enter")
    )
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("Quel délai ?")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="1 version citée").press("Enter")
    await expect(dialog.get_by_text("Actuelle")).to_be_visible()
    await looks_right(page)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Livraison, Français – Montré : 2, voir les questions").press("Enter")
    await expect(dialog.get_by_text("Quel délai ?")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.locator(".health-sums").get_by_role("button", name="N’a pas aidé : 1").press("Enter")
    await expect(dialog.get_by_text("Quel délai ?")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Doublons 1").press("Enter")
    pair = page.locator(".health-pair")
    await expect(pair.get_by_role("link", name="Quand serai-je livré ?")).to_be_visible()
    await looks_right(page)
    await pair.get_by_role("button", name="Ce sont deux choses différentes").press("Enter")
    await expect(page.get_by_text("Aucun doublon ici")).to_be_visible()
    await page.get_by_role("button", name="Annuler", exact=True).click()
    await expect(pair).to_have_count(1)
