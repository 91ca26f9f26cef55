"""Searching the help centre, without a script."""

from __future__ import annotations

from typing import Any

from tests.help.conftest import Centre, Door
from tests.help.test_pages import PARCEL, links


async def test_a_question_finds_its_article_with_the_sentence_that_answers(centre: Centre) -> None:
    page = await centre.get("/aide?q=frais+de+port")
    assert page.status == 200
    assert "/aide/frais-de-port" in links(page)
    assert "Résultats pour «\u00a0frais de port\u00a0»" in page.text
    assert 'value="frais de port"' in page.text
    assert "help-hit--best" in page.text
    assert 'content="noindex"' in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Cache-Control"] == "private, no-store"
    assert 'href="/help?q=frais+de+port"' in page.text, "the same question in the other language"


async def test_the_part_is_what_the_page_shows(centre: Centre) -> None:
    whole, part = await centre.get("/aide?q=frais+de+port"), await centre.get("/aide?q=frais+de+port&part=1")
    assert part.text.strip() in whole.text
    assert "<html" not in part.text
    assert 'data-count="' in part.text


async def test_a_word_half_typed_finds_titles_that_go_on_like_it(centre: Centre) -> None:
    page = await centre.get("/aide?q=livrai&part=1")
    assert "/aide/frais-de-port" in links(page)
    assert "help-note" not in page.text, "it is no question yet that nothing answers"


async def test_what_nothing_is_near_to_is_said(centre: Centre) -> None:
    for query in ("zzqx", "???", "🐌"):
        page = await centre.get("/aide") if not query else await centre.get(f"/aide?q={query}")
        assert page.status == 200
        assert "help-nothing" in page.text or "n’en approchent" in page.text or "s’en approchent" in page.text
    assert "Nous n’avons rien trouvé" in (await centre.get("/aide?q=???")).text


async def test_bad_questions_are_shown_as_text_and_searched_as_text(centre: Centre) -> None:
    page = await centre.get('/aide?q=<script>alert(1)</script>"%20onfocus=x&part=1')
    assert page.status == 200
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    long = await centre.get("/aide?q=" + "colis%20" * 900)
    assert long.status == 200
    assert len(long.text) < 40_000
    assert (await centre.get("/aide?q=" + "x" * 10_000)).status in (200, 400)
    for odd in ("%00", "%ff", "%E2%80%AE%D8%B3%D9%84%D8%A7%D9%85", "a" * 300, "%0d%0aSet-Cookie:x=1"):
        assert (await centre.get(f"/aide?q=colis{odd}")).status == 200
    assert (await centre.get("/aide?q=%20%20")).text == (await centre.get("/aide")).text


async def test_without_the_engine_titles_are_searched(centre: Centre, door: Door) -> None:
    await centre.get("/aide")
    door.is_shut = True
    page = await centre.get("/aide?q=mon+colis+perdu")
    assert page.status == 200
    assert PARCEL in links(page)
    assert "La recherche tourne au ralenti" in page.text
    page = await centre.get("/aide?q=xyzzy")
    assert "aucun titre ne ressemble" in page.text
    assert "Nous n’avons rien trouvé" not in page.text, "nobody has looked"


async def test_searching_too_fast_is_said_with_what_titles_give(make_bot: Any, door: Door) -> None:
    centre = Centre(await make_bot(knowledge_base_url=door.url, help_searches_per_minute=10))
    centre.bot.clock.hold()  # all of it in one minute
    answers = [await centre.get(f"/aide?q=colis+{number}&part=1") for number in range(12)]
    assert (answers[0].status, answers[-1].status) == (200, 429)
    assert "Vous allez un peu vite" in answers[-1].text
    assert PARCEL in links(answers[-1])
    assert int(answers[-1].headers["Retry-After"]) <= 60


async def test_the_same_question_is_asked_once(centre: Centre, door: Door) -> None:
    for _ in range(3):
        await centre.get("/aide?q=carte+cadeau")
    assert door.asked.count("POST /search") == 1
