"""The accounts of the desk, for those who may invite and change them."""

from __future__ import annotations

from aiohttp import web

from bot.accounts import managing
from bot.db.people import User
from bot.services import services_of
from bot.users import ROLES
from bot.web.desk_session import user_with
from bot.web.keys import LIMITS
from bot.web.reading import body_of

routes = web.RouteTableDef()
_USERS = "/api/v1/desk/users"
_INVITATIONS_A_MINUTE = 20


async def _answer(request: web.Request, actor: User, status: int = 200, **more: str) -> web.Response:
    """Everybody, as they are now: each change is answered so."""
    services = services_of(request)
    skills = [{"name": skill.name, "label": skill.label.model_dump()} for skill in services.service.skills]
    roles = [role for role in ROLES if managing.may_manage(actor, role)]
    users = await managing.list_users(services, actor)
    return web.json_response({"users": users, "skills": skills, "roles": roles, **more}, status=status)


@routes.get(_USERS)
async def users(request: web.Request) -> web.Response:
    """Who has an account, and what the caller may do with it."""
    return await _answer(request, await user_with(request, "supervise"))


@routes.post(_USERS)
async def invite(request: web.Request) -> web.Response:
    """Invites somebody by mail."""
    actor = await user_with(request, "supervise")
    await request.app[LIMITS].check("invite", actor.id, _INVITATIONS_A_MINUTE)
    user_id = await managing.invite(services_of(request), actor, await body_of(request))
    return await _answer(request, actor, 201, user_id=user_id)


@routes.put(_USERS + "/{user_id}")
async def change(request: web.Request) -> web.Response:
    """Role, name, languages, skills, conversations at once."""
    actor = await user_with(request, "supervise")
    await managing.change(services_of(request), actor, request.match_info["user_id"], await body_of(request))
    return await _answer(request, actor)


@routes.post(_USERS + "/{user_id}/invitation")
async def invite_again(request: web.Request) -> web.Response:
    """Sends a fresh invitation; the one before is worth nothing any more."""
    actor = await user_with(request, "supervise")
    await request.app[LIMITS].check("invite", actor.id, _INVITATIONS_A_MINUTE)
    await managing.invite_again(services_of(request), actor, request.match_info["user_id"])
    return await _answer(request, actor)


@routes.post(_USERS + "/{user_id}/disable")
async def disable(request: web.Request) -> web.Response:
    """Closes an account; its conversations go back to the queue's head."""
    actor = await user_with(request, "supervise")
    await managing.disable(services_of(request), actor, request.match_info["user_id"])
    return await _answer(request, actor)


@routes.post(_USERS + "/{user_id}/enable")
async def enable(request: web.Request) -> web.Response:
    """Opens it again."""
    actor = await user_with(request, "supervise")
    await managing.enable(services_of(request), actor, request.match_info["user_id"])
    return await _answer(request, actor)
