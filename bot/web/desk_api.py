"""The desk's door: for our own pages and for an outside desk alike."""

from __future__ import annotations

import structlog
from aiohttp import web
from sqlalchemy import select

from bot import notify
from bot.accounts.sessions import tell_ended
from bot.conversations.messages import messages_after, public
from bot.conversations.reading import reading_of
from bot.conversations.state import state_of
from bot.db.models import OPEN, Conversation, Handoff
from bot.db.people import AuditEntry
from bot.errors import Refusal
from bot.handoff import desk, presence, whole_case
from bot.handoff.closing import read_closing
from bot.handoff.listing import list_handoffs
from bot.handoff.taking_part import may_reply
from bot.services import Services, services_of
from bot.users import shown, sign_out
from bot.web.desk_session import COOKIE, advisor_for, begin_session, set_cookie, user_for
from bot.web.files import file_response
from bot.web.keys import OPEN_HANDOFFS
from bot.web.reading import after_parameter, body_of, text_field

routes = web.RouteTableDef()
_log = structlog.get_logger()
_BASE = "/api/v1/desk"
_STATUSES = frozenset(["requested", "offered", "accepted", "released", "declined", "expired", "cancelled"])


@routes.post(_BASE + "/session")
async def open_session(request: web.Request) -> web.Response:
    """Signs in."""
    body = await body_of(request)
    email = text_field(body, "email", longest=254) or ""
    password = text_field(body, "password", longest=1000) or ""
    user, token, csrf = await begin_session(request, email, password)
    response = web.json_response({"token": token, "user": shown(user), "csrf": csrf})
    set_cookie(request, response, token)
    return response


@routes.delete(_BASE + "/session")
async def close_session(request: web.Request) -> web.Response:
    """Signs out."""
    found = await user_for(request)
    services = services_of(request)
    await sign_out(services.db, found.token)
    tell_ended(services)
    response = web.json_response({})
    response.del_cookie(COOKIE, path="/")
    return response


@routes.get(_BASE + "/me")
async def me(request: web.Request) -> web.Response:
    """Who is signed in."""
    found = await user_for(request)
    online = presence.is_there(services_of(request), found.user)
    user = shown(found.user) | {"presence": found.user.presence, "online": online}
    return web.json_response({"user": user, "csrf": found.csrf})


@routes.get(_BASE + "/handoffs")
async def handoffs(request: web.Request) -> web.Response:
    """The queue and the conversations under way."""
    await advisor_for(request)
    status = request.query.get("status") or None
    if status is not None and status not in _STATUSES:
        raise Refusal("bad_request", 422)
    services, before = services_of(request), request.query.get("before") or None
    if before is not None and (status is None or status in OPEN):
        raise Refusal("bad_request", 422)
    # What every desk asks at once, when the service is back.
    found = await (request.app[OPEN_HANDOFFS]() if status is None else list_handoffs(services, status, before))
    # A page tells what is late by the server's clock, whatever its own says.
    return web.json_response({"handoffs": found, "now": services.clock().isoformat()})


@routes.get(_BASE + "/handoffs/{handoff_id}")
async def handoff(request: web.Request) -> web.Response:
    """Who, why, what was tried, and the whole conversation."""
    advisor = await advisor_for(request)
    found = await desk.read_handoff(services_of(request), request.match_info["handoff_id"], advisor)
    return web.json_response(found)


@routes.post(_BASE + "/handoffs/{handoff_id}/accept")
async def accept(request: web.Request) -> web.Response:
    """Takes a handoff: one wins."""
    advisor = await advisor_for(request)
    return web.json_response(await desk.accept(services_of(request), request.match_info["handoff_id"], advisor))


@routes.post(_BASE + "/handoffs/{handoff_id}/decline")
async def decline(request: web.Request) -> web.Response:
    """Passes an offer on to the next advisor."""
    advisor = await advisor_for(request)
    return web.json_response(await whole_case.decline(services_of(request), request.match_info["handoff_id"], advisor))


@routes.put(_BASE + "/presence")
async def choose_presence(request: web.Request) -> web.Response:
    """Available, busy or away."""
    advisor = await advisor_for(request)
    status = text_field(await body_of(request), "status") or ""
    await presence.choose(services_of(request), advisor, status)
    return web.json_response({"presence": status})


@routes.post(_BASE + "/handoffs/{handoff_id}/release")
async def release(request: web.Request) -> web.Response:
    """Gives the conversation back to the assistant."""
    advisor = await advisor_for(request)
    body = await body_of(request)
    outcome = text_field(body, "outcome") or ""
    closing = read_closing(body.get("tags"), text_field(body, "note"))
    answer = await whole_case.release(services_of(request), request.match_info["handoff_id"], advisor, outcome, closing)
    return web.json_response(answer)


async def passed_to_us(services: Services, conversation_id: str) -> Conversation:
    """A conversation that a handoff once brought to the desk; the others are between customer and assistant."""
    async with services.db.read() as session:
        conversation = await session.get(Conversation, conversation_id)
        query = select(Handoff.id).where(Handoff.conversation_id == conversation_id).limit(1)
        if conversation is None or (await session.execute(query)).first() is None:
            raise Refusal("unknown_conversation", 404)
        return conversation


@routes.get(_BASE + "/conversations/{id}/messages")
async def messages(request: web.Request) -> web.Response:
    """Everything after a ``seq``, internal notes included, and the state."""
    await advisor_for(request)
    services = services_of(request)
    conversation = await passed_to_us(services, request.match_info["id"])
    async with services.db.read() as session:
        found = await messages_after(session, conversation.id, after_parameter(request), internal=True)
        state = await state_of(services, session, conversation)
        reading = await reading_of(session, conversation)
    shown = [public(message) for message in found]
    return web.json_response({"messages": shown, "state": state, "reading": reading})


@routes.post(_BASE + "/conversations/{id}/messages")
async def reply(request: web.Request) -> web.Response:
    """The advisor answers."""
    advisor = await advisor_for(request)
    body = await body_of(request)
    message, is_new = await desk.reply(
        services_of(request),
        request.match_info["id"],
        advisor,
        text_field(body, "client_message_id") or "",
        text_field(body, "text") or "",
    )
    return web.json_response({"message": public(message)}, status=202 if is_new else 200)


@routes.get(_BASE + "/conversations/{id}/files/{file_id}")
async def download(request: web.Request) -> web.Response:
    """A file that the customer sent."""
    reader = await advisor_for(request)
    services = services_of(request)
    conversation = await passed_to_us(services, request.match_info["id"])
    file_id = request.match_info["file_id"]
    response = await file_response(services, conversation.id, file_id)
    async with services.db.write() as session:
        entry = AuditEntry(at=services.clock(), actor_id=reader.id, action="file_read", target=conversation.id)
        session.add(entry)
    return response


@routes.post(_BASE + "/conversations/{id}/typing")
async def typing(request: web.Request) -> web.Response:
    """The advisor writes, or stopped."""
    advisor = await advisor_for(request)
    services = services_of(request)
    conversation = await passed_to_us(services, request.match_info["id"])
    async with services.db.read() as session:
        if not await may_reply(session, conversation, advisor):
            raise Refusal("not_your_conversation", 403)
    notify.typing(services, conversation.id, "advisor", bool((await body_of(request)).get("on")))
    return web.json_response({})
