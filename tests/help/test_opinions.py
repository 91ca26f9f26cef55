"""Did this article help? By plain forms, kept for writers, nobody's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from bot.db.help import ArticleOpinion
from bot.forgetting import forget
from tests.help.conftest import Centre, Door
from tests.help.test_pages import PARCEL

GIVE = f"{PARCEL}/avis"


async def kept(centre: Centre) -> list[ArticleOpinion]:
    async with centre.bot.services.db.read() as session:
        return list((await session.execute(select(ArticleOpinion))).scalars())


async def test_a_word_is_kept_with_the_version_and_what_was_searched_masked(centre: Centre) -> None:
    query = "où+est+mon+colis+MA-104233+camille@test.fr"
    page = await centre.get(PARCEL, Referer=f"{centre.url}/aide?q={query}")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert 'name="question" value="où est mon colis [commande] [e-mail]"' in page.text
    assert 'name="question"' not in (await centre.get(PARCEL)).text
    assert 'name="question"' not in (await centre.get(PARCEL, Referer="https://evil.test/aide?q=x")).text
    form = {"helpful": "no", "version": "abc123", "question": "où est MA-104233", "comment": "appelez 06 12 34 56 78"}
    given = await centre.post(GIVE, form)
    assert (given.status, given.headers["Location"]) == (303, f"{GIVE}?said=comment")
    (row,) = await kept(centre)
    assert (row.article_id, row.version, row.locale, row.helpful) == ("track-my-parcel", "abc123", "fr", False)
    assert (row.question, row.comment) == ("où est [commande]", "appelez [téléphone]")


async def test_a_change_of_mind_is_no_second_opinion(centre: Centre) -> None:
    first = await centre.post(GIVE, {"helpful": "no"})
    cookie = first.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "expires" not in cookie.lower()
    assert "Max-Age" not in cookie
    reader = cookie.partition(";")[0]
    thanks = await centre.get(f"{GIVE}?said=no")
    assert "Que vous a-t-il manqué" in thanks.text
    await centre.post(GIVE, {"helpful": "no", "comment": "le numéro"}, Cookie=reader)
    assert [row.comment for row in await kept(centre)] == ["le numéro"]
    await centre.post(GIVE, {"helpful": "yes"}, Cookie=reader)
    assert [(row.helpful, row.comment) for row in await kept(centre)] == [(True, None)]
    await centre.post(GIVE, {"helpful": "yes"}, Cookie="relais_reader=" + "a" * 32)
    assert len(await kept(centre)) == 2, "somebody else"


async def test_pressing_twice_at_once_is_one_opinion(centre: Centre) -> None:
    answers = await asyncio.gather(*(centre.post(GIVE, {"helpful": "yes"}) for _ in range(5)))
    assert [answer.status for answer in answers] == [303] * 5
    assert len(await kept(centre)) == 1
    (row,) = await kept(centre)
    assert "127.0.0.1" not in row.id


async def test_what_no_browser_sends_is_refused_with_a_page(centre: Centre) -> None:
    assert (await centre.post(GIVE, {})).status == 422
    assert (await centre.post(GIVE, {"helpful": "maybe"})).status == 422
    assert (await centre.post(GIVE, b"{}", Content_Type="application/json")).status == 415
    bogus = "application/x-www-form-urlencoded; charset=bogus"
    assert (await centre.post(GIVE, b"helpful=\xff", Content_Type=bogus)).status == 400
    assert (await centre.post(GIVE, {"helpful": "no", "comment": "x" * 40_000})).status == 413
    foreign = await centre.post(GIVE, {"helpful": "no"}, Origin="https://evil.test")
    assert foreign.status == 403
    assert "<h1>" in foreign.text
    assert (await centre.post("/aide/nothing-here/avis", {"helpful": "no"})).status == 404
    assert await kept(centre) == []
    odd = {
        "helpful": "no",
        "version": "../../x",
        "question": "\x00" + "q" * 9000,
        "comment": "a\x00b\ud800".encode("utf-8", "replace").decode(),
    }
    assert (await centre.post(GIVE, odd)).status == 303
    (row,) = await kept(centre)
    assert len(row.version) == 12, "the version that is published"
    assert row.question is not None
    assert len(row.question) <= 200


async def test_too_many_opinions_are_refused_with_a_sentence(make_bot: Any, door: Door) -> None:
    centre = Centre(await make_bot(knowledge_base_url=door.url, help_opinions_per_minute=2))
    centre.bot.clock.hold()  # all of it in one minute
    answers = [await centre.post(GIVE, {"helpful": "yes"}) for _ in range(4)]
    assert answers[0].status == 303
    assert answers[-1].status == 429
    assert "Vous allez un peu vite" in answers[-1].text
    assert int(answers[-1].headers["Retry-After"]) <= 60


async def test_writers_see_how_articles_fare_and_what_was_said(centre: Centre) -> None:
    for reader, form in (("a", {"helpful": "yes"}), ("b", {"helpful": "no", "comment": "trop long"})):
        await centre.post(GIVE, form, Cookie=f"relais_reader={reader * 32}")
    await centre.post("/aide/carte-cadeau/avis", {"helpful": "yes"})
    _, found = await (await centre.bot.desk("ines", "writer")).call("GET", "article-opinions")
    assert [(row["title"], row["helped"], row["did_not_help"]) for row in found["articles"]] == [
        ("Comment suivre mon colis\u202f?", 1, 1),
        ("Combien de temps ma carte cadeau est-elle valable\u202f?", 1, 0),
    ]
    assert [(row["article_id"], row["comment"], row["question"]) for row in found["said"]] == [
        ("track-my-parcel", "trop long", None)
    ]


async def test_opinions_go_when_the_questions_for_writers_do(centre: Centre) -> None:
    services = centre.bot.services
    await centre.post(GIVE, {"helpful": "no"})
    await forget(services)
    assert len(await kept(centre)) == 1
    async with services.db.write() as session:
        days = timedelta(days=services.service.retention.unanswered_days, minutes=1)
        await session.execute(update(ArticleOpinion).values(created_at=services.clock() - days))
    await centre.post(GIVE, {"helpful": "yes"})
    await forget(services)
    assert [row.helpful for row in await kept(centre)] == [True]
