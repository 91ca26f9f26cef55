"""Grouping fails and is begun again: a few times, by one process, and the page is told."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest

from bot.db.gaps import GapRun
from bot.errors import NeighbourError
from bot.studio import gap_grouping
from bot.studio.gap_grouping import group_new
from bot.studio.gap_run import claimed, run_of, run_shown, told
from tests.bot.conftest import Bot, Desk
from tests.bot.test_gaps import grouped, studio, unanswered, until, writer

__all__ = ["writer"]  # a fixture, found by its name
Json = dict[str, Any]


async def test_only_one_regroups_at_once_and_a_dead_one_is_taken_over(bot: Bot, writer: Desk) -> None:
    await unanswered(bot, "mystère de la lampe")
    await grouped(bot, writer)
    async with bot.services.db.write() as session:
        run = await session.get_one(GapRun, "now")
        run.state, run.whole, run.seen_at = "running", True, bot.clock()
    status, refused = await studio(writer, "POST", "/regroup")
    assert (status, refused["error"]["code"]) == (409, "grouping_under_way")
    await unanswered(bot, "mystère du tapis")
    assert not await group_new(bot.services), "somebody else is at it"
    bot.clock.forward(60)
    assert "mystère du tapis" in await grouped(bot, writer)


async def test_who_asks_at_once_before_the_first_run_asks_for_one(bot: Bot, writer: Desk) -> None:
    for method in ("GET", "POST"):  # by the second time there is a connection for each
        answers = await asyncio.gather(*(studio(writer, method, "/regroup") for _ in range(8)))
    assert {status for status, _ in answers} <= {202, 409}, answers
    assert (await run_in(bot, writer, "done"))["ended_at"]


async def run_in(bot: Bot, desk: Desk, *states: str, seconds: int = 0) -> Json:
    """The run as the page is told it, once it is in one of ``states``; while it waits, time passes at each look."""

    async def ended() -> Json | None:
        await group_new(bot.services)
        status, body = await studio(desk, "GET", "/regroup")
        assert status == 200
        run: Json = body["grouping"]
        bot.clock.forward(seconds if run["state"] == "asked" else 0)
        return run if run["state"] in states else None

    found: Json = await until(ended)
    return found


@pytest.mark.parametrize(("permanent", "tries"), [(False, 3), (True, 1)])
async def test_a_grouping_that_fails_is_tried_a_few_times_and_says_so(
    bot: Bot, writer: Desk, monkeypatch: pytest.MonkeyPatch, permanent: bool, tries: int
) -> None:
    await unanswered(bot, "mystère de la lampe")
    await grouped(bot, writer)
    sent = 0

    async def refuses(*_sent: Any) -> str:
        nonlocal sent
        sent += 1
        raise NeighbourError("refused", "", permanent=permanent)

    with monkeypatch.context() as broken:
        broken.setattr(bot.services.knowledge, "group", refuses)
        assert (await studio(writer, "POST", "/regroup"))[0] == 202
        run = await run_in(bot, writer, "failed", seconds=11)
        assert (run["whole"], run["tries"], sent) == (True, tries, tries)
        bot.clock.forward(4000)
        assert (await run_in(bot, writer, "failed"))["whole"], "it says so until somebody asks"
        assert sent == tries
    assert (await studio(writer, "POST", "/regroup"))[0] == 202
    assert (await run_in(bot, writer, "done"))["tries"] == 0


@pytest.mark.parametrize(("whole", "tries", "state"), [(True, 1, "done"), (True, 3, "failed"), (False, 1, "done")])
async def test_a_run_whose_process_died_is_begun_again_or_ends(
    bot: Bot, writer: Desk, whole: bool, tries: int, state: str
) -> None:
    """Also when nothing new is asked."""
    await unanswered(bot, "mystère de la lampe")
    await grouped(bot, writer)
    before = len(bot.neighbours.grouped)
    async with bot.services.db.write() as session:
        run = await session.get_one(GapRun, "now")
        run.state, run.whole, run.tries, run.seen_at = "running", whole, tries, bot.clock()
    assert not await group_new(bot.services), "its process may be alive"
    bot.clock.forward(60)
    await run_in(bot, writer, state)
    assert len(bot.neighbours.grouped) - before == (whole and state == "done")


@pytest.fixture
async def alone(make_bot: Any, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """Groups only when a test says so, and has a question to group."""

    async def never(*_: Any) -> None:
        pass

    monkeypatch.setattr(gap_grouping, "every", never)
    bot: Bot = await make_bot()
    bot.neighbours.groups_questions = True
    await unanswered(bot, "mystère de la lampe")
    return bot


async def shown(bot: Bot) -> Json:
    async with bot.services.db.read() as session:
        return run_shown(await run_of(session))


async def test_who_was_overtaken_ends_nobody_elses_run(alone: Bot) -> None:
    writer = await alone.desk("ines", "writer")
    async with AsyncExitStack() as second_one, AsyncExitStack() as first_one:
        first = await first_one.enter_async_context(claimed(alone.services, is_new=True))
        assert (await studio(writer, "POST", "/regroup"))[0] == 202
        second = await second_one.enter_async_context(claimed(alone.services, is_new=True))
        assert first is not None
        assert second is not None
        assert (first.whole, second.whole) == (False, True)
        await told(alone.services, second, 5, 9)
        await told(alone.services, first, 1, 1)
        first.state = second.state = "done"
        await first_one.aclose()
        run = await shown(alone)
        assert (run["state"], run["done"], run["total"], run["whole"]) == ("running", 5, 9, True)
    assert (await shown(alone))["state"] == "done"


class BrokenError(Exception):
    """What nobody thought of."""


@pytest.mark.parametrize("error", [NeighbourError("grouping_failed", "failed"), BrokenError()])
async def test_new_questions_that_fail_are_tried_ever_more_seldom(
    alone: Bot, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    sent = 0

    async def fails(*_sent: Any) -> str:
        nonlocal sent
        sent += 1
        raise error

    async def looks(minutes: int) -> int:
        before = sent
        for _ in range(minutes * 2):
            with suppress(BrokenError):
                await group_new(alone.services)
            alone.clock.forward(30)
        return sent - before

    alone.clock.hold()
    with monkeypatch.context() as broken:
        broken.setattr(alone.services.knowledge, "group", fails)
        assert [await looks(minutes) for minutes in (3, 17, 120)] == [3, 3, 3]
        assert (await shown(alone))["state"] == "failed"
        # What was asked for and failed leaves what is new its tries.
        assert (await studio(await alone.desk("ines", "writer"), "POST", "/regroup"))[0] == 202
        assert await looks(3) == 4
    alone.clock.forward(3600)
    assert await group_new(alone.services)
    assert (await shown(alone))["tries"] == 0


async def test_a_whole_run_outlives_a_fault_that_nobody_thought_of(alone: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_sent: Any) -> str:
        raise BrokenError

    assert (await studio(await alone.desk("ines", "writer"), "POST", "/regroup"))[0] == 202
    with monkeypatch.context() as broken:
        broken.setattr(alone.services.knowledge, "group", fails)
        with pytest.raises(BrokenError):
            await group_new(alone.services)
    assert ((await shown(alone))["state"], (await shown(alone))["whole"]) == ("asked", True)
    alone.clock.forward(11)
    assert await group_new(alone.services)
    assert (await shown(alone))["state"] == "done"


async def test_new_questions_whose_processes_die_are_tried_ever_more_seldom(alone: Bot) -> None:
    async with alone.services.db.write() as session:
        session.add(GapRun(id="now", state="running", whole=False, tries=8, seen_at=alone.clock()))
    for _ in range(3):
        alone.clock.forward(60)
        assert not await group_new(alone.services)
        assert (await shown(alone))["state"] == "failed"
    alone.clock.forward(3600)
    assert await group_new(alone.services)
