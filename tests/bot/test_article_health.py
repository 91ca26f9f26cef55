"""How articles fare, counted by the record; what they lack; and what is behind each figure, without who it was."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.db.help import ArticleOpinion
from bot.db.models import PageView
from bot.studio import health_behind
from bot.studio.health import wilson
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.neighbours import ARTICLE, default_replies
from tests.bot.test_feedback import quiet
from tests.bot.test_handoff import identity

Json = dict[str, Any]
ID, DAY = ARTICLE["article_id"], 24 * 3600


@pytest.fixture
async def writer(bot: Bot) -> Desk:
    return await bot.desk("ines", "writer")


async def studio(desk: Desk, tail: str = "") -> Json:
    headers = {"Authorization": f"Bearer {desk.token}"}
    async with desk.client.get(f"/api/v1/studio/health{tail}", headers=headers) as response:
        body: Json = await response.json()
        assert response.status == 200, body
        return body


async def judged(bot: Bot, text: str, *said: bool, **more: Any) -> list[Customer]:
    """Customers who ask this, each saying whether the answer helped."""
    asking = []
    for helpful in said:
        customer = await bot.customer(locale="fr", **more)
        shown = await customer.ask(text)
        await customer.post("feedback", {"message_id": shown["id"], "helpful": helpful})
        asking.append(customer)
    await quiet(bot)
    return asking


def test_one_of_one_is_not_everybody() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(1, 1) == (0.2065, 1.0)
    low, high = wilson(80, 100)
    assert 0.7 < low < 0.8 < high < 0.88


async def test_what_was_shown_is_counted_by_version(bot: Bot, writer: Desk) -> None:
    await judged(bot, "Quel délai ?", True, False)
    newer = [{"custom": {"answer": ARTICLE | {"version": "v2"}}}]
    bot.neighbours.replies = lambda asked: newer if "Et le" in (asked.get("text") or "") else default_replies(asked)
    await bot.desk("claire")
    (last,) = await judged(bot, "Et le délai ?", True)
    await last.post("handoff", {})
    # Nobody's opinion of the help centre counts too; what is older than the period does not.
    async with bot.services.db.write() as session:
        for number, days in enumerate((0, 40)):
            at = bot.clock().replace(microsecond=0)
            session.add(
                ArticleOpinion(
                    id=str(number), article_id=ID, version="v1", locale="fr", helpful=False, question="mon délai",
                    created_at=at.fromtimestamp(at.timestamp() - days * DAY, at.tzinfo),
                )
            )  # fmt: skip
    body = await studio(writer)
    (row,) = body["articles"]
    figures = {"shown": 3, "opened": 0, "helped": 2, "not_helped": 2, "handoffs": 1, "rate": 0.5}
    assert {name: row[name] for name in figures} == figures
    assert {name: body["totals"][name] for name in figures} == figures
    assert (row["title"], row["versions"], row["state"], body["topics"][0]["topic"]) == (
        ARTICLE["title"], 2, "published", "delivery",
    )  # fmt: skip
    one = await studio(writer, f"/articles/{ID}/fr")
    told = {
        each["version"]: (each["shown"], each["helped"], each["not_helped"], each["handoffs"])
        for each in one["versions"]
    }
    assert told == {"v1": (2, 1, 2, 0), "v2": (1, 1, 0, 1)}
    assert [each["version"] for each in one["versions"] if each["current"]] == ["v1"]
    bot.clock.forward(8 * DAY)
    writer = await bot.desk("lea", "writer")  # by now the first one is signed out
    assert (await studio(writer, "?days=7"))["totals"]["shown"] == 0


async def test_each_figure_opens_masked_questions(bot: Bot, writer: Desk) -> None:
    token = identity(bot, sub="C-1001", name="Camille Laurent")
    page = {"url": f"http://shop.test{ARTICLE['url']}", "title": "Aide"}
    text = "Camille Laurent, quel délai ? camille@a.test"
    (camille,) = await judged(bot, text, False, identity=token, page=page)
    await judged(bot, "Quel délai ?", False, False)
    shown = next(m for m in (await camille.read())["messages"] if m.get("answer"))
    comment = {"message_id": shown["id"], "helpful": False, "comment": "écrivez à camille@a.test"}
    await camille.post("feedback", comment)
    await camille.post("handoff", {})
    (row,) = (await studio(writer))["articles"]
    assert (row["shown"], row["not_helped"], row["handoffs"], row["opened"]) == (3, 3, 1, 1)
    for figure, asked in {"shown": 2, "not_helped": 2, "handoffs": 1, "opened": 1, "helped": 0}.items():
        found = await studio(writer, f"/articles/{ID}/fr/questions?figure={figure}")
        assert len(found["questions"]) == asked, figure
        for secret in ("Camille", "Laurent", "camille@a.test", camille.id, ":"):
            assert secret not in str([list(each.values()) for each in found["questions"]]), (figure, secret)
    first, second = (await studio(writer, f"/articles/{ID}/fr/questions?figure=not_helped&version=v1"))["questions"]
    assert (first["text"], first["count"], first["channels"]) == ("Quel délai ?", 2, ["web"])
    assert second["comments"] == ["écrivez à [e-mail]"]


async def test_what_is_owed_is_told_and_found(bot: Bot, writer: Desk) -> None:
    others: list[Json] = [
        {"article_id": "old", "title": "Vieux", "review_by": bot.clock().date().isoformat(), "stale": True},
        {"article_id": "new", "title": "Tout neuf", "missing": ["en"], "updated_at": bot.clock().isoformat()},
    ]
    bot.neighbours.published = [ARTICLE, *(ARTICLE | {"url": f"/aide/{one['article_id']}"} | one for one in others)]
    await judged(bot, "Quel délai ?", *[False] * 6)
    body = await studio(writer)
    assert {row["article_id"]: row["debts"] for row in body["articles"]} == {
        ID: ["contradicted"], "old": ["due", "stale", "unread"], "new": ["missing"],
    }  # fmt: skip
    assert body["facets"] == {
        "contradicted": 1, "due": 1, "stale": 1, "missing": 1, "duplicate": 0, "unread": 1, "any": 3,
    }  # fmt: skip
    assert [row["article_id"] for row in (await studio(writer, "?look=unread"))["articles"]] == ["old"]
    assert [row["article_id"] for row in (await studio(writer, "?sort=title&order=up"))["articles"]] == [
        ID,
        "new",
        "old",
    ]
    assert (await studio(writer, "?q=vieux"))["total"] == 1
    headers = {"Authorization": f"Bearer {writer.token}"}
    for wrong in ("?look=odd", "?days=8", "?sort=odd", f"/articles/{ID}/fr/questions?figure=odd"):
        async with writer.client.get(f"/api/v1/studio/health{wrong}", headers=headers) as response:
            assert response.status == 422


async def test_articles_that_say_the_same_are_told_apart_until_one_changes(bot: Bot, writer: Desk) -> None:
    twin = ARTICLE | {"article_id": "twin", "title": "Quand serai-je livré ?", "url": "/aide/twin"}
    bot.neighbours.published = [ARTICLE, twin]
    pair = {"locale": "fr", "score": 0.8, "articles": [ARTICLE, twin], "shared": [["délai", "quand"]]}
    bot.neighbours.pairs = [pair]
    headers = {"Authorization": f"Bearer {writer.token}"}

    async def put(*ids: str, apart: bool) -> int:
        body = {"locale": "fr", "articles": ids, "apart": apart}
        url = "/api/v1/studio/health/duplicates"
        async with writer.client.put(url, json=body, headers=headers) as response:
            return response.status

    body = await studio(writer, "?look=duplicate")
    assert (body["facets"]["duplicate"], {row["article_id"] for row in body["articles"]}) == (2, {ID, "twin"})
    assert (await studio(writer, "/duplicates?q=livré"))["pairs"] == [pair]
    assert (await studio(writer, "/duplicates?locale=en"))["pairs"] == []
    assert await put(ID, "other", apart=True) == 404
    assert await put(ID, apart=True) == 422
    assert await asyncio.gather(*(put("twin", ID, apart=True) for _ in range(6))) == [200] * 6
    assert (await studio(writer, "/duplicates"))["pairs"] == []
    assert (await studio(writer))["facets"]["duplicate"] == 0
    assert await put("twin", ID, apart=False) == 200
    assert await put("twin", ID, apart=True) == 200
    twin["version"] = "v2"
    assert (await studio(writer, "/duplicates"))["pairs"] == [pair], "it says something else now"


async def test_a_sum_opens_the_questions_of_all_it_counts(bot: Bot, writer: Desk) -> None:
    other = ARTICLE | {"article_id": "lamp", "title": "Ma lampe", "url": "/aide/lamp", "topic": "products"}
    bot.neighbours.published = [ARTICLE, other]
    replies = [{"custom": {"answer": other}}]
    bot.neighbours.replies = lambda asked: replies if "lampe" in (asked.get("text") or "") else default_replies(asked)
    await judged(bot, "Quel délai ?", True, page={"url": f"http://shop.test{ARTICLE['url']}", "title": "Aide"})
    (last,) = await judged(bot, "Et ma lampe, lea@a.test ?", False)
    await bot.desk("claire")
    await last.post("handoff", {})

    async def behind(asked: str) -> list[str]:
        return sorted(one["text"] for one in (await studio(writer, f"/questions?{asked}"))["questions"])

    masked = "Et ma lampe, [e-mail] ?"
    assert await behind("figure=shown") == [masked, "Quel délai ?"]
    assert await behind("figure=shown&topic=products") == [masked]
    assert await behind("figure=helped&q=lampe") == []
    assert await behind("figure=not_helped&topic=products&locale=fr") == [masked]
    assert await behind("figure=handoffs") == [masked]
    assert await behind("figure=handoffs&topic=delivery") == []
    assert len(await behind("figure=opened")) == 1
    assert await behind("figure=opened&topic=products") == []


async def test_what_was_read_before_much_else_is_found(bot: Bot, writer: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a sum, and behind an article whose address begins another one's."""
    others = [ARTICLE | {"article_id": name, "url": f"/aide/{name}"} for name in ("retour", "lampe", "retour-magasin")]
    bot.neighbours.published = [ARTICLE | {"topic": "orders"}, *others]
    reader, crowd = [await bot.customer(locale="fr") for _ in range(2)]
    async with bot.services.db.write() as session:
        for number in range(40):
            who, name = (reader, ("retour", "lampe")[number % 2]) if number < 4 else (crowd, "retour-magasin")
            url, at = f"http://shop.test/aide/{name}?n={number}", bot.clock() + timedelta(seconds=number)
            session.add(PageView(conversation_id=who.id, url=url, seen_at=at))
    bot.clock.forward(60)

    async def behind(tail: str) -> tuple[int, bool]:
        found = await studio(writer, f"{tail}figure=opened")
        return sum(one["count"] for one in found["questions"]), found["more"]

    monkeypatch.setattr(health_behind, "MOST_LOOKED_AT", 5)
    assert await behind("/articles/retour/fr/questions?") == (1, False), "however many had another one open since"
    assert await behind("/questions?topic=delivery&") == (2, False)
    monkeypatch.setattr(health_behind, "MOST_READ", 30)
    assert await behind("/articles/retour/fr/questions?") == (0, True)
    assert await behind("/questions?topic=delivery&") == (1, True)
