"""A customer's other conversations, beside the one whose token they hold."""

from __future__ import annotations

from aiohttp import web

from bot.conversations.messages import public
from bot.conversations.past import begin_next, past_messages, past_of
from bot.services import services_of
from bot.web.conversations_api import conversation_for, token_of
from bot.web.keys import LIMITS
from bot.web.reading import address_of, body_of, page_field

routes = web.RouteTableDef()
_BASE = "/api/v1/conversations/{id}"


@routes.post(_BASE + "/next")
async def begin_another(request: web.Request) -> web.Response:
    """Another conversation of the same person; this one is kept."""
    services = services_of(request)
    conversation = await conversation_for(request)
    await request.app[LIMITS].check("open", address_of(request), services.settings.conversations_per_minute)
    begun, messages = await begin_next(services, conversation.id, page_field(await body_of(request)))
    answer = {"conversation_id": begun.id, **token_of(request, begun.id)}
    return web.json_response(answer | {"messages": [public(message) for message in messages]}, status=201)


@routes.get(_BASE + "/past")
async def past(request: web.Request) -> web.Response:
    """Those that this person had before."""
    conversation = await conversation_for(request)
    return web.json_response({"conversations": await past_of(services_of(request), conversation)})


@routes.get(_BASE + "/past/{other_id}")
async def read_again(request: web.Request) -> web.Response:
    """One of them, to be read."""
    conversation = await conversation_for(request)
    messages = await past_messages(services_of(request), conversation, request.match_info["other_id"])
    return web.json_response({"messages": messages})
