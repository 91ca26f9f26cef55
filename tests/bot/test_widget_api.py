"""What the chat asks before anybody has said a word."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from bot.errors import NeighbourError
from bot.web.html_tree import tree
from service import Service
from service.widget import Widget, contrast
from tests.bot.conftest import Bot

Json = dict[str, Any]


async def get(bot: Bot, path: str, **params: str) -> Json:
    async with bot.client.get(f"/api/v1/{path}", params=params) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def test_how_the_chat_looks_is_the_company_s_choice(make_bot: Any, company: Service) -> None:
    greeting = {"fr": "Bienvenue chez {brand}.", "en": "Welcome to {brand}, I am {assistant}."}
    names = {"fr": "Nous écrire", "en": "Write to us"}
    chat = Widget(colour="#5b2a86", position="left", greeting=greeting, name=names, languages=["fr"])
    bot = await make_bot(rules=company.model_copy(update={"widget": chat}))
    shown = await get(bot, "widget", locale="en")
    assert (shown["name"], shown["position"], shown["languages"]) == ("Write to us", "left", ["fr"])
    assert shown["greeting"] == "Welcome to Maison Alder, I am Alba."
    assert shown["palette"]["light"] == ["#5b2a86", "#ffffff"]
    assert shown["max_file_bytes"] == 8 * 1024 * 1024
    customer = await bot.customer(locale="fr")
    assert customer.messages[0]["text"] == "Bienvenue chez Maison Alder."


@pytest.mark.parametrize("colour", ["#1f6f5c", "#000080", "#8a1538", "#3b3b3b", "#0b57d0"])
def test_every_colour_can_be_read_in_both_themes(colour: str) -> None:
    palette = Widget(colour=colour).palette
    for theme, paper in (("light", "#faf8f4"), ("dark", "#191f1c")):
        shade, ink = palette[theme]
        assert contrast(shade, paper) >= 4.5
        assert contrast(shade, ink) >= 4.5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "#ffd400"}, "choose a darker one"),
        ({"colour_dark": "#1f6f5c"}, "choose a lighter one"),
        ({"greeting": {"fr": "{nom}", "en": "Hello"}}, "may stand in braces"),
        ({"colour": "green"}, "pattern"),
    ],
)
def test_a_look_that_cannot_be_read_is_refused(change: Json, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Widget.model_validate(change)


async def test_what_others_asked_on_the_page_is_offered_first(bot: Bot) -> None:
    bot.neighbours.decision = "abstain"
    page = {"url": "http://shop.test/produit/lampe?ref=1", "title": "Lampe Aulne"}
    customer = await bot.customer(page=page)
    await customer.ask("quel est le délai ?")
    start = await get(bot, "widget/start", url="http://shop.test/produit/lampe", title="Lampe Aulne")
    assert start["suggestions"] == [{"article_id": "delivery-times", "title": "Quels sont les délais de livraison ?"}]
    assert start["article"] is None
    assert start["when_known"] == [{"title": "Mes commandes", "text": "Où en est ma commande\u202f?"}]


async def test_the_article_being_read_is_known_and_not_offered(bot: Bot) -> None:
    url = f"{bot.services.settings.public_url}/aide/delais-de-livraison"
    start = await get(bot, "widget/start", url=url, locale="fr")
    assert start["article"] == {"article_id": "delivery-times", "title": "Quels sont les délais de livraison ?"}
    assert start["suggestions"] == []
    elsewhere = await get(bot, "widget/start", url="http://other.test/aide/delais-de-livraison")
    assert elsewhere["article"] is None


async def test_a_search_that_is_away_does_not_hide_what_all_ask(bot: Bot) -> None:
    bot.neighbours.search_status = 503
    start = await get(bot, "widget/start", title="Livraison")
    assert [each["article_id"] for each in start["suggestions"]] == ["delivery-times"]


async def test_a_knowledge_base_that_is_away_leaves_the_chat_alone(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_locale: str) -> list[Json]:
        raise NeighbourError("timeout", "no answer")

    monkeypatch.setattr(bot.services.knowledge, "articles", away)
    start = await get(bot, "widget/start", title="Livraison")
    assert start["suggestions"] == []


async def test_an_article_is_read_as_a_tree(bot: Bot) -> None:
    article = await get(bot, "articles/delivery-times", locale="fr")
    assert article["topic"] == "Livraison"
    assert article["url"].endswith("/aide/delais-de-livraison")
    bot.neighbours.gone.add("delivery-times")
    async with bot.client.get("/api/v1/articles/delivery-times") as response:
        assert response.status == 404


def test_a_tree_keeps_text_and_links() -> None:
    html = '<h2>Délais</h2>\n<p>Deux <strong>jours</strong> &amp; <a href="/aide/x" rel="noopener">ici</a><br>fin</p>'
    link = ["a", {"href": "/aide/x"}, "ici"]
    paragraph = ["p", {}, "Deux ", ["strong", {}, "jours"], " & ", link, ["br", {}], "fin"]
    assert tree(html) == [["h2", {}, "Délais"], paragraph]


async def test_the_files_come_packed_and_only_those(bot: Bot) -> None:
    raw = {"Accept-Encoding": "gzip"}
    async with bot.client.get("/widget/relais.js", headers=raw) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        etag = response.headers["ETag"]
        assert int(response.headers["Content-Length"]) < 3000
    async with bot.client.get("/widget/relais.js", headers=raw | {"If-None-Match": etag}) as response:
        assert response.status == 304
    plain = {"Accept-Encoding": "identity", "If-None-Match": etag}
    async with bot.client.get("/widget/relais.js", headers=plain) as response:
        assert response.status == 200
        assert len(gzip.compress(await response.read(), 9)) < 3000
    for path in ("../desk/main.js", "%2e%2e/desk/main.js", "nothing.js", "locales", "../../app.py"):
        async with bot.client.get(f"/widget/{path}") as response:
            assert response.status == 404, path
