"""Stopping tasks that are in the middle of something."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.background import stop
from bot.db.engine import Database


async def test_a_transaction_is_finished_before_its_task_is_stopped(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'record.db'}")
    begun, after = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with database.write() as session:
            await session.execute(text("CREATE TABLE kept (number INTEGER)"))
            begun.set()
            await asyncio.sleep(0.2)
            await session.execute(text("INSERT INTO kept VALUES (1)"))
        await asyncio.sleep(60)
        after.set()

    task = asyncio.create_task(work())
    await begun.wait()
    async with asyncio.timeout(5):
        await stop([task])
    assert task.cancelled()
    assert not after.is_set()
    async with asyncio.timeout(5), database.write() as session:
        assert (await session.execute(text("SELECT number FROM kept"))).scalar_one() == 1
    await database.close()


async def test_a_task_that_is_not_writing_is_stopped_at_once() -> None:
    task = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        await stop([task])
    with pytest.raises(asyncio.CancelledError):
        task.result()
