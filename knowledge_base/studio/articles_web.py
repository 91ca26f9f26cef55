"""The studio's routes for articles and drafts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict

from knowledge_base.content.parsing import MAX_BYTES
from knowledge_base.studio import review
from knowledge_base.studio.errors import StudioError, not_found
from knowledge_base.studio.form import Form
from knowledge_base.studio.listing import SORTS, Asked, Listing
from knowledge_base.studio.studio import Studio
from knowledge_base.studio.telling import in_pieces
from knowledge_base.studio.web import Act, Publish, Restore, SaveDraft, asked_revision, done, read

log = structlog.get_logger()
STUDIO = web.AppKey("studio", Studio)
LISTING = web.AppKey("listing", Listing)
SCHEDULE_SECONDS = 1.0
SEARCHABLE_SECONDS = 5.0
routes = web.RouteTableDef()
PLACE = "/studio/drafts/{article_id}/{locale:[a-z]{2}}"
ARTICLE = "/studio/articles/{article_id}/{locale:[a-z]{2}}"


class Save(SaveDraft):
    """A whole form."""

    form: Form


class PublishAt(Publish):
    """`at` sets an hour."""

    at: datetime | None = None


class These(BaseModel):
    """Article ids, each with a language."""

    model_config = ConfigDict(extra="forbid")

    only: list[tuple[str, str]]


async def running(app: web.Application) -> AsyncIterator[None]:
    """Publishes what was set for an hour; ends with the app."""
    studio = app[STUDIO]
    task = asyncio.create_task(_follow(studio))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.to_thread(studio.close)


async def _follow(studio: Studio) -> None:
    while True:
        try:
            await asyncio.to_thread(review.publish_due, studio)
            await asyncio.to_thread(studio.settle)
        except Exception:  # what cannot be published now is tried again
            log.exception("schedule_failed")
        await asyncio.sleep(SCHEDULE_SECONDS)


def _place(request: web.Request) -> tuple[str, str]:
    return request.match_info["article_id"], request.match_info["locale"]


def _studio(request: web.Request) -> Studio:
    studio = request.app[STUDIO]
    if not studio.ready():
        raise StudioError("starting", 503, "The articles are still being read.")
    return studio


@routes.get("/studio/articles")
async def articles(request: web.Request) -> web.Response:
    """`?q&topic&state&author&locale&due&stale&missing&scheduled&sort&offset&limit` → one page with its facets."""
    return await _page(request, None)


@routes.post("/studio/articles")
async def these_articles(request: web.Request) -> web.Response:
    """The same of some articles alone."""
    return await _page(request, frozenset((await read(request, These)).only))


async def _page(request: web.Request, only: frozenset[tuple[str, str]] | None) -> web.Response:
    _studio(request)
    query = request.query
    given: dict[str, Any] = {name: query.get(name, "")[:200] for name in ("q", "topic", "state", "author", "locale")}
    given |= {name: query.get(name, "") in ("1", "true") for name in ("stale", "missing", "scheduled")}
    asked = Asked(
        **given,
        only=only,
        due=_number(query.get("due"), 3650) if query.get("due") else None,
        sort=query.get("sort", "") if query.get("sort", "") in SORTS else "updated_at",
        offset=_number(query.get("offset"), 1_000_000),
        limit=_number(query.get("limit", "50"), 500),
    )
    return web.json_response(await asyncio.to_thread(request.app[LISTING].page, asked))


@routes.get("/studio/shelf")
async def shelf(request: web.Request) -> web.StreamResponse:
    """Every row of the list at once."""
    _studio(request)
    return await in_pieces(request, await asyncio.to_thread(request.app[LISTING].whole))


@routes.get("/studio/scheduled")
async def scheduled(request: web.Request) -> web.Response:
    """`?since` → {publications: [{commit, at, by, meant_for, article_id, locale, title}]}, the oldest first."""
    since = request.query.get("since", "")
    return web.json_response({"publications": await asyncio.to_thread(_studio(request).versions.scheduled, since)})


def _number(text: str | None, most: int) -> int:
    return min(int(text), most) if text and text.isdecimal() and len(text) < 9 else 0


@routes.get("/studio/articles/{article_id}")
async def article(request: web.Request) -> web.Response:
    """In every language: what is published, its version, the draft."""
    studio, article_id = _studio(request), request.match_info["article_id"]
    found = await asyncio.to_thread(studio.whole, article_id)
    if not found:
        raise not_found("article")
    return web.json_response({"article_id": article_id, "locales": found})


@routes.put(PLACE)
async def save(request: web.Request) -> web.Response:
    """Save a draft → {draft, problems, unscheduled}; 409 `conflict` with `theirs`, `base`, `published`."""
    studio, body = _studio(request), await read(request, Save)
    form = body.form.at(*_place(request))
    if len(form.body.encode()) > MAX_BYTES:
        told = "The article is larger than 1 MB: split the article, or move pictures out of its text."
        raise StudioError("too_large", 413, told, most=MAX_BYTES)
    return await done(studio.save, form, body.revision, body.actor.model_dump(), **body.base)


@routes.delete(PLACE)
async def discard(request: web.Request) -> web.Response:
    """`?revision` → {draft}, which can be saved again with its `base_version`."""
    return await done(_studio(request).discard, *_place(request), asked_revision(request))


@routes.post(PLACE + "/{step:submit|withdraw|approve|reject}")
async def step(request: web.Request) -> web.Response:
    """One step of a review → {draft}."""
    studio, body = _studio(request), await read(request, Act)
    named = request.match_info["step"]
    step_of = named, body.read_revision(), body.actor.model_dump(), body.note
    return await done(review.take, studio, _place(request), *step_of)


@routes.post(PLACE + "/publish")
async def publish(request: web.Request) -> web.Response:
    """Publish now → {version, commit, url, searchable}, or at an hour → {draft}."""
    studio, body = _studio(request), await read(request, PublishAt)
    actor, place = body.actor.model_dump(), _place(request)
    if body.at is not None:
        at = body.at if body.at.tzinfo else body.at.replace(tzinfo=UTC)
        rule = {"second_person": body.second_person}
        return await done(review.schedule, studio, place, body.revision, actor, at, **rule)
    told = await asyncio.to_thread(studio.publish, *place, body.revision, actor, second_person=body.second_person)
    return web.json_response({**told, "searchable": await _searchable(studio, place, told["version"])})


@routes.post(PLACE + "/unschedule")
async def unschedule(request: web.Request) -> web.Response:
    """Take the hour away, and what went wrong at it → {draft}."""
    studio, body = _studio(request), await read(request, Act)
    return await done(review.unschedule, studio, _place(request), body.read_revision())


@routes.post(ARTICLE + "/archive")
async def archive(request: web.Request) -> web.Response:
    """Take a published article away → {version: null, commit}."""
    studio, body = _studio(request), await read(request, Act)
    told = await asyncio.to_thread(studio.archive, *_place(request), body.actor.model_dump())
    return web.json_response({**told, "searchable": not await _searchable(studio, _place(request), None)})


@routes.post(ARTICLE + "/unarchive")
async def unarchive(request: web.Request) -> web.Response:
    """Publish it again → {version, commit, url, searchable}."""
    studio, body = _studio(request), await read(request, Act)
    told = await asyncio.to_thread(studio.unarchive, *_place(request), body.actor.model_dump())
    return web.json_response({**told, "searchable": await _searchable(studio, _place(request), told["version"])})


@routes.get(ARTICLE + "/history")
async def history(request: web.Request) -> web.Response:
    """[{commit, at, author, message, action}], the newest first."""
    found = await asyncio.to_thread(_studio(request).versions.of, *_place(request))
    return web.json_response([version.as_json() for version in found])


@routes.get(ARTICLE + "/history/{commit:[0-9a-f]{40}}")
async def version_of(request: web.Request) -> web.Response:
    """The form as of that commit."""
    form = await asyncio.to_thread(_studio(request).form_at, *_place(request), request.match_info["commit"])
    return web.json_response(form.as_json())


@routes.post(ARTICLE + "/restore")
async def restore(request: web.Request) -> web.Response:
    """A draft of that commit's text → {draft, problems}."""
    studio, body = _studio(request), await read(request, Restore)
    return await done(studio.restore, *_place(request), body.commit, body.revision, body.actor.model_dump())


async def _searchable(studio: Studio, place: tuple[str, str], version: str | None) -> bool:
    """Whether the next question finds it: it does in a moment, and longer than that nobody waits."""
    end = asyncio.get_running_loop().time() + SEARCHABLE_SECONDS
    while asyncio.get_running_loop().time() < end:
        found = studio.searched(*place)
        if (found.version if found else None) == version:
            return found is not None
        await asyncio.sleep(0.02)
    return version is None
