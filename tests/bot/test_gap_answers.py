"""A gap closes for what was published, whenever that was and however much came with it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.db.gaps import Gap
from bot.errors import NeighbourError
from bot.studio import gap_answers, gap_grouping
from tests.bot.conftest import Bot, Desk
from tests.bot.neighbours import ARTICLE
from tests.bot.test_gaps import gaps, grouped, groups, publish, unanswered, until

Json = dict[str, Any]


async def closed(desk: Desk, *texts: str) -> None:
    """Waits until these are closed."""

    async def are() -> bool:
        return set(texts) <= set(await gaps(desk, "?state=closed"))

    await until(are)


async def test_a_gap_closes_for_what_was_published_while_bot_was_down(make_bot: Any) -> None:
    bot: Bot = await make_bot()
    await groups(bot)
    await unanswered(bot, "mystère de la lampe")
    await grouped(bot, await bot.desk("ines", "writer"))
    await bot.client.close()
    bot.neighbours.answers = {"mystère de la lampe": "lamp"}
    publish(bot, "lamp")
    again: Bot = await make_bot()
    await closed(await again.desk("zoe", "writer"), "mystère de la lampe")


async def test_an_import_of_hundreds_closes_gaps_a_few_at_a_look(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gap_answers, "_AT_ONCE", 1)
    await groups(bot)
    writer = await bot.desk("ines", "writer")
    await unanswered(bot, "mystère de la lampe", "mystère du tapis")
    await grouped(bot, writer)
    bot.neighbours.answers = {"mystère de la lampe": "lamp", "mystère du tapis": "carpet"}
    bot.neighbours.published += [
        ARTICLE | {"article_id": name, "slug": name} for name in ("lamp", "carpet", *(f"a{n}" for n in range(300)))
    ]
    bot.neighbours.revision += 1
    await closed(writer, "mystère de la lampe", "mystère du tapis")


async def test_what_was_written_for_a_gap_waits_behind_no_other_search(
    make_bot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is a gap asked again that was asked before a search that failed."""

    async def never(*_: Any) -> None:
        pass

    monkeypatch.setattr(gap_grouping, "every", never)
    bot: Bot = await make_bot()
    bot.neighbours.groups_questions = True
    writer = await bot.desk("ines", "writer")
    await unanswered(bot, "mystère du vase", "mystère du vase", "mystère du tapis", "mystère de la lampe")
    found = await grouped(bot, writer)
    async with bot.services.db.write() as session:
        gap = await session.get_one(Gap, found["mystère de la lampe"]["gap_id"])
        gap.state, gap.article_id = "in_progress", "lamp"
    bot.neighbours.answers = {"mystère de la lampe": "lamp"}
    search, asked = bot.services.knowledge.search, list[str]()

    async def times_out(question: str, *more: Any) -> Json:
        asked.append(question)
        if "tapis" in question:
            raise NeighbourError("unreachable", "")
        return await search(question, *more)

    publish(bot, "lamp")

    async def is_known() -> bool:
        catalogue = bot.services.library.catalogue
        return catalogue is not None and "lamp" in {one.article_id for one in catalogue.entries}

    await until(is_known)
    answers = gap_answers.Answers(bot.services)
    with monkeypatch.context() as slow:
        slow.setattr(bot.services.knowledge, "search", times_out)
        for _ in range(2):
            with pytest.raises(NeighbourError):
                await answers.look()
    assert list(await gaps(writer, "?state=closed")) == ["mystère de la lampe"]
    assert asked == ["mystère de la lampe", "mystère du vase", "mystère du tapis", "mystère du tapis"]
    assert await answers.look() == 0
    assert await answers.look() == 0, "all of it was asked"
