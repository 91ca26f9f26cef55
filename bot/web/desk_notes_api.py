"""What the desk says among itself in a conversation, who is there, and how far the customer has read."""

from __future__ import annotations

from aiohttp import web

from bot.conversations.messages import public
from bot.conversations.reading import read_at_desk, try_again
from bot.errors import Refusal
from bot.handoff import notes
from bot.handoff.here import say_here
from bot.handoff.past import read_past
from bot.services import services_of
from bot.web.desk_api import passed_to_us
from bot.web.desk_session import advisor_for
from bot.web.reading import body_of, text_field

routes = web.RouteTableDef()
_BASE = "/api/v1/desk"
_CONVERSATION = _BASE + "/conversations/{id}"
_MOST_IDS = 50


@routes.post(_CONVERSATION + "/notes")
async def write_note(request: web.Request) -> web.Response:
    """A private note; 202 when it is new, 200 when it was there."""
    advisor = await advisor_for(request)
    body = await body_of(request)
    named = body.get("mentions") or []
    if not isinstance(named, list) or len(named) > _MOST_IDS or not all(isinstance(one, str) for one in named):
        raise Refusal("bad_request", 422)
    message, is_new = await notes.write_note(
        services_of(request),
        request.match_info["id"],
        advisor,
        text_field(body, "client_message_id") or "",
        text_field(body, "text") or "",
        named,
    )
    return web.json_response({"message": public(message)}, status=202 if is_new else 200)


@routes.get(_BASE + "/mentions")
async def mentions(request: web.Request) -> web.Response:
    """Notes that name whoever asks."""
    advisor = await advisor_for(request)
    return web.json_response(await notes.mentions_of(services_of(request), advisor))


@routes.post(_BASE + "/mentions/read")
async def mentions_read(request: web.Request) -> web.Response:
    """Those of one conversation were opened."""
    advisor = await advisor_for(request)
    conversation_id = text_field(await body_of(request), "conversation_id", longest=64) or ""
    await notes.mark_read(services_of(request), advisor, conversation_id)
    return web.json_response({})


@routes.post(_CONVERSATION + "/here")
async def here(request: web.Request) -> web.Response:
    """A beat of whoever has it open: looking, writing_note, writing_reply or gone. Who else is there."""
    advisor = await advisor_for(request)
    services = services_of(request)
    doing = text_field(await body_of(request), "doing", longest=20) or "looking"
    conversation = await passed_to_us(services, request.match_info["id"])
    people = await say_here(services, conversation.id, advisor, doing)
    if doing != "gone":
        await read_at_desk(services, conversation.id, advisor.id)
    return web.json_response({"people": people})


@routes.post(_CONVERSATION + "/messages/{message_id}/retry")
async def retry(request: web.Request) -> web.Response:
    """Has a delivery that waits for its next try done at once."""
    await advisor_for(request)
    services = services_of(request)
    conversation = await passed_to_us(services, request.match_info["id"])
    return web.json_response({"delivery": await try_again(services, conversation.id, request.match_info["message_id"])})


@routes.get(_CONVERSATION)
async def past(request: web.Request) -> web.Response:
    """An earlier conversation of the person whom the advisor serves, to be read."""
    advisor = await advisor_for(request)
    return web.json_response(await read_past(services_of(request), request.match_info["id"], advisor))
