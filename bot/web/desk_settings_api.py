"""Opening hours, days off, skills and thresholds, changed on a page."""

from __future__ import annotations

from aiohttp import web

from bot import company_settings
from bot.services import services_of
from bot.web.desk_session import user_with
from bot.web.reading import body_of

routes = web.RouteTableDef()
_SETTINGS = "/api/v1/desk/settings"


async def _answer(request: web.Request) -> web.Response:
    return web.json_response(await company_settings.read_all(services_of(request)))


@routes.get(_SETTINGS)
async def settings(request: web.Request) -> web.Response:
    """Every section, what the file says, and who changed it last."""
    await user_with(request, "supervise")
    return await _answer(request)


@routes.put(_SETTINGS + "/{section}")
async def change(request: web.Request) -> web.Response:
    """Changes one section; ``revision`` is the one that was read."""
    user = await user_with(request, "supervise")
    body, section = await body_of(request), request.match_info["section"]
    await company_settings.change(services_of(request), user, section, body.get("value"), body.get("revision"))
    return await _answer(request)


@routes.post(_SETTINGS + "/{section}/reset")
async def reset(request: web.Request) -> web.Response:
    """Back to the file."""
    user = await user_with(request, "supervise")
    body = await body_of(request)
    await company_settings.reset(services_of(request), user, request.match_info["section"], body.get("revision"))
    return await _answer(request)


@routes.post(_SETTINGS + "/{section}/undo")
async def undo(request: web.Request) -> web.Response:
    """Back to what it was before the last change."""
    user = await user_with(request, "supervise")
    body = await body_of(request)
    await company_settings.undo(services_of(request), user, request.match_info["section"], body.get("revision"))
    return await _answer(request)
