"""What this customer agrees to, and everything that is kept of them."""

from __future__ import annotations

from aiohttp import web

from bot.identity.consents import shown
from bot.identity.deciding import change
from bot.identity.export import exported
from bot.services import services_of
from bot.web.conversations_api import conversation_for
from bot.web.keys import LIMITS
from bot.web.reading import body_of

routes = web.RouteTableDef()
_CONSENTS = "/api/v1/conversations/{id}/consents"
_CHANGES_A_MINUTE = 30
_EXPORTS_A_MINUTE = 5


@routes.get(_CONSENTS)
async def read(request: web.Request) -> web.Response:
    """Each purpose in plain words, with what holds and since when."""
    services = services_of(request)
    conversation = await conversation_for(request)
    async with services.db.read() as session:
        consents = await shown(session, conversation, services.service.brand.name)
    return web.json_response({"consents": consents})


@routes.put(_CONSENTS)
async def write(request: web.Request) -> web.Response:
    """``{purpose: true|false, …}``; the purposes that are not named stay as they are."""
    conversation = await conversation_for(request)
    await request.app[LIMITS].check("consent", conversation.id, _CHANGES_A_MINUTE)
    return web.json_response({"consents": await change(services_of(request), conversation.id, await body_of(request))})


@routes.get("/api/v1/conversations/{id}/export")
async def export(request: web.Request) -> web.Response:
    """Everything kept, as a file."""
    services = services_of(request)
    conversation = await conversation_for(request)
    await request.app[LIMITS].check("export", conversation.id, _EXPORTS_A_MINUTE)
    async with services.db.read() as session:
        kept = await exported(services, session, conversation)
    return web.json_response(kept, headers={"Content-Disposition": 'attachment; filename="relais.json"'})
