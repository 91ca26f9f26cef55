"""The studio's door to decision trees: list, drafts and their steps, what is published, its history, checks, trying."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from bot.db.people import User
from bot.errors import Refusal
from bot.rights import may
from bot.services import services_of
from bot.studio.client import StudioRefusedError, actor_of
from bot.studio.rules import second_person_of_tree
from bot.studio.tree_try import Trial, walked
from bot.web.desk_session import user_with
from bot.web.reading import body_of, parsed, text_field
from bot.web.studio_door import (
    BASE,
    Json,
    kept_at,
    language_of,
    needed_revision,
    note_on,
    or_nothing,
    read_revision,
    refusals_of,
    revision_of,
    step_of,
)
from service.trees import LARGEST, Tree, problems

routes = web.RouteTableDef()
refusals = refusals_of("error_tree", "error")
_TREES = f"{BASE}/trees"
_ONE = _TREES + "/{tree_id:[a-z][a-z0-9_-]{0,59}}"
_DRAFT = f"{_ONE}/draft"
_STEPS = {
    "submit": "tree_submitted",
    "withdraw": "tree_withdrawn",
    "approve": "tree_approved",
    "reject": "tree_rejected",
}


def _id(request: web.Request) -> str:
    return request.match_info["tree_id"]


async def _call(request: web.Request, method: str, tail: str, body: Json | None = None, **params: str) -> Any:
    return await services_of(request).studio.call(method, f"/trees/{_id(request)}{tail}", body, params=params)


async def _large_body(request: web.Request) -> Json:
    """A body that holds a form. Raises ``Refusal``: 413 when it is larger than a tree may be."""
    raw = await request.read()
    if len(raw) > LARGEST:
        raise Refusal("too_large", 413)
    return parsed(raw)


def _tree(form: Any) -> Tree:
    try:
        return Tree.model_validate(form)
    except ValidationError as error:
        raise Refusal("bad_request", 422) from error


async def _second(request: web.Request, user: User, *forms: Json | None) -> Json | None:
    """Who must read it, by all that it says and said."""
    trees = [_tree(form) for form in forms if form]
    service, locale = services_of(request).service, language_of(request)
    return await asyncio.to_thread(second_person_of_tree, service, trees, user.role, locale) if trees else None


async def _whole(request: web.Request, tree_id: str) -> Json:
    """The tree as it is now; empty when it is nowhere."""
    return await or_nothing(services_of(request).studio.call("GET", f"/trees/{tree_id}"))


def _before(found: Json) -> Json | None:
    """What a draft takes the place of."""
    form: Json | None = found.get("published") or found.get("archived")
    return form


@routes.get(_TREES)
@refusals
async def listed(request: web.Request) -> web.Response:
    """A row for each tree that is there, drafted or archived."""
    await user_with(request, "write")
    return web.json_response(await services_of(request).studio.call("GET", "/trees"))


@routes.get(_ONE)
@refusals
async def read(request: web.Request) -> web.Response:
    """A tree with its draft, and who must read it."""
    user = await user_with(request, "write")
    found = await _call(request, "GET", "")
    draft = found["draft"]
    second = await _second(request, user, draft and draft["form"], _before(found))
    return web.json_response(found | {"second": second})


@routes.put(_DRAFT)
@refusals
async def save(request: web.Request) -> web.Response:
    """Keeps a draft. 409 `conflict` brings `theirs`, `base` and `published` when somebody saved in between."""
    user, body = await user_with(request, "write"), await _large_body(request)
    form = body.get("form")
    if not isinstance(form, dict):
        raise Refusal("bad_request", 422)
    form |= {"id": _id(request)}  # whatever it says itself
    _tree(form)
    base = {"base_version": text_field(body, "base_version", longest=64)} if "base_version" in body else {}
    sent = {"form": form, "revision": revision_of(body), "actor": actor_of(user)}
    answer = await _call(request, "PUT", "/draft", sent | base)
    before = _before(await _whole(request, _id(request)))
    second = await _second(request, user, answer["draft"]["form"], before)
    return web.json_response(answer | {"second": second})


@routes.delete(_DRAFT)
@refusals
async def discard(request: web.Request) -> web.Response:
    """Takes away the `revision` that was read, and answers the draft, so that it can be put back."""
    user = await user_with(request, "write")
    answer = await _call(request, "DELETE", "/draft", revision=str(read_revision(request)))
    await _note(request, user, "tree_draft_discarded", answer["draft"]["form"])
    return web.json_response(answer)


async def _note(request: web.Request, user: User, action: str, form: Json | None) -> None:
    await note_on(request, user, action, str(((form or {}).get("title") or {}).get("fr", "")), _id(request))


@routes.post(f"{_DRAFT}/{{step:submit|withdraw}}")
@refusals
async def step(request: web.Request) -> web.Response:
    """Asks for a review, or takes the draft back from it."""
    return await _moved(request, await user_with(request, "write"), request.match_info["step"])


@routes.post(f"{_DRAFT}/{{verdict:approve|reject}}")
@refusals
async def verdict(request: web.Request) -> web.Response:
    """What a reviewer says of a revision."""
    return await _moved(request, await user_with(request, "approve"), request.match_info["verdict"])


async def _moved(request: web.Request, user: User, name: str) -> web.Response:
    answer = await _call(request, "POST", f"/draft/{name}", await step_of(request, user))
    await _note(request, user, _STEPS[name], answer["draft"]["form"])
    return web.json_response(answer)


def _sent(user: User, **values: Any) -> Json:
    return {"actor": actor_of(user), **values}


@routes.post(f"{_DRAFT}/publish")
@refusals
async def publish(request: web.Request) -> web.Response:
    """Leads customers through it. 409 `second_person`: somebody else must approve this revision first."""
    user, body = await user_with(request, "write"), await body_of(request)
    revision, found = needed_revision(body), await _whole(request, _id(request))
    draft = kept_at(found, revision)
    needs = await _second(request, user, draft["form"], _before(found))
    sent = _sent(user, revision=revision, second_person=needs is not None)
    answer = await _call(request, "POST", "/draft/publish", sent)
    await _note(request, user, "tree_published", draft["form"])
    return web.json_response(answer)


@routes.post(f"{_ONE}/{{turn:archive|unarchive}}")
@refusals
async def put_away(request: web.Request) -> web.Response:
    """Away from customers, or back. What a second person must read is for who publishes: 403."""
    user, name = await user_with(request, "write"), request.match_info["turn"]
    found = await _whole(request, _id(request))
    form = found.get("published" if name == "archive" else "archived")
    if not may(user.role, "publish") and await _second(request, user, form):
        raise StudioRefusedError(403, {"error": {"code": "publisher_needed"}})
    answer = await _call(request, "POST", f"/{name}", _sent(user))
    await _note(request, user, f"tree_{name}d", form)
    return web.json_response(answer)


@routes.get(f"{_ONE}/history")
@refusals
async def history(request: web.Request) -> web.Response:
    """Who changed it, and when."""
    await user_with(request, "write")
    return web.json_response({"history": await _call(request, "GET", "/history")})


@routes.get(f"{_ONE}/history/{{commit:[0-9a-f]{{40}}}}")
@refusals
async def version(request: web.Request) -> web.Response:
    """What it was then."""
    await user_with(request, "write")
    return web.json_response({"form": await _call(request, "GET", f"/history/{request.match_info['commit']}")})


@routes.get(f"{_ONE}/history/{{commit:[0-9a-f]{{40}}}}/difference")
@refusals
async def difference(request: web.Request) -> web.Response:
    """What that version changed, or ``?against=now`` what changed since, up to the draft."""
    await user_with(request, "write")
    against = request.query.get("against", "before")
    if against not in ("before", "now"):
        raise Refusal("bad_request", 422)
    tail = f"/history/{request.match_info['commit']}/difference"
    return web.json_response(await _call(request, "GET", tail, against=against))


@routes.post(f"{_ONE}/restore")
@refusals
async def restore(request: web.Request) -> web.Response:
    """Makes a draft of an earlier version."""
    user, body = await user_with(request, "write"), await body_of(request)
    commit = text_field(body, "commit", longest=64)
    if not commit:
        raise Refusal("bad_request", 422)
    answer = await _call(request, "POST", "/restore", _sent(user, commit=commit, revision=revision_of(body)))
    await _note(request, user, "tree_restored", answer["draft"]["form"])
    return web.json_response(answer)


@routes.post(f"{_TREES}/check")
@refusals
async def check(request: web.Request) -> web.Response:
    """What is wrong with a form as it stands, and who must read it."""
    user, body = await user_with(request, "write"), await _large_body(request)
    tree = _tree(body.get("form"))
    found = await asyncio.to_thread(problems, tree)
    known = not any(one.code == "id_invalid" for one in found)
    before = _before(await _whole(request, tree.id)) if known else None
    second = await _second(request, user, body["form"], before)
    return web.json_response({"problems": [one.as_json() for one in found], "second": second})


@routes.post(f"{_TREES}/try")
@refusals
async def try_it(request: web.Request) -> web.Response:
    """Where these answers lead a customer, by the form as it stands."""
    await user_with(request, "write")
    body = await _large_body(request)
    try:
        trial = Trial.model_validate(body)
    except ValidationError as error:
        raise Refusal("bad_request", 422) from error
    return web.json_response(await asyncio.to_thread(walked, services_of(request).service, trial, language_of(request)))
