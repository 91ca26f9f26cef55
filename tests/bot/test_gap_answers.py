"""A gap closes for what was published, whenever that was and however much came with it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.studio import gap_answers
from tests.bot.conftest import Bot, Desk
from tests.bot.neighbours import ARTICLE
from tests.bot.test_gaps import gaps, grouped, publish, unanswered, until

Json = dict[str, Any]


async def closed(desk: Desk, *texts: str) -> None:
    """Waits until these are closed."""

    async def are() -> bool:
        return set(texts) <= set(await gaps(desk, "?state=closed"))

    await until(are)


async def test_a_gap_closes_for_what_was_published_while_bot_was_down(make_bot: Any) -> None:
    bot: Bot = await make_bot()
    bot.neighbours.groups_questions = True
    await unanswered(bot, "mystère de la lampe")
    await grouped(bot, await bot.desk("ines", "writer"))
    await bot.client.close()
    bot.neighbours.answers = {"mystère de la lampe": "lamp"}
    publish(bot, "lamp")
    again: Bot = await make_bot()
    await closed(await again.desk("zoe", "writer"), "mystère de la lampe")


async def test_an_import_of_hundreds_closes_gaps_a_few_at_a_look(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gap_answers, "_AT_ONCE", 1)
    bot.neighbours.groups_questions = True
    writer = await bot.desk("ines", "writer")
    await unanswered(bot, "mystère de la lampe", "mystère du tapis")
    await grouped(bot, writer)
    bot.neighbours.answers = {"mystère de la lampe": "lamp", "mystère du tapis": "carpet"}
    bot.neighbours.published += [
        ARTICLE | {"article_id": name, "slug": name} for name in ("lamp", "carpet", *(f"a{n}" for n in range(300)))
    ]
    bot.neighbours.revision += 1
    await closed(writer, "mystère de la lampe", "mystère du tapis")
