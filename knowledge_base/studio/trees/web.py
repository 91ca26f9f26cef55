"""The studio's routes for decision trees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import structlog
from aiohttp import web

from knowledge_base.studio import review, starting
from knowledge_base.studio.errors import not_found
from knowledge_base.studio.trees.desk import TreeDesk
from knowledge_base.studio.trees.form import TreeForm
from knowledge_base.studio.web import Act, Publish, Restore, SaveDraft, asked_revision, done, read
from service.trees import LARGEST

log = structlog.get_logger()
DESK = web.AppKey("trees", TreeDesk)
SETTLE_SECONDS = 2.0
routes = web.RouteTableDef()
ONE = "/studio/trees/{tree_id:[a-z][a-z0-9_-]{0,59}}"


class Save(SaveDraft):
    """A whole form."""

    form: TreeForm


async def running(app: web.Application) -> AsyncIterator[None]:
    """Goes on with what was interrupted; clears up from time to time."""
    desk = app[DESK]
    await asyncio.to_thread(starting.start, desk)
    task = asyncio.create_task(_follow(desk))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.to_thread(desk.database.close)


async def _follow(desk: TreeDesk) -> None:
    while True:
        try:
            await asyncio.to_thread(desk.settle)
        except Exception as error:  # noqa: BLE001 - a full disk passes, and is tried again
            log.error("trees_not_settled", reason=type(error).__name__)  # noqa: TRY400
        await asyncio.sleep(SETTLE_SECONDS)


def _desk(request: web.Request) -> TreeDesk:
    return request.app[DESK]


def _id(request: web.Request) -> str:
    return request.match_info["tree_id"]


@routes.get("/studio/trees")
async def listed(request: web.Request) -> web.Response:
    """{trees}."""
    return web.json_response({"trees": await asyncio.to_thread(_desk(request).listed)})


@routes.get(ONE)
async def whole(request: web.Request) -> web.Response:
    """{tree_id, published, version, draft, archived, broken, updated_at, updated_by}."""
    found = await asyncio.to_thread(_desk(request).whole, _id(request))
    if not (found["published"] or found["draft"] or found["archived"]):
        raise not_found("tree")
    return web.json_response(found)


@routes.put(ONE + "/draft")
async def save(request: web.Request) -> web.Response:
    """Save a draft → {draft, problems}; 409 `conflict` with `theirs`, `base`, `published`."""
    body = await read(request, Save, LARGEST)
    form, actor = body.form.at(_id(request)), body.actor.model_dump()
    return await done(_desk(request).save, form, body.revision, actor, **body.base)


@routes.delete(ONE + "/draft")
async def discard(request: web.Request) -> web.Response:
    """`?revision` → {draft}, which can be saved again."""
    return await done(_desk(request).discard, _id(request), asked_revision(request))


@routes.post(ONE + "/draft/{step:submit|withdraw|approve|reject}")
async def step(request: web.Request) -> web.Response:
    """One step of a review → {draft}."""
    body, place = await read(request, Act), (_id(request), "")
    named: Any = request.match_info["step"]
    step_of = named, body.read_revision(), body.actor.model_dump(), body.note
    return await done(review.take, _desk(request), place, *step_of)


@routes.post(ONE + "/draft/publish")
async def publish(request: web.Request) -> web.Response:
    """Publish now → {version, commit}."""
    body = await read(request, Publish)
    rule = {"second_person": body.second_person}
    return await done(_desk(request).publish, _id(request), body.revision, body.actor.model_dump(), **rule)


@routes.post(ONE + "/{turn:archive|unarchive}")
async def put_away(request: web.Request) -> web.Response:
    """Away from customers, or back → {commit}."""
    desk, body = _desk(request), await read(request, Act)
    work = desk.archive if request.match_info["turn"] == "archive" else desk.unarchive
    return await done(work, _id(request), body.actor.model_dump())


@routes.get(ONE + "/history")
async def history(request: web.Request) -> web.Response:
    """[{commit, at, author, message, action}], the newest first."""
    found = await asyncio.to_thread(_desk(request).past.versions)
    return web.json_response([version.as_json() for version in found.get(f"{_id(request)}.yml", [])])


@routes.get(ONE + "/history/{commit:[0-9a-f]{40}}")
async def version_of(request: web.Request) -> web.Response:
    """The form as of that commit."""
    form = await asyncio.to_thread(_desk(request).form_at, _id(request), request.match_info["commit"])
    return web.json_response(form.as_json())


@routes.get(ONE + "/history/{commit:[0-9a-f]{40}}/difference")
async def difference_of(request: web.Request) -> web.Response:
    """`?against=now`: what changed since; else what this version changed → {before, after, fields, steps}."""
    desk = _desk(request)
    work = desk.changed_since if request.query.get("against") == "now" else desk.changed_by
    return web.json_response(await asyncio.to_thread(work, _id(request), request.match_info["commit"]))


@routes.post(ONE + "/restore")
async def restore(request: web.Request) -> web.Response:
    """A draft of that commit's text → {draft, problems}."""
    desk, body = _desk(request), await read(request, Restore)
    form = await asyncio.to_thread(desk.form_at, _id(request), body.commit)
    return await done(desk.save, form, body.revision, body.actor.model_dump())
