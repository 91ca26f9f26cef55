"""The live floor, for supervisors."""

from __future__ import annotations

from aiohttp import web

from bot.handoff import overview
from bot.services import services_of
from bot.web.desk_session import user_with
from bot.web.reading import body_of, text_field

routes = web.RouteTableDef()
_FLOOR = "/api/v1/desk/floor"


@routes.get(_FLOOR)
async def floor(request: web.Request) -> web.Response:
    """Who is there, who waits, what is at risk."""
    await user_with(request, "supervise")
    return web.json_response(await overview.read_overview(services_of(request)))


@routes.put(_FLOOR + "/advisors/{user_id}/presence")
async def presence(request: web.Request) -> web.Response:
    """Says of an advisor that they are away, or back."""
    supervisor = await user_with(request, "supervise")
    status = text_field(await body_of(request), "status") or ""
    services = services_of(request)
    await overview.set_presence(services, supervisor, request.match_info["user_id"], status)
    return web.json_response(await overview.read_overview(services))
