"""The studio over the bot itself and a real knowledge base; its pages in a real browser."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.bot.conftest import PASSWORD, Bot, Desk, bot, company, empty_record, make_bot, valkey
from tests.desk.conftest import OpenDesk, new_page
from tests.knowledge_base.conftest import GIFT_CARD, PARCEL, PARCEL_EN, Served, environment, model_folder, serving, var

__all__ = [  # fixtures, found by their names
    "bot",
    "company",
    "empty_record",
    "environment",
    "make_bot",
    "model_folder",
    "new_page",
    "valkey",
    "var",
]
Json = dict[str, Any]
LAMP = Path(__file__).resolve().parents[2] / "knowledge_base/trees/lamp.yml"
OpenStudio = Callable[..., Awaitable[Page]]


def form(article_id: str, locale: str = "fr", **changes: Any) -> Json:
    """An article that can be published as it is."""
    filled = {
        "article_id": article_id,
        "locale": locale,
        "slug": article_id,
        "title": f"Comment laver {article_id} ?",
        "questions": [f"laver {article_id}", f"nettoyer {article_id}", f"tache sur {article_id}"],
        "answer": "Lavez à trente degrés. Séchez à plat.",
        "topic": "products",
        "audience": [],
        "review_by": None,
        "related": [],
        "body": "## Avant le lavage\n\nRetirez la **housse**.",
    }
    return filled | changes


@dataclass
class Studio:
    """Somebody at the studio's door."""

    desk: Desk

    async def call(self, method: str, tail: str, body: Json | None = None) -> tuple[int, Json]:
        headers = {"Authorization": f"Bearer {self.desk.token}"}
        url = f"/api/v1/studio/{tail}"
        async with self.desk.client.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json()

    async def save(self, given: Json, revision: int | None = None) -> Json:
        """The draft as it was kept."""
        place = f"drafts/{given['article_id']}/{given['locale']}"
        status, answer = await self.call("PUT", place, {"form": given, "revision": revision})
        assert status == 200, answer
        return dict(answer["draft"])

    async def step(self, name: str, draft: Json, **more: Any) -> tuple[int, Json]:
        place = f"drafts/{draft['form']['article_id']}/{draft['form']['locale']}"
        return await self.call("POST", f"{place}/{name}", {"revision": draft["revision"], **more})


async def found(house: Bot, question: str, article_id: str) -> Json:
    """What the question finds once that article comes first: on a busy machine a moment after it was published."""
    async with asyncio.timeout(60):
        while True:
            told: Json = await house.services.knowledge.search(question, "fr")
            if [one["article_id"] for one in told["results"][:1]] == [article_id]:
                return told
            await asyncio.sleep(0.1)


def to_come(house: Bot) -> str:
    """A moment to come by both clocks: that of bot, which tests set, and the knowledge base's, on the wall."""
    return (max(house.clock(), datetime.now(UTC)) + timedelta(days=2)).isoformat()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Served]:
    """A knowledge base of its own for the session; every test writes articles of other names."""
    with small_library(tmp_path_factory.mktemp("library"), environment) as served:
        yield served


@contextmanager
def small_library(place: Path, environment: dict[str, str]) -> Iterator[Served]:
    """Three articles and a tree."""
    for name, text in {"fr/suivre": PARCEL, "en/track": PARCEL_EN, "fr/carte-cadeau": GIFT_CARD}.items():
        path = place / "articles" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    trees = place / "var" / "trees"
    trees.mkdir(parents=True)
    shutil.copy(LAMP, trees)
    with serving(place / "articles", place / "var", environment) as served:
        yield served


@pytest.fixture
async def house(make_bot: Any, library: Served) -> Bot:
    """A bot that has the real knowledge base beside it."""
    made: Bot = await make_bot(knowledge_base_url=library.base)
    return made


@pytest.fixture
async def open_studio(house: Bot, new_page: OpenDesk) -> OpenStudio:
    """Signs in at the desk's login and waits for the studio: ``await open_studio("ines", "reviewer", width=820)``."""
    return opener(house, new_page)


def opener(bot: Bot, new_page: OpenDesk) -> OpenStudio:
    async def make(name: str = "ines", role: str = "writer", path: str = "", **options: Any) -> Page:
        await bot.desk(name, role)
        page = await new_page(**options)
        await page.goto(str(bot.client.make_url(f"/desk/login?next={path}" if path else "/desk/login")))
        await page.fill("#email", f"{name}@maison-alder.test")
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("relais-studio .page h1")
        return page

    return make
