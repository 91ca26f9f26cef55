"""The studio's door to incidents: writers prepare them, who publishes puts them in front."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from bot.errors import Refusal
from bot.incidents import managing, switching
from bot.incidents.forms import read_form, read_texts
from bot.incidents.trying import tried
from bot.services import services_of
from bot.web.desk_session import user_with
from bot.web.reading import body_of, text_field

routes = web.RouteTableDef()
_BASE = "/api/v1/studio/incidents"
_ONE = _BASE + "/{incident_id}"
_LONGEST_QUESTION = 500


@routes.get(_BASE)
async def listed(request: web.Request) -> web.Response:
    """Everything prepared, what is in front first, and topics that rise."""
    await user_with(request, "write")
    return web.json_response(await managing.listed(services_of(request)))


@routes.post(_BASE)
async def make(request: web.Request) -> web.Response:
    """Prepares one."""
    user = await user_with(request, "write")
    services = services_of(request)
    form = read_form(services, await body_of(request))
    return web.json_response({"incident": await managing.make(services, user, form)}, status=201)


@routes.post(_BASE + "/try")
async def try_it(request: web.Request) -> web.Response:
    """Whether a question would get this form first, and why."""
    await user_with(request, "write")
    services, body = services_of(request), await body_of(request)
    question = (text_field(body, "question", longest=_LONGEST_QUESTION) or "").strip()
    if not question:
        raise Refusal("bad_request", 422)
    locale = text_field(body, "locale") or services.service.brand.languages[0]
    return web.json_response(await tried(services, read_form(services, body), question, locale))


@routes.get(_ONE)
async def one(request: web.Request) -> web.Response:
    """One, and how many would be told if it were switched on or sent news now."""
    await user_with(request, "write")
    services, key = services_of(request), request.match_info["incident_id"]
    incident = await managing.one(services, key)
    return web.json_response({"incident": incident, "reach": await switching.reach(services, key)})


@routes.put(_ONE)
async def change(request: web.Request) -> web.Response:
    """Another form; ``revision`` is the one that was read."""
    user = await user_with(request, "write")
    services, body = services_of(request), await body_of(request)
    form, key = read_form(services, body), request.match_info["incident_id"]
    return web.json_response({"incident": await managing.change(services, user, key, form, body.get("revision"))})


@routes.delete(_ONE)
async def remove(request: web.Request) -> web.Response:
    """Takes it away, and answers its form."""
    user = await user_with(request, "write")
    return web.json_response(await managing.remove(services_of(request), user, request.match_info["incident_id"]))


@routes.post(_ONE + "/on")
async def switch_on(request: web.Request) -> web.Response:
    """In front, until ``ends_at`` if there is one."""
    user = await user_with(request, "publish")
    body, key = await body_of(request), request.match_info["incident_id"]
    row = await switching.switch_on(
        services_of(request), user, key, body.get("revision"), _moment(body), tell_at_end=_flag(body, "tell_at_end")
    )
    return web.json_response({"incident": row})


@routes.post(_ONE + "/off")
async def switch_off(request: web.Request) -> web.Response:
    """Over; ``tell``: those who were told of it hear so."""
    user = await user_with(request, "publish")
    body, key = await body_of(request), request.match_info["incident_id"]
    row = await switching.switch_off(services_of(request), user, key, tell=_flag(body, "tell"))
    return web.json_response({"incident": row})


@routes.post(_ONE + "/end")
async def change_end(request: web.Request) -> web.Response:
    """Another end date while it is in front; none: until somebody ends it."""
    user = await user_with(request, "publish")
    body, key = await body_of(request), request.match_info["incident_id"]
    tell = _flag(body, "tell_at_end")
    return web.json_response(
        {"incident": await switching.change_end(services_of(request), user, key, _moment(body), tell)}
    )


@routes.post(_ONE + "/undo")
async def undo(request: web.Request) -> web.Response:
    """Takes back the last switch, while nobody was told."""
    user = await user_with(request, "publish")
    key = request.match_info["incident_id"]
    return web.json_response({"incident": await switching.undo(services_of(request), user, key)})


@routes.post(_ONE + "/updates")
async def update(request: web.Request) -> web.Response:
    """News for those who asked or wait, once each."""
    user = await user_with(request, "publish")
    services, body, key = services_of(request), await body_of(request), request.match_info["incident_id"]
    text = read_texts(services, body.get("text"))
    return web.json_response({"incident": await switching.update(services, user, key, text)}, status=201)


@routes.delete(_ONE + "/updates/{number}")
async def take_back(request: web.Request) -> web.Response:
    """News that has not gone out yet."""
    user = await user_with(request, "publish")
    key, number = request.match_info["incident_id"], request.match_info["number"]
    if not (number.isascii() and number.isdecimal() and len(number) < 7):
        raise Refusal("unknown_incident", 404)
    return web.json_response({"incident": await switching.take_back(services_of(request), user, key, int(number))})


@routes.delete("/api/v1/studio/incident-alerts/{alert_id}")
async def put_aside(request: web.Request) -> web.Response:
    """A rise that needs nothing."""
    user = await user_with(request, "write")
    await managing.put_aside(services_of(request), user, request.match_info["alert_id"])
    return web.Response(status=204)


def _moment(body: dict[str, Any]) -> datetime | None:
    raw = text_field(body, "ends_at")
    if not raw:
        return None
    try:
        at = datetime.fromisoformat(raw)
    except ValueError as error:
        raise Refusal("incident_end", 422, extra={"field": "ends_at"}) from error
    if at.tzinfo is None or not 2000 < at.year < 3000:
        raise Refusal("incident_end", 422, extra={"field": "ends_at"})
    return at


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise Refusal("bad_request", 422)
    return value
