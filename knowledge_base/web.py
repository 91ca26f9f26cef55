"""The HTTP door, for neighbours on the same machine: search, articles, health."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from encoder.model import Vectors
from knowledge_base.batches import Batches
from knowledge_base.content.article import Article
from knowledge_base.keys import BATCHES, KNOWLEDGE
from knowledge_base.knowledge import MAX_QUESTION, KnowledgeBase
from knowledge_base.retrieval.engine import Question
from knowledge_base.retrieval.following import Asked, Past
from knowledge_base.studio import starting
from knowledge_base.studio import wiring as studio_wiring
from knowledge_base.studio.studio import Studio
from knowledge_base.studio.trees.desk import TreeDesk
from knowledge_base.studio.web import refusals
from service.typography import typeset

log = structlog.get_logger()
POLL_SECONDS = 0.25
MAX_BODY = 256 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PastQuestion(BaseModel):
    """What was asked before in the conversation, the article shown, and whether it helped."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=MAX_QUESTION)
    article_id: str | None = Field(None, max_length=200)
    helped: bool | None = None


class SearchRequest(BaseModel):
    """Body of `POST /search`."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=MAX_QUESTION)
    locale: str | None = Field(None, min_length=2, max_length=5)
    limit: int = Field(3, ge=1, le=20)
    audience: str | None = Field(None, max_length=100)
    vector: list[float] | None = None
    history: list[PastQuestion] = Field(default_factory=list, max_length=10)


def create_app(
    knowledge: KnowledgeBase,
    studio: Studio | None = None,
    trees: TreeDesk | None = None,
    *,
    poll_seconds: float = POLL_SECONDS,
) -> web.Application:
    """Wire the routes; the folder is read in the background and /healthz answers 503 until it has been."""
    app = web.Application(middlewares=[_errors_as_json, refusals], client_max_size=MAX_BODY)
    app[KNOWLEDGE] = knowledge
    app.cleanup_ctx.append(_batches)
    app.cleanup_ctx.append(_follow_folder(poll_seconds, studio))
    app.router.add_post("/search", search)
    app.router.add_get("/articles", list_articles)
    app.router.add_get("/articles/by-slug/{locale}/{slug}", article_by_slug)
    app.router.add_get("/articles/{article_id}", article_by_id)
    app.router.add_get("/healthz", health)
    studio_wiring.add(app, studio, knowledge, trees)
    return app


async def _batches(app: web.Application) -> AsyncIterator[None]:
    app[BATCHES] = Batches(app[KNOWLEDGE])
    yield
    await app[BATCHES].close()


def _follow_folder(poll_seconds: float, studio: Studio | None) -> Callable[[web.Application], AsyncIterator[None]]:
    async def follow(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(_follow(app[KNOWLEDGE], poll_seconds, studio))
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return follow


async def _follow(knowledge: KnowledgeBase, poll_seconds: float, studio: Studio | None) -> None:
    loop, changed = asyncio.get_running_loop(), asyncio.Event()
    learning: asyncio.Future[bool] | None = None
    with ThreadPoolExecutor(1, "index") as writer, ThreadPoolExecutor(1, "learning") as learner:
        if studio is not None:
            studio.wake = partial(_wake, loop, changed)
            await loop.run_in_executor(writer, starting.start, studio)
        while True:
            changed.clear()
            try:
                await loop.run_in_executor(writer, knowledge.take_in)
                if learning is None or learning.done():
                    if learning is not None and learning.exception():
                        log.error("learning_failed", reason=type(learning.exception()).__name__)
                    learning = loop.run_in_executor(learner, knowledge.settle)
            except Exception:  # the folder may be half written, the disk full: the last good snapshot keeps serving
                log.exception("refresh_failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), poll_seconds)


def _wake(loop: asyncio.AbstractEventLoop, changed: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(changed.set)


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _error(error.status, error.reason.lower().replace(" ", "_"), error.text or error.reason)
    except Exception:
        log.exception("request_failed", path=request.path)
        return _error(500, "internal_error", "The knowledge base met an unexpected error.")


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def _knowledge(request: web.Request) -> KnowledgeBase:
    knowledge = request.app[KNOWLEDGE]
    if knowledge.snapshot is None:
        raise web.HTTPServiceUnavailable(text="The articles are still being read.")
    return knowledge


async def search(request: web.Request) -> web.Response:
    """`POST /search`: a SearchRequest → {decision, confidence, follow_up, results}."""
    asked = await _search_request(request)
    knowledge = _knowledge(request)
    if not asked.question.strip():
        raise web.HTTPBadRequest(text="The question is empty.")
    given = _vector(asked.vector, knowledge.dimension)
    question = _asked(asked)
    texts = knowledge.prepare(question)

    def run(made: Sequence[Question]) -> dict[str, object]:
        return knowledge.search(question, made, given).as_json()

    return web.json_response(await request.app[BATCHES].ask(texts, run))


def _asked(request: SearchRequest) -> Asked:
    history = tuple(Past(past.question, past.article_id, past.helped) for past in request.history)
    return Asked(request.question, request.locale, request.limit, request.audience, history)


async def _search_request(request: web.Request) -> SearchRequest:
    try:
        data = json.loads(await request.text())
    except UnicodeDecodeError as error:
        raise web.HTTPBadRequest(text="The body is not UTF-8 text.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise web.HTTPBadRequest(text="The body is not JSON.") from error
    try:
        return SearchRequest.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise web.HTTPBadRequest(text=f"{where}: {first['msg']}.") from error


def _vector(values: list[float] | None, dimension: int) -> Vectors | None:
    if values is None:
        return None
    vector = np.array(values, dtype=np.float32)
    if len(vector) != dimension:
        raise web.HTTPBadRequest(text=f"The vector has {len(vector)} numbers, this encoder makes {dimension}.")
    norm = float(np.linalg.norm(vector))
    if not np.isfinite(norm) or norm < 1e-6:
        raise web.HTTPBadRequest(text="The vector holds no direction.")
    unit: Vectors = vector / norm
    return unit


def _articles(request: web.Request) -> tuple[Article, ...]:
    snapshot = _knowledge(request).snapshot
    return snapshot.contents.articles if snapshot else ()


async def list_articles(request: web.Request) -> web.Response:
    """`GET /articles?locale=&unless=` → {revision, articles}; no articles are sent while `unless` is the revision."""
    locale = request.query.get("locale")
    snapshot = _knowledge(request).snapshot
    revision = snapshot.contents.revision if snapshot else ""
    if request.query.get("unless") == revision:
        return web.json_response({"revision": revision, "articles": None})
    listed = [_summary(article) for article in _articles(request) if locale in (None, article.locale)]
    return web.json_response({"revision": revision, "articles": listed})


async def article_by_id(request: web.Request) -> web.Response:
    """`GET /articles/{id}?locale=`: in that language if it exists, in another otherwise."""
    wanted, locale = request.match_info["article_id"], request.query.get("locale", "fr")
    versions = [article for article in _articles(request) if article.id == wanted]
    return _whole(sorted(versions, key=lambda article: article.locale != locale), request)


async def article_by_slug(request: web.Request) -> web.Response:
    """`GET /articles/by-slug/{locale}/{slug}`."""
    wanted = (request.match_info["locale"], request.match_info["slug"])
    return _whole([article for article in _articles(request) if (article.locale, article.slug) == wanted], request)


def _whole(versions: list[Article], request: web.Request) -> web.Response:
    if not versions:
        raise web.HTTPNotFound(text="There is no such article.")
    article = versions[0]
    languages = {other.locale: other.url for other in _articles(request) if other.id == article.id}
    more = {"body": typeset(article.body), "related": list(article.related), "locales": languages}
    return web.json_response({**_summary(article), **more})


def _summary(article: Article) -> dict[str, Any]:
    shown = {"title": typeset(article.title), "answer": typeset(article.answer)}
    names = ("locale", "slug", "topic", "version", "url")
    return {"article_id": article.id, **{name: getattr(article, name) for name in names}, **shown}


async def health(request: web.Request) -> web.Response:
    """`GET /healthz`: 503 until the folder has been read once."""
    snapshot = request.app[KNOWLEDGE].snapshot
    if snapshot is None:
        return web.json_response({"status": "starting", "articles": 0, "broken": [], "revision": ""}, status=503)
    contents = snapshot.contents
    return web.json_response(
        {
            "status": "ok",
            "articles": len(contents.articles),
            "broken": [problem.as_json() for problem in contents.broken],
            "revision": contents.revision,
        }
    )
