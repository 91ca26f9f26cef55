"""A desk of decision trees over a copy of what is shipped."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from knowledge_base.studio import wiring
from knowledge_base.studio.trees.desk import TreeDesk
from knowledge_base.studio.trees.form import TreeForm
from knowledge_base.studio.web import refusals
from service.trees import read
from tests.knowledge_base.conftest import ROOT
from tests.knowledge_base.studio import INES, Client, Clock, Json, call

SHIPPED = ROOT / "knowledge_base" / "trees"
LAMP: Json = TreeForm.of(read(SHIPPED / "lamp.yml")).as_json()
RENAMED = LAMP | {"title": {"fr": "Ma lampe reste éteinte", "en": "My lamp stays dark"}}


def served(desk: TreeDesk) -> Client:
    app = web.Application(middlewares=[refusals])
    wiring.add(app, None, trees=desk)
    return TestClient(TestServer(app))


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> TreeDesk:
    """Over a copy of what is shipped; not started yet."""
    shutil.copytree(SHIPPED, tmp_path / "trees")
    return TreeDesk(tmp_path / "trees", tmp_path / "trees.db", now=clock)


@pytest.fixture
async def client(desk: TreeDesk) -> AsyncIterator[Client]:
    async with served(desk) as made:
        yield made


async def save(
    client: Client, form: Json, revision: int | None = None, actor: Json = INES, **base: str
) -> tuple[int, Json]:
    body = {"form": form, "revision": revision, "actor": actor, **base}
    return await call(client, "PUT", f"trees/{form['id']}/draft", body)


async def publish(client: Client, draft: Json, actor: Json = INES, **more: bool) -> tuple[int, Json]:
    body = {"actor": actor, "revision": draft["revision"], **more}
    return await call(client, "POST", f"trees/{draft['form']['id']}/draft/publish", body)
