"""A copy of the conversation by e-mail: the customer asks for it, or the advisor sends it."""

from __future__ import annotations

from aiohttp import web

from bot.services import services_of
from bot.web.conversations_api import conversation_for
from bot.web.desk_session import advisor_for
from bot.web.keys import LIMITS
from bot.web.reading import address_of, body_of, text_field
from bot.words.transcript import send_transcript

routes = web.RouteTableDef()
_TRIES_A_MINUTE = 10


@routes.post("/api/v1/conversations/{id}/transcript")
async def ask(request: web.Request) -> web.Response:
    """To the address that was proven, or to the one given."""
    conversation = await conversation_for(request)
    await request.app[LIMITS].check("transcript", address_of(request), _TRIES_A_MINUTE)
    email = text_field(await body_of(request), "email", longest=254)
    return web.json_response(await send_transcript(services_of(request), conversation.id, email), status=202)


@routes.post("/api/v1/desk/conversations/{id}/transcript")
async def send(request: web.Request) -> web.Response:
    """The same, by the advisor who has the conversation."""
    advisor = await advisor_for(request)
    email = text_field(await body_of(request), "email", longest=254)
    sent = await send_transcript(services_of(request), request.match_info["id"], email, advisor=advisor)
    return web.json_response(sent, status=202)
