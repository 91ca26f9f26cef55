"""A studio over a folder of its own, without an encoder: what is published is read from the folder."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient

from knowledge_base.content.lint import TOPICS
from knowledge_base.content.store import ArticleStore, Contents
from knowledge_base.studio import wiring
from knowledge_base.studio.studio import Studio
from knowledge_base.studio.web import refusals

Client = TestClient[web.Request, web.Application]
Json = dict[str, Any]
INES = {"name": "Inès Moreau", "email": "ines@maison-alder.test"}
PAUL = {"name": "Paul Roy", "email": "paul@maison-alder.test"}
REMI = {"name": "Rémi Blanc", "email": "remi@maison-alder.test"}
FORM: Json = {
    "slug": "horaires-des-boutiques",
    "title": "Quand les boutiques ouvrent-elles ?",
    "questions": ["à quelle heure ouvre la boutique", "boutique ouverte dimanche", "horaires", "fermeture le soir"],
    "answer": "De 10 h à 19 h, du lundi au samedi.",
    "topic": "shops",
    "audience": [],
    "review_by": None,
    "related": [],
    "body": "Le dimanche, les boutiques sont fermées.",
}


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **more: float) -> None:
        self.now += timedelta(**more)


class Folder:
    """Reads the folder whenever the studio asks, as the index does a moment later."""

    def __init__(self, folder: Path) -> None:
        self._store = ArticleStore(folder)
        self._known = Contents()

    def __call__(self) -> Contents:
        self._known = self._store.scan() or self._known
        return self._known


def opened(tmp_path: Path, now: Callable[[], datetime], step: Callable[[str], None] = lambda _: None) -> Studio:
    """As it is at the start of the process."""
    articles = tmp_path / "articles"
    articles.mkdir(exist_ok=True)
    studio = Studio(articles, tmp_path / "studio.db", topics=TOPICS, now=now, step=step)
    studio.start()
    studio.contents = Folder(articles)
    return studio


def app_of(studio: Studio) -> web.Application:
    app = web.Application(middlewares=[refusals])
    wiring.add(app, studio)
    return app


async def call(client: Client, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    sent = None if body is None else io.BytesIO(json.dumps(body).encode())
    answer = await client.request(method, "/studio/" + path, data=sent)
    return answer.status, await answer.json()


async def saved(client: Client, article_id: str, locale: str = "fr", **fields: Any) -> int:
    """A new draft; its revision."""
    body = {"form": FORM | fields, "revision": None, "actor": INES}
    status, told = await call(client, "PUT", f"drafts/{article_id}/{locale}", body)
    assert status == 200, told
    return int(told["draft"]["revision"])


async def published(client: Client, article_id: str, locale: str = "fr", **fields: Any) -> Json:
    """A new article, by Inès."""
    revision = await saved(client, article_id, locale, **fields)
    body = {"actor": INES, "revision": revision}
    status, told = await call(client, "POST", f"drafts/{article_id}/{locale}/publish", body)
    assert status == 200, told
    return dict(told)
