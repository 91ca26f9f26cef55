"""Search in all conversations: what is found, by whom, and that only the fact of it is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from bot.db.people import AuditEntry
from bot.folding import fold, fold_traced
from bot.words.terms import excerpt, terms_of
from tests.bot.conftest import SUNDAY, Bot, Customer, Desk
from tests.bot.test_handoff import CARD, identity, taken

Json = dict[str, Any]


async def found(desk: Desk, query: str, **filters: str) -> list[Json]:
    tail = "".join(f"&{name.rstrip('_')}={quote(value)}" for name, value in filters.items())
    status, body = await desk.call("GET", f"search?q={quote(query)}{tail}")
    assert status == 200, body
    results: list[Json] = body["results"]
    return results


def marked(row: Json) -> list[str]:
    return [part["text"] for part in row["excerpt"]["parts"] if part["hit"]]


async def at_desk(bot: Bot, text: str, **opened: Any) -> Customer:
    customer = await bot.customer(**opened)
    await customer.ask(text)
    await customer.post("handoff", {})
    return customer


async def test_words_are_found_whatever_their_case_and_accents(bot: Bot) -> None:
    customer = await at_desk(bot, "L’abat-jour « Cœur » est arrivé ABÎMÉ, 100 % cassé_net", locale="fr")
    await at_desk(bot, "My lamp is fine", locale="en")
    claire = await bot.desk("claire")
    for query, hit in (
        ("abime", ["ABÎMÉ"]),
        ("ARRIVÉ coeur", ["Cœur", "arrivé"]),
        ("l'abat", ["L’abat"]),
        ('"est arrivé"', ["est arrivé"]),
        ('"100 %"', ["100 %"]),
        ("é_n", ["é_n"]),
    ):
        (row,) = await found(claire, query)
        assert row["conversation_id"] == customer.id
        assert marked(row) == hit, query
    assert await found(claire, "abime fine") == [], "every word in one conversation"
    assert await found(claire, "%%%") == []
    assert await found(claire, "a_i") == [], "a wildcard is a character like any other"


async def test_people_orders_and_notes_are_found(bot: Bot) -> None:
    bot.neighbours.card = CARD
    known = await at_desk(bot, "Où en est mon colis ?", identity=identity(bot, name="Zoé Lefèvre", email="zoe@a.test"))
    claire = await bot.desk("claire")
    orders: Any = CARD["orders"]
    number = orders[0]["number"]
    for query in ("lefevre", "ZOE@A", "C-1001", number, number.split("-")[1], known.id):
        assert [row["conversation_id"] for row in await found(claire, query)] == [known.id], query
    (row,) = await found(claire, "lefevre colis")
    assert (row["customer_name"], marked(row)) == ("Zoé Lefèvre", ["colis"])
    (row,) = await found(claire, "lefevre")
    assert "".join(part["text"] for part in row["excerpt"]["parts"]) == "Où en est mon colis ?"


async def test_advisors_see_what_came_to_the_desk_and_supervisors_all(bot: Bot) -> None:
    alone = await bot.customer()
    await alone.ask("une histoire de girafe")
    claire, marc = await bot.desk("claire"), await bot.desk("marc", "supervisor")
    assert await found(claire, "girafe") == []
    assert (await claire.call("GET", f"search/{alone.id}"))[0] == 404
    assert len(await found(marc, "girafe")) == 1
    status, read = await marc.call("GET", f"search/{alone.id}")
    assert (status, read["conversation"]["owner"]) == (200, "bot")
    assert "girafe" in read["messages"][1]["text"]
    assert (await (await bot.desk("ines", "writer")).call("GET", "search?q=girafe"))[0] == 403
    async with bot.services.db.read() as session:
        rows = (
            (await session.execute(select(AuditEntry).where(AuditEntry.action.like("conversation%")))).scalars().all()
        )
    assert [(row.action, row.target) for row in rows] == [
        ("conversations_searched", "desk"),
        ("conversations_searched", "desk"),
        ("conversation_read", alone.id),
    ]
    assert all("girafe" not in (row.detail or "") for row in rows)


async def test_search_and_link_show_an_advisor_the_same(bot: Bot) -> None:
    known = identity(bot, jti="a")
    alone, over = await bot.customer(identity=known), await bot.customer()
    await alone.ask("une histoire de girafe")
    marc = await bot.desk("marc", "supervisor")
    claire, handoff = await taken(bot, over)
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    hugo = await bot.desk("hugo")
    for reader, conversation, seen in ((hugo, over, True), (hugo, alone, False), (marc, alone, True)):
        for way in ("conversations", "search"):
            assert ((await reader.call("GET", f"{way}/{conversation.id}"))[0] == 200) is seen, (reader.name, way)
    served = await bot.customer(identity=identity(bot, jti="b"))
    await served.post("handoff", {})
    await hugo.call("POST", f"handoffs/{(await hugo.queue())[0]['handoff_id']}/accept")
    for way in ("conversations", "search"):
        assert (await hugo.call("GET", f"{way}/{alone.id}"))[0] == 200


async def test_filters_pages_and_what_is_refused(bot: Bot) -> None:
    bot.clock.set(SUNDAY)  # nobody who waits long is told so meanwhile: their conversations stay in their order
    claire = await bot.desk("claire")
    started = bot.clock()
    for index in range(23):
        bot.clock.forward(60)
        await (await bot.customer(locale="en" if index else "fr")).post("handoff", {})
    tail = f"search?locale=en&from={started.date()}&to={started.date()}"
    first = (await claire.call("GET", tail))[1]
    assert len(first["results"]) == 20
    second = (await claire.call("GET", f"{tail}&before={quote(first['next'])}"))[1]
    assert (len(second["results"]), second["next"]) == (2, None)
    times = [row["updated_at"] for row in first["results"] + second["results"]]
    assert times == sorted(times, reverse=True)
    assert len({row["conversation_id"] for row in first["results"] + second["results"]}) == 22
    yesterday = (started - timedelta(days=1)).date()
    assert await found(claire, "", to=str(yesterday)) == []
    assert len(await found(claire, "", outcome="handed_off", locale="fr")) == 1
    assert await found(claire, "", channel="telegram") == []
    handoff = next(row for row in await claire.queue() if row["locale"] == "fr")["handoff_id"]
    await claire.call("POST", f"handoffs/{handoff}/accept")
    assert (await claire.call("PUT", f"handoffs/{handoff}/tags", {"tags": ["Colis perdu"]}))[0] == 200
    assert len(await found(claire, "", tag="colis perdu")) == 1
    assert await found(claire, "", tag="colis") == []
    for bad in ("q=", "q=ab", "q=ab&locale=fr", "q=abc&from=yesterday", "q=abc&before=x", f"q={'a' * 300}", "q=ab%00c"):
        assert (await claire.call("GET", f"search?{bad}"))[0] == 422, bad


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("Abîmé  colis", ["abime", "colis"]),
        ('"en retard" colis', ["en retard", "colis"]),
        ("a 5 euros", ["euros"]),
        ("à 5", ["a 5"]),
        ("ab", []),
        ("   ", []),
        ("colis colis", ["colis"]),
    ],
)
def test_terms(query: str, terms: list[str]) -> None:
    assert terms_of(query) == terms


def test_an_excerpt_shows_the_original() -> None:
    text = "x " * 200 + "ﬁn Œuvre d’été" + " y" * 200
    parts = excerpt(text, ["oeuvre", "d'ete"])
    assert [part["text"] for part in parts if part["hit"]] == ["Œuvre", "d’été"]
    shown = "".join(part["text"] for part in parts)
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert shown.strip("…") in text
    folded, origin = fold_traced(text)
    assert (folded, len(origin)) == (fold(text), len(folded))
