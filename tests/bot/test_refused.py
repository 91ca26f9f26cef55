"""What the knowledge base refuses for good is not asked again and again; what it cannot do now is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.gaps import GapRun
from bot.db.people import User
from bot.errors import NeighbourError
from bot.studio.gap_answers import _answering
from bot.studio.gap_grouping import group_new
from bot.studio.gap_run import REFUSED, ask_for_regrouping, run_of, run_shown
from bot.studio.judging import Judged
from service import Service
from tests.bot.conftest import Bot


async def run_in(bot: Bot, state: str) -> GapRun:
    async with asyncio.timeout(30):
        while True:
            await group_new(bot.services)
            async with bot.services.db.read() as session:
                run = await run_of(session)
            if run is not None and run.state == state:
                return run
            await asyncio.sleep(0.02)


async def test_a_grouping_that_is_refused_waits_until_somebody_asks(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def refuse(*_: Any) -> str:
        nonlocal asked
        asked += 1
        raise NeighbourError("too_large", "", permanent=True)

    monkeypatch.setattr(bot.services.knowledge, "group", refuse)
    await bot.desk("ines", "writer")
    await (await bot.customer()).ask("mystère de la lampe")
    assert run_shown(await run_in(bot, REFUSED))["state"] == "failed", "the page says so"
    assert await group_new(bot.services) is False
    assert asked == 1
    async with bot.services.db.read() as session:
        ines = (await session.execute(select(User))).scalar_one()
    await ask_for_regrouping(bot.services, ines)
    await run_in(bot, REFUSED)
    assert asked == 2
    bot.clock.forward(3700)
    async with asyncio.timeout(30):
        while asked < 3:
            await group_new(bot.services)
            await asyncio.sleep(0.02)


async def test_a_question_that_is_refused_holds_no_other_up(bot: Bot) -> None:
    bot.neighbours.search_status = 422
    assert await _answering(bot.services, "mystère", "fr") == ""
    bot.neighbours.search_status = 503
    with pytest.raises(NeighbourError):
        await _answering(bot.services, "mystère", "fr")


def test_an_import_that_takes_a_danger_out_is_read_by_two(company: Service) -> None:
    danger = company.danger_topics[0].phrases.fr[0].replace("*", "e")
    row = {"locale": "fr", "title": "Aide", "questions": ["Que faire ?"], "answer": "Écrivez-nous.", "topic": "contact"}
    befores = [
        row | {"answer": f"En cas de {danger}, appelez."},
        row | {"body": danger},
        row | {"title": "Aide ?"},
        None,
    ]
    lines: list[dict[str, Any]] = [{"name": "faq.csv", "bundle": "b"}]
    lines += [{"form": row | {"article_id": f"a{n}"}, "online": before} for n, before in enumerate(befores)]
    found = Judged(company)
    found.add(lines)
    assert (found.name, found.bundle) == ("faq.csv", "b")
    told = {place[0]: found.second(place, "publisher", "fr") for place in found.rows}
    assert {name: why and why["reason"] for name, why in told.items()} == {
        "a0": "danger",
        "a1": "danger",
        "a2": None,
        "a3": None,
    }
