"""The desk's door for canned replies: advisors read them, supervisors edit them."""

from __future__ import annotations

from aiohttp import web

from bot.services import services_of
from bot.web.desk_session import advisor_for, user_with
from bot.web.reading import body_of
from bot.words import canned

routes = web.RouteTableDef()
_BASE = "/api/v1/desk/replies"


@routes.get(_BASE)
async def replies(request: web.Request) -> web.Response:
    """All of them, with the variables that the desk can fill."""
    await advisor_for(request)
    return web.json_response(await canned.list_replies(services_of(request)))


@routes.post(_BASE)
async def add(request: web.Request) -> web.Response:
    """One more."""
    user = await user_with(request, "supervise")
    reply, is_new = await canned.create(services_of(request), user, await body_of(request))
    return web.json_response({"reply": reply}, status=201 if is_new else 200)


@routes.put(_BASE + "/{reply_id}")
async def change(request: web.Request) -> web.Response:
    """Says it anew."""
    user = await user_with(request, "supervise")
    reply = await canned.change(services_of(request), user, request.match_info["reply_id"], await body_of(request))
    return web.json_response({"reply": reply})


@routes.delete(_BASE + "/{reply_id}")
async def remove(request: web.Request) -> web.Response:
    """Takes one away."""
    user = await user_with(request, "supervise")
    await canned.remove(services_of(request), user, request.match_info["reply_id"])
    return web.json_response({})
