"""Several people on one conversation: passing it on, looking on, putting it off, mending a release."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from bot.db.people import User
from bot.errors import Refusal
from bot.handoff import closing, snooze, taking_part, transfer, whole_case
from bot.handoff.colleagues import floor_of_colleagues
from bot.services import services_of
from bot.web.desk_session import advisor_for, user_with
from bot.web.reading import body_of, text_field

routes = web.RouteTableDef()
Json = dict[str, Any]
_BASE = "/api/v1/desk"
_HANDOFF = _BASE + "/handoffs/{handoff_id}"


def _id(request: web.Request) -> str:
    return request.match_info["handoff_id"]


def _passing(body: Json, user_field: str) -> transfer.Passing:
    return transfer.Passing(
        to_user=text_field(body, user_field, longest=64),
        to_skill=text_field(body, "to_skill", longest=64) if user_field == "to_user" else None,
        note=text_field(body, "note"),
        anyway=body.get("anyway") is True,
    )


@routes.get(_BASE + "/colleagues")
async def colleagues(request: web.Request) -> web.Response:
    """Who may be named, asked to look on, or passed a conversation; and the teams."""
    await advisor_for(request)
    return web.json_response(await floor_of_colleagues(services_of(request)))


@routes.post(_HANDOFF + "/transfer")
async def pass_on(request: web.Request) -> web.Response:
    """To a colleague or a team, by its advisor or a supervisor."""
    advisor = await advisor_for(request)
    wish = _passing(await body_of(request), "to_user")
    return web.json_response(await whole_case.transfer_all(services_of(request), _id(request), advisor, wish))


@routes.post(_HANDOFF + "/assign")
async def assign(request: web.Request) -> web.Response:
    """A supervisor decides whose it is."""
    supervisor = await user_with(request, "supervise")
    wish = _passing(await body_of(request), "user_id")
    return web.json_response(await whole_case.assign(services_of(request), _id(request), supervisor, wish))


@routes.post(_HANDOFF + "/invite")
async def invite(request: web.Request) -> web.Response:
    """A colleague may look on and write notes."""
    advisor = await advisor_for(request)
    guest = text_field(await body_of(request), "user_id", longest=64) or ""
    return web.json_response(await taking_part.invite(services_of(request), _id(request), advisor, guest))


@routes.post(_HANDOFF + "/listen")
async def listen(request: web.Request) -> web.Response:
    """A supervisor looks on; the advisor sees it and the audit keeps it."""
    supervisor = await user_with(request, "supervise")
    return web.json_response(await taking_part.watch(services_of(request), _id(request), supervisor, "listening"))


@routes.post(_HANDOFF + "/join")
async def join(request: web.Request) -> web.Response:
    """A supervisor may reply too; the customer is told."""
    supervisor = await user_with(request, "supervise")
    return web.json_response(await taking_part.watch(services_of(request), _id(request), supervisor, "joined"))


@routes.post(_HANDOFF + "/leave")
async def leave(request: web.Request) -> web.Response:
    """Ends an invitation, listening or joining."""
    advisor = await advisor_for(request)
    return web.json_response(await taking_part.leave(services_of(request), _id(request), advisor))


@routes.post(_HANDOFF + "/snooze")
async def put_off(request: web.Request) -> web.Response:
    """Until a moment, or until the customer writes."""
    advisor = await advisor_for(request)
    body = await body_of(request)
    until = _moment(text_field(body, "until", longest=40))
    reason = text_field(body, "reason", longest=1000)
    return web.json_response(await snooze.snooze(services_of(request), _id(request), advisor, until, reason))


def _moment(text: str | None) -> datetime:
    try:
        at = datetime.fromisoformat(text or "")
        at.timestamp()
    except (ValueError, OverflowError) as error:
        raise Refusal("bad_snooze", 422) from error
    if at.tzinfo is None:
        raise Refusal("bad_snooze", 422)
    return at


@routes.post(_HANDOFF + "/unsnooze")
async def take_up(request: web.Request) -> web.Response:
    """Before its moment."""
    advisor = await advisor_for(request)
    return web.json_response(await snooze.unsnooze(services_of(request), _id(request), advisor))


@routes.put(_HANDOFF + "/tags")
async def tag(request: web.Request) -> web.Response:
    """Replaces the tags."""
    user = await advisor_for(request)
    tags = (await body_of(request)).get("tags")
    if not isinstance(tags, list) or not all(isinstance(one, str) for one in tags):
        raise Refusal("bad_request", 422)
    return web.json_response(await closing.set_tags(services_of(request), _id(request), user, tags))


@routes.get(_BASE + "/tags")
async def tags_used(request: web.Request) -> web.Response:
    """Tags in use that begin with ``?q=``."""
    await advisor_for(request)
    return web.json_response({"tags": await closing.tags_used(services_of(request), request.query.get("q", ""))})


@routes.post(_HANDOFF + "/reopen")
async def reopen(request: web.Request) -> web.Response:
    """Undoes a release within a minute, while nobody has said anything since."""
    advisor: User = await advisor_for(request)
    return web.json_response(await whole_case.reopen(services_of(request), _id(request), advisor))
