"""The help centre's templates: readable without a script, in both languages, and accessible."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp_jinja2
import jinja2
import pytest
from aiohttp import web
from playwright.async_api import expect

from tests.desk.conftest import OpenDesk
from tests.desk.fake_desk import BOT
from tests.desk.test_looks import THEMES, overflow, violations

ARTICLES = [
    {"title": "Suivre <mon> colis", "url": "/aide/suivre", "answer": "Le lien part à l’expédition."},
    {"title": "Délais de livraison", "url": "/aide/delais", "answer": "3 à 5 jours ouvrés."},
]
BODY = """<p>Le lien part <strong>à l’expédition</strong>.</p><h2>Délais</h2>
<table><thead><tr><th>Mode</th><th>Délai</th></tr></thead>
<tbody><tr><td>Domicile</td><td>3 à 5 jours</td></tr></tbody></table>"""
SCREENS: dict[str, dict[str, Any]] = {
    "index": {"topics": [{"key": "delivery", "label": "Livraison", "articles": ARTICLES}]},
    "article": {
        "article": {**ARTICLES[0], "html": BODY, "topic_label": "Livraison"},
        "related": ARTICLES[1:],
        "twin_url": "/help/track",
    },
    "error": {"title": "Page introuvable", "message": "Cet article a changé d’adresse."},
}


@pytest.fixture
async def help_centre() -> AsyncIterator[str]:
    """The templates over fixed content, at ``/<locale>/<screen>``, under the strict policy."""

    async def render(request: web.Request) -> web.Response:
        screen, locale = request.match_info["screen"], request.match_info["locale"]
        context = {"locale": locale, "brand": "Maison Alder", **SCREENS[screen]}
        response = aiohttp_jinja2.render_template(f"help/{screen}.html", request, context)
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; img-src 'self'"
        return response

    app = web.Application()
    aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(BOT / "templates"), undefined=jinja2.StrictUndefined)
    app.add_routes([web.static("/static", BOT / "static"), web.get("/{locale:fr|en}/{screen}", render)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@THEMES
@pytest.mark.parametrize("screen", list(SCREENS))
@pytest.mark.parametrize("locale", ["fr", "en"])
async def test_every_page_is_accessible_and_fits(
    new_page: OpenDesk, help_centre: str, screen: str, locale: str, theme: str
) -> None:
    page = await new_page(360, 740, color_scheme=theme)
    await page.goto(f"{help_centre}/{locale}/{screen}")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await violations(page) == []
    assert await overflow(page) == []


async def test_the_index_links_every_article_and_escapes_titles(new_page: OpenDesk, help_centre: str) -> None:
    page = await new_page(java_script_enabled=False)
    await page.goto(f"{help_centre}/fr/index")
    await expect(page.locator("html")).to_have_attribute("lang", "fr")
    await expect(page.get_by_role("link", name="Suivre <mon> colis")).to_have_attribute("href", "/aide/suivre")
    await expect(page.get_by_role("navigation", name="Thèmes").get_by_role("link")).to_have_attribute(
        "href", "#delivery"
    )
    await expect(page.get_by_role("link", name="English")).to_have_attribute("href", "/help")


async def test_an_article_shows_its_answer_body_neighbours_and_twin(new_page: OpenDesk, help_centre: str) -> None:
    page = await new_page(java_script_enabled=False)
    await page.goto(f"{help_centre}/fr/article")
    await expect(page.locator(".help-short")).to_contain_text("Le lien part à l’expédition.")
    await expect(page.locator(".prose table")).to_contain_text("Domicile")
    await expect(page.get_by_role("link", name="Délais de livraison")).to_be_visible()
    await expect(page.get_by_role("link", name="English")).to_have_attribute("href", "/help/track")
