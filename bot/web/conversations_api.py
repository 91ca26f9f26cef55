"""The public API of conversations; the widget uses nothing else."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot import notify
from bot.channels.protocol import Incoming
from bot.conversations.feedback import give_feedback, give_rating
from bot.conversations.messages import lock_conversation, messages_after, public
from bot.conversations.opening import Opening, open_conversation, resume_conversation
from bot.conversations.reading import mark
from bot.conversations.receive import receive
from bot.conversations.state import state_of
from bot.db.models import Conversation, Message
from bot.errors import Refusal
from bot.handoff.contact import read_contact
from bot.handoff.leaving import cancel
from bot.handoff.request import Wish, refresh_who, request_handoff
from bot.identity.host import read_host_identity, sign_in
from bot.identity.tokens import check_conversation, is_over, sign_conversation
from bot.prepared import proof
from bot.prepared.offers import changed
from bot.services import Services, services_of
from bot.texts import locale_from
from bot.web.files import file_response, incoming_file
from bot.web.keys import LIMITS, RUNNER
from bot.web.middlewares import LOCALE
from bot.web.rate_limit import check_messages
from bot.web.reading import (
    LARGEST_SEQ,
    address_of,
    after_parameter,
    bearer,
    body_of,
    locale_field,
    page_field,
    text_field,
)

routes = web.RouteTableDef()
_BASE = "/api/v1/conversations"


async def conversation_for(request: web.Request, *, renewing: bool = False) -> Conversation:
    """The conversation of the path, whose token the request bears: the only way in for a customer."""
    services = services_of(request)
    conversation_id = request.match_info["id"]
    token = bearer(request)
    if token is None:
        raise Refusal("bad_token", 401)
    secret, now = services.settings.relais_secret, services.clock()
    made = check_conversation(secret, token, conversation_id, now, renewing=renewing)
    async with services.db.read() as session:
        conversation = await session.get(Conversation, conversation_id)
    if conversation is None:
        raise Refusal("unknown_conversation", 404)
    if is_over(conversation, made):
        raise Refusal("signed_out", 401)
    request[LOCALE] = conversation.locale
    return conversation


@routes.post(_BASE)
async def create(request: web.Request) -> web.Response:
    """Opens a conversation."""
    services = services_of(request)
    await request.app[LIMITS].check("open", address_of(request), services.settings.conversations_per_minute)
    body = await body_of(request)
    locale = locale_field(
        body, locale_from(request.headers.get("Accept-Language"), services.service.brand.languages[0])
    )
    request[LOCALE] = locale
    token = text_field(body, "identity", longest=4000)
    keys = services.settings.host_keys
    identity = read_host_identity(keys, token, services.clock()) if token else None
    opening = Opening("web", locale, identity, page_field(body))
    resumed = await resume_conversation(services, opening) if body.get("resume") is True else None
    if resumed is not None:
        conversation, messages, said = resumed
        await _tell_of_proof(services, conversation, said)
    else:
        conversation, messages = await open_conversation(services, opening)
    answer = {"conversation_id": conversation.id, **token_of(request, conversation.id)}
    return web.json_response(answer | {"messages": [public(message) for message in messages]}, status=201)


def token_of(request: web.Request, conversation_id: str) -> dict[str, str]:
    """A fresh token of the conversation, and when it expires."""
    services = services_of(request)
    token, expires = sign_conversation(services.settings.relais_secret, conversation_id, services.clock())
    return {"token": token, "expires_at": expires.isoformat()}


@routes.post(_BASE + "/{id}/messages")
async def send(request: web.Request) -> web.Response:
    """Receives a message: 202 when it is new, 200 when it was there."""
    services = services_of(request)
    conversation = await conversation_for(request)
    await check_messages(request.app[LIMITS], services.settings, conversation, address_of(request))
    body = await body_of(request)
    incoming = Incoming(
        client_message_id=text_field(body, "client_message_id") or "",
        text=text_field(body, "text"),
        choice=text_field(body, "choice", longest=64),
        page=page_field(body),
        address=address_of(request),
    )
    return await _received(request, conversation, incoming)


async def _received(request: web.Request, conversation: Conversation, incoming: Incoming) -> web.Response:
    services = services_of(request)
    message, is_new = await receive(services, conversation.id, incoming)
    if is_new:
        notify.told(services, conversation, [message])
        request.app[RUNNER].wake(conversation.id)
    return web.json_response({"message": public(message)}, status=202 if is_new else 200)


@routes.post(_BASE + "/{id}/files")
async def upload(request: web.Request) -> web.Response:
    """Receives a picture or a PDF as multipart/form-data with ``client_message_id`` and ``file``."""
    services = services_of(request)
    conversation = await conversation_for(request)
    await request.app[LIMITS].check("file", conversation.id, services.settings.files_per_minute)
    incoming = await incoming_file(request, services.settings.max_file_bytes)
    return await _received(request, conversation, incoming)


@routes.get(_BASE + "/{id}/files/{file_id}")
async def download(request: web.Request) -> web.Response:
    """The file itself, for its own conversation."""
    conversation = await conversation_for(request)
    return await file_response(services_of(request), conversation.id, request.match_info["file_id"])


@routes.get(_BASE + "/{id}/messages")
async def read(request: web.Request) -> web.Response:
    """Everything after a ``seq``, and the state."""
    services = services_of(request)
    conversation = await conversation_for(request)
    async with services.db.read() as session:
        messages = await messages_after(session, conversation.id, after_parameter(request))
        state = await state_of(services, session, conversation)
    return web.json_response({"messages": [public(message) for message in messages], "state": state})


@routes.post(_BASE + "/{id}/read")
async def have_read(request: web.Request) -> web.Response:
    """How far the customer has had the conversation before their eyes; it never goes back."""
    services = services_of(request)
    conversation = await conversation_for(request)
    await request.app[LIMITS].check("read", conversation.id, 4 * services.settings.messages_per_minute)
    seq = (await body_of(request)).get("seq")
    if isinstance(seq, bool) or not isinstance(seq, int) or seq < 0:
        raise Refusal("bad_request", 422)
    shown = await mark(services, conversation.id, read=min(seq, LARGEST_SEQ))
    return web.json_response({"seq": shown["read_seq"]})


@routes.post(_BASE + "/{id}/handoff")
async def ask_for_human(request: web.Request) -> web.Response:
    """Asks for a human; asking again changes nothing."""
    services = services_of(request)
    conversation = await conversation_for(request)
    contact = _contact(services, await body_of(request))
    await request.app[LIMITS].check("handoff", conversation.id, services.settings.messages_per_minute)
    await request_handoff(services, conversation.id, Wish("customer_request", contact=contact))
    return await _state(request, conversation.id, 202)


def _contact(services: Services, body: dict[str, Any]) -> dict[str, str]:
    try:
        phone, at = text_field(body, "phone", longest=40), text_field(body, "at", longest=40)
        return read_contact(services, text_field(body, "contact"), phone, at)
    except ValueError as error:
        raise Refusal("bad_contact", 422) from error


@routes.delete(_BASE + "/{id}/handoff")
async def stop_waiting(request: web.Request) -> web.Response:
    """The customer no longer waits for a human."""
    conversation = await conversation_for(request)
    await cancel(services_of(request), conversation.id)
    return await _state(request, conversation.id, 200)


async def _state(request: web.Request, conversation_id: str, status: int) -> web.Response:
    services = services_of(request)
    async with services.db.read() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        state = await state_of(services, session, conversation)
    return web.json_response({"state": state}, status=status)


@routes.post(_BASE + "/{id}/identity")
async def identify(request: web.Request) -> web.Response:
    """The visitor signed in on the host site: the conversation becomes theirs."""
    services = services_of(request)
    conversation = await conversation_for(request)
    token = text_field(await body_of(request), "identity", longest=4000)
    identity = read_host_identity(services.settings.host_keys, token or "", services.clock())
    async with services.db.write() as session:
        locked = await lock_conversation(session, conversation.id)
        await sign_in(session, locked, identity, services.clock())
        said = await proof.proven(services, session, locked)
    await _tell_of_proof(services, locked, said)
    return web.json_response({"assurance": "verified", "display_name": identity.name})


async def _tell_of_proof(services: Services, conversation: Conversation, said: list[Message]) -> None:
    notify.told(services, conversation, said)
    changed(services, conversation.id)
    notify.state_changed(services, conversation)
    if conversation.owner != "bot":
        await refresh_who(services, conversation.id)


@routes.post(_BASE + "/{id}/token")
async def renew(request: web.Request) -> web.Response:
    """A fresh token for the holder of one that is valid, or that expired a short while ago."""
    conversation = await conversation_for(request, renewing=True)
    return web.json_response(token_of(request, conversation.id))


@routes.post(_BASE + "/{id}/feedback")
async def feedback(request: web.Request) -> web.Response:
    """Did this answer help?"""
    conversation = await conversation_for(request)
    body = await body_of(request)
    helpful = body.get("helpful")
    if not isinstance(helpful, bool):
        raise Refusal("bad_request", 422)
    message_id = text_field(body, "message_id", longest=64) or ""
    comment = text_field(body, "comment", longest=2000)
    services = services_of(request)
    conversation, said = await give_feedback(services, conversation.id, message_id, helpful, comment)
    notify.judged(services, conversation, message_id, helpful)
    if said is not None:
        notify.told(services, conversation, [said])
        request.app[RUNNER].wake(conversation.id)
    return web.json_response({"helpful": helpful})


@routes.post(_BASE + "/{id}/rating")
async def rating(request: web.Request) -> web.Response:
    """How content the customer is, 1 to 5."""
    conversation = await conversation_for(request)
    body = await body_of(request)
    score = body.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise Refusal("bad_rating", 422)
    await give_rating(services_of(request), conversation.id, score, text_field(body, "comment", longest=2000))
    return web.json_response({"score": score})
