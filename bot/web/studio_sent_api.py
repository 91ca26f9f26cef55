"""The studio's door to what is sent on: questions that a product or a process causes, to whoever can mend it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.errors import Refusal
from bot.services import services_of
from bot.studio.health import PERIODS, USUAL_DAYS
from bot.studio.sent_case import Subject
from bot.studio.sent_list import listed
from bot.studio.sent_on import owner_of, preview, send
from bot.studio.sent_settled import STATES, settle, take_back
from bot.texts import LOCALES
from bot.web.desk_session import user_with
from bot.web.reading import body_of, text_field
from bot.web.studio_door import BASE, LONGEST_NOTE

routes = web.RouteTableDef()
Json = dict[str, Any]


@routes.get(f"{BASE}/sent-on")
async def list_sent(request: web.Request) -> web.Response:
    """Owners, and everything that was sent to them."""
    await user_with(request, "write")
    return web.json_response(await listed(services_of(request)))


@routes.post(f"{BASE}/sent-on/preview")
async def see(request: web.Request) -> web.Response:
    """The mail, word for word; nothing is sent."""
    user, body = await user_with(request, "write"), await body_of(request)
    services = services_of(request)
    owner = owner_of(services, text_field(body, "owner", longest=32) or "")
    return web.json_response(await preview(services, user, _subject(body), owner, _note(body), _days(body)))


@routes.post(f"{BASE}/sent-on")
async def send_on(request: web.Request) -> web.Response:
    """``{gap_id | article_id, locale; owner, note?, days?}`` → ``{sent_id}``."""
    user, body = await user_with(request, "write"), await body_of(request)
    services = services_of(request)
    owner = owner_of(services, text_field(body, "owner", longest=32) or "")
    sent_id = await send(services, user, _subject(body), owner, _note(body), _days(body))
    return web.json_response({"sent_id": sent_id}, status=201)


@routes.delete(BASE + r"/sent-on/{sent_id:[\w-]{1,32}}")
async def undo(request: web.Request) -> web.Response:
    """Takes it back before its mail goes; 409 after."""
    user = await user_with(request, "write")
    await take_back(services_of(request), user, request.match_info["sent_id"])
    return web.json_response({})


@routes.put(BASE + r"/sent-on/{sent_id:[\w-]{1,32}}/state")
async def put_sent_state(request: web.Request) -> web.Response:
    """``{state: pending|resolved|mistaken}`` → ``{state, before}``."""
    user, body = await user_with(request, "write"), await body_of(request)
    state = text_field(body, "state", longest=16) or ""
    if state not in STATES:
        raise Refusal("bad_request", 422)
    before = await settle(services_of(request), user, request.match_info["sent_id"], state)
    return web.json_response({"state": state, "before": before})


def _subject(body: Json) -> Subject:
    gap_id = text_field(body, "gap_id", longest=32)
    article_id, locale = text_field(body, "article_id", longest=120), text_field(body, "locale", longest=8)
    if gap_id and not article_id:
        return Subject(gap_id=gap_id)
    if article_id and locale in LOCALES and not gap_id:
        return Subject(article_id=article_id, locale=locale)
    raise Refusal("bad_request", 422)


def _note(body: Json) -> str:
    return (text_field(body, "note", longest=LONGEST_NOTE) or "").strip()


def _days(body: Json) -> int:
    days = body.get("days", USUAL_DAYS)
    if isinstance(days, bool) or days not in PERIODS:
        raise Refusal("bad_request", 422)
    return int(days)
