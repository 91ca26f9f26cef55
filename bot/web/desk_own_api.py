"""One's own account at the desk: sessions, password, name, languages."""

from __future__ import annotations

from aiohttp import web

from bot.accounts import own, sessions
from bot.services import services_of
from bot.users import shown
from bot.web.desk_session import user_for
from bot.web.reading import address_of, body_of, text_field

routes = web.RouteTableDef()
_BASE = "/api/v1/desk"


@routes.get(_BASE + "/sessions")
async def list_sessions(request: web.Request) -> web.Response:
    """Where one is signed in."""
    found = await user_for(request)
    return web.json_response({"sessions": await sessions.list_sessions(services_of(request), found.user, found.token)})


@routes.delete(_BASE + "/sessions/{session_id}")
async def end_session(request: web.Request) -> web.Response:
    """Signs out somewhere else."""
    found = await user_for(request)
    await sessions.end_one(services_of(request), found.user, request.match_info["session_id"])
    return web.json_response({})


@routes.delete(_BASE + "/sessions")
async def end_others(request: web.Request) -> web.Response:
    """Signs out everywhere else."""
    found = await user_for(request)
    return web.json_response({"ended": await sessions.end_others(services_of(request), found.user, found.token)})


@routes.put(_BASE + "/me")
async def change_me(request: web.Request) -> web.Response:
    """One's name and languages."""
    found = await user_for(request)
    user = await own.change_own(services_of(request), found.user, await body_of(request))
    return web.json_response({"user": shown(user)})


@routes.put(_BASE + "/me/password")
async def change_password(request: web.Request) -> web.Response:
    """A new password; the old one is asked for, and every other session ends."""
    found = await user_for(request)
    body = await body_of(request)
    current = text_field(body, "current", longest=1000) or ""
    new = text_field(body, "new", longest=1000) or ""
    services = services_of(request)
    await own.change_password(services, found.user, found.token, address_of(request), current, new)
    return web.json_response({})
