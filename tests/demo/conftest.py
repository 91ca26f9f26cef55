"""The demo shop, at a fixed moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from demo.app import create_app
from tests.demo.office import BEARER, Client, MovableClock, Office, settings


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def client(tmp_path: Path, clock: MovableClock) -> AsyncIterator[Client]:
    async with TestClient(TestServer(create_app(settings(tmp_path), clock=clock)), headers=BEARER) as made:
        yield made


@pytest.fixture
def office(client: Client) -> Office:
    return Office(client)
