from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.actions.task_chat import Shop, shop_road
from tests.rasa.stack import Road, road


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def action_road() -> AsyncIterator[Road]:
    async with road("actions") as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def started_shop() -> AsyncIterator[Shop]:
    async with shop_road() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def shop(started_shop: Shop) -> Shop:
    """As it was seeded, in no trouble: what other tests changed in it is gone."""
    await started_shop.reopen()
    return started_shop
