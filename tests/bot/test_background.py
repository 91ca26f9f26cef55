"""Stopping tasks that are in the middle of something."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.background import every, stop, together
from bot.db.engine import Database
from tests.records import new_record


@pytest.mark.parametrize("with_others", [False, True], ids=["alone", "together"])
async def test_a_transaction_is_finished_before_its_task_is_stopped(tmp_path: Path, with_others: bool) -> None:
    async with new_record(tmp_path) as url:
        await _finishes_its_transaction(Database(url), with_others)


async def _finishes_its_transaction(database: Database, with_others: bool) -> None:
    begun, after = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with database.write() as session:
            await session.execute(text("CREATE TABLE kept (number INTEGER)"))
            begun.set()
            await asyncio.sleep(0.2)
            await session.execute(text("INSERT INTO kept VALUES (1)"))
        await asyncio.sleep(60)
        after.set()

    task = asyncio.create_task(together(work(), asyncio.sleep(60)) if with_others else work())
    await begun.wait()
    async with asyncio.timeout(30):
        await stop([task])
    assert task.cancelled()
    assert not after.is_set()
    async with asyncio.timeout(30), database.write() as session:
        assert (await session.execute(text("SELECT number FROM kept"))).scalar_one() == 1
    await database.close()


async def test_a_task_that_is_not_writing_is_stopped_at_once() -> None:
    task = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await stop([task])
    with pytest.raises(asyncio.CancelledError):
        task.result()


async def test_one_failure_does_not_stop_what_runs_beside_it() -> None:
    done: list[int] = []

    async def work(number: int) -> None:
        await asyncio.sleep(0.01 * number)
        if number == 1:
            raise ValueError
        done.append(number)

    with pytest.raises(ValueError, match=r"^$"):
        await together(*[work(number) for number in range(3)])
    assert done == [0, 2]
    await together()


@pytest.mark.parametrize("seconds", [0.01, 86_400.0])
async def test_work_that_fails_once_is_done_again(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr("bot.background.RETRY_SECONDS", 0.05)
    done: list[int] = []
    again = asyncio.Event()

    async def work() -> None:
        done.append(len(done))
        if len(done) == 1:
            raise RuntimeError("the record is away")
        again.set()

    task = asyncio.create_task(every(seconds, "looking", work))
    async with asyncio.timeout(30):
        await again.wait()
        await stop([task])
    assert done[:2] == [0, 1]
