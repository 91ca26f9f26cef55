"""The studio's door to articles: list, drafts and their steps, what is published, its history, checks."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.db.people import User
from bot.errors import Refusal
from bot.rights import may
from bot.services import services_of
from bot.studio.client import actor_of
from bot.studio.gap_detail import gap_in_progress
from bot.studio.health_report import DEBTS, places_of
from bot.studio.pictures import look_for_pictures
from bot.studio.rules import second_person
from bot.texts import known, say
from bot.web.desk_session import user_with
from bot.web.reading import body_of, text_field
from bot.web.studio_door import (
    BASE,
    ONE,
    Json,
    form_of,
    kept_at,
    language_of,
    needed_revision,
    note,
    or_nothing,
    read_revision,
    refusals,
    revision_of,
    step_of,
    which,
)

routes = web.RouteTableDef()
_ASKED = ("q", "locale", "topic", "state", "author", "due", "stale", "missing", "scheduled", "offset", "limit")
_LONGEST_ASKED = 200
_DRAFT = f"{BASE}/drafts/{ONE}"
_PUBLISHED = f"{BASE}/articles/{ONE}"
# What the audit calls a step.
_STEPS = {
    "submit": "article_submitted",
    "unschedule": "article_unscheduled",
    "withdraw": "article_withdrawn",
    "approve": "article_approved",
    "reject": "article_rejected",
}


@routes.get(f"{BASE}/articles")
@refusals
async def listed(request: web.Request) -> web.Response:
    """Articles and drafts by what is asked of them, a page at a time."""
    await user_with(request, "write")
    asked = {key: request.query[key].strip() for key in _ASKED if request.query.get(key, "").strip()}
    if any(len(value) > _LONGEST_ASKED for value in asked.values()):
        raise Refusal("bad_request", 422)
    look = request.query.get("health", "")
    if look not in ("", *DEBTS):
        raise Refusal("bad_request", 422)
    only = await places_of(services_of(request), look) if look else None
    return web.json_response(await services_of(request).studio.articles(asked, only))


@routes.get(BASE + "/articles/{article_id:[\\w.-]{1,120}}")
@refusals
async def read(request: web.Request) -> web.Response:
    """An article in all its languages, what the reader may do with each draft and why not, the gap that it fills."""
    user = await user_with(request, "write")
    found = await services_of(request).studio.article(request.match_info["article_id"])
    for side in found["locales"].values():
        online = side.get("published")
        form = (side.get("draft") or {}).get("form") or online or side.get("archived")
        side["second"] = await _second(request, user, form, online)
        if problem := (side.get("draft") or {}).get("publish_problem"):
            locale = language_of(request)
            problem["message"] = known(locale, f"error_{problem['code']}") or say(locale, "error_internal")
    return web.json_response(found | {"gap": await gap_in_progress(services_of(request), found["article_id"])})


async def _second(request: web.Request, user: User, form: Json | None, online: Json | None = None) -> Json | None:
    """Who must read it, by all that it says and said; a long text is read for longer than customers' turns may wait."""
    if not form:
        return None
    service, locale = services_of(request).service, language_of(request)
    return await asyncio.to_thread(second_person, service, form, user.role, locale, online)


async def _side(request: web.Request, article_id: str, locale: str) -> Json:
    """The article in this language as it is now: `{published, version, draft, archived}`; empty when it is nowhere."""
    found = await or_nothing(services_of(request).studio.article(article_id))
    return found.get("locales", {}).get(locale) or {}


@routes.put(_DRAFT)
@refusals
async def save(request: web.Request) -> web.Response:
    """Keeps a draft. 409 `conflict` brings `theirs` and `base` when somebody saved in between."""
    user, body = await user_with(request, "write"), await body_of(request)
    article_id, locale = which(request)
    form = form_of(body, article_id, locale)
    # What was published meanwhile and merged with is said by its version.
    base = {"base_version": text_field(body, "base_version", longest=64)} if "base_version" in body else {}
    sent = {"form": form, "revision": revision_of(body), "actor": actor_of(user)}
    answer = await services_of(request).studio.save(article_id, locale, sent | base)
    second = await _second(request, user, form)
    if second is None and answer["draft"]["base_version"] is not None:
        second = await _second(request, user, (await _side(request, article_id, locale)).get("published"))
    return web.json_response(answer | {"second": second})


@routes.delete(_DRAFT)
@refusals
async def discard(request: web.Request) -> web.Response:
    """Takes away the `revision` that was read, and answers the draft, so that it can be put back."""
    user = await user_with(request, "write")
    answer = await services_of(request).studio.discard(*which(request), read_revision(request))
    await note(request, user, "article_draft_discarded", _title(answer.get("draft") or answer))
    return web.json_response(answer)


def _title(draft: Json) -> str:
    return str((draft.get("form") or {}).get("title", ""))


@routes.post(f"{_DRAFT}/{{step:submit|withdraw|unschedule}}")
@refusals
async def step(request: web.Request) -> web.Response:
    """Asks for a review, takes the draft back from it, or from the hour at which it was to go out."""
    return await _moved(request, await user_with(request, "write"), request.match_info["step"])


@routes.post(f"{_DRAFT}/{{verdict:approve|reject}}")
@refusals
async def verdict(request: web.Request) -> web.Response:
    """What a reviewer says of a revision."""
    return await _moved(request, await user_with(request, "approve"), request.match_info["verdict"])


async def _moved(request: web.Request, user: User, name: str) -> web.Response:
    answer = await services_of(request).studio.move(*which(request), name, await step_of(request, user))
    await note(request, user, _STEPS[name], _title(answer.get("draft") or answer))
    return web.json_response(answer)


@routes.post(f"{_DRAFT}/publish")
@refusals
async def publish(request: web.Request) -> web.Response:
    """Publishes now, or `at` a moment to come. 409 `second_person`: somebody else must approve this revision first."""
    user, body = await user_with(request, "write"), await body_of(request)
    services, (article_id, locale) = services_of(request), which(request)
    revision, at = needed_revision(body), _moment(body.get("at"), services.clock())
    side = await _side(request, article_id, locale)
    kept = kept_at(side, revision)
    needs = await _second(request, user, kept["form"], side.get("published"))
    sent = {"actor": actor_of(user), "revision": revision, "second_person": needs is not None}
    answer = await services.studio.move(article_id, locale, "publish", sent | ({"at": at} if at else {}))
    await note(request, user, "article_scheduled" if at else "article_published", _title(kept))
    return web.json_response(answer)


def _moment(given: Any, now: datetime) -> str | None:
    if given is None:
        return None
    try:
        at = datetime.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise Refusal("bad_request", 422) from error
    if at.tzinfo is None:
        raise Refusal("bad_request", 422)
    if at <= now:
        raise Refusal("publish_in_past", 422)
    return at.isoformat()


@routes.post(f"{_PUBLISHED}/{{turn:archive|unarchive}}")
@refusals
async def put_away(request: web.Request) -> web.Response:
    """Out of the chat and the help centre, or back. What a second person must read is for who publishes: 403."""
    user, name = await user_with(request, "write"), request.match_info["turn"]
    article_id, locale = which(request)
    side = await _side(request, article_id, locale)
    form = side.get("published" if name == "archive" else "archived") or {}
    if not may(user.role, "publish") and await _second(request, user, form):
        raise Refusal("publisher_needed", 403)
    answer = await services_of(request).studio.put_away(article_id, locale, name, actor_of(user))
    await note(request, user, f"article_{name}d", str(form.get("title", "")))
    return web.json_response(answer)


@routes.get(f"{_PUBLISHED}/history")
@refusals
async def history(request: web.Request) -> web.Response:
    """Who changed it, and when."""
    await user_with(request, "write")
    found = await services_of(request).studio.history(*which(request))
    return web.json_response(found if isinstance(found, dict) else {"history": found})


@routes.get(f"{_PUBLISHED}/history/{{commit:[0-9a-f]{{40}}}}")
@refusals
async def version(request: web.Request) -> web.Response:
    """What it said then."""
    await user_with(request, "write")
    found = await services_of(request).studio.version(*which(request), request.match_info["commit"])
    return web.json_response(found if "form" in found else {"form": found})


@routes.post(f"{_PUBLISHED}/restore")
@refusals
async def restore(request: web.Request) -> web.Response:
    """Makes a draft of an earlier version."""
    user, body = await user_with(request, "write"), await body_of(request)
    commit = text_field(body, "commit", longest=64)
    if not commit:
        raise Refusal("bad_request", 422)
    sent = {"commit": commit, "revision": revision_of(body), "actor": actor_of(user)}
    answer = await services_of(request).studio.restore(*which(request), sent)
    await note(request, user, "article_restored", _title(answer.get("draft") or answer))
    return web.json_response(answer)


@routes.post(f"{BASE}/check")
@refusals
async def check(request: web.Request) -> web.Response:
    """What is wrong with a form as it stands, what is like it, what goes with it, and who must read it."""
    user, body = await user_with(request, "write"), await body_of(request)
    form = form_of(body)
    answer = await look_for_pictures(services_of(request), await services_of(request).studio.check(form))
    second = await _second(request, user, form)
    if second is None and form.get("article_id"):
        side = await _side(request, str(form["article_id"])[:120], form["locale"])
        second = await _second(request, user, side.get("published"))
    return web.json_response(answer | {"second": second})
