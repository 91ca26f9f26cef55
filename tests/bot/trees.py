"""A bot beside the knowledge base's own part for trees, over a folder of its own; and who comes to its door."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from knowledge_base.studio import wiring
from knowledge_base.studio.trees.desk import TreeDesk
from knowledge_base.studio.trees.form import TreeForm
from knowledge_base.studio.web import refusals
from service.trees import read
from tests.bot.conftest import Bot, Desk

Json = dict[str, Any]
SHIPPED = Path(__file__).parents[2] / "knowledge_base" / "trees"
LAMP: Json = TreeForm.of(read(SHIPPED / "lamp.yml")).as_json()
DRAWER: Json = {
    "id": "drawer",
    "title": {"fr": "Mon tiroir coince", "en": "My drawer sticks"},
    "words": {"fr": ["tiroir"], "en": ["drawer"]},
    "start": "full",
    "nodes": {
        "full": {
            "question": {"fr": "Le tiroir est-il plein ?", "en": "Is the drawer full?"},
            "choices": [
                {"label": {"fr": "Oui", "en": "Yes"}, "next": "empty_it", "words": {"fr": ["plein"], "en": ["full"]}},
                {"label": {"fr": "Non", "en": "No"}, "next": "workshop"},
                {"label": {"fr": "Il est vide", "en": "It is empty"}, "next": "workshop"},
            ],
        },
        "empty_it": {"end": "fix", "say": {"fr": "Videz-le.", "en": "Empty it."}, "otherwise": "workshop"},
        "workshop": {"end": "repair", "say": {"fr": "L’atelier s’en charge.", "en": "Our workshop will do it."}},
    },
}


class Trees:
    """Somebody at the studio's door to decision trees."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def call(self, method: str, tail: str = "", body: Any = None, language: str = "fr") -> tuple[int, Json]:
        headers = {"Authorization": f"Bearer {self._desk.token}", "Accept-Language": language}
        url = f"/api/v1/studio/trees{tail}"
        async with self._desk.client.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json()

    async def save(self, form: Json, revision: int | None = None) -> Json:
        """The answer; its `draft` was kept."""
        status, told = await self.call("PUT", f"/{form['id']}/draft", {"form": form, "revision": revision})
        assert status == 200, told
        return told

    async def step(self, name: str, draft: Json) -> tuple[int, Json]:
        return await self.call("POST", f"/{draft['form']['id']}/draft/{name}", {"revision": draft["revision"]})

    async def walk(self, form: Json, *steps: Any, locale: str = "fr") -> Json:
        """`steps`: words, or `(next,)` of a button with perhaps its number and its words."""
        sent = [
            {"text": one} if isinstance(one, str) else dict(zip(("choice", "number", "label"), one, strict=False))
            for one in steps
        ]
        status, told = await self.call("POST", "/try", {"form": form, "locale": locale, "steps": sent})
        assert status == 200, told
        return told


@pytest.fixture
async def keeper(tmp_path: Path) -> AsyncIterator[BaseTestServer]:
    """The knowledge base's own part for trees, over a folder of its own."""
    shutil.copytree(SHIPPED, tmp_path / "trees")
    app = web.Application(middlewares=[refusals])
    wiring.add(app, None, trees=TreeDesk(tmp_path / "trees", tmp_path / "trees.db"))
    async with TestServer(app) as server:
        yield server


@pytest.fixture
async def house(make_bot: Any, keeper: BaseTestServer) -> Bot:
    made: Bot = await make_bot(knowledge_base_url=str(keeper.make_url("")).rstrip("/"))
    return made


async def at(house: Bot, name: str, role: str = "writer") -> Trees:
    return Trees(await house.desk(name, role))
