"""Joining this conversation's customer to another channel: a one-time link, what is joined, and undoing it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot import notify
from bot.channels.protocol import Channel
from bot.conversations.messages import lock_conversation
from bot.db.identity import CustomerLink
from bot.errors import Refusal
from bot.identity.deep_links import make_token
from bot.identity.links import links_of, settle
from bot.services import Services, services_of
from bot.texts import known
from bot.web.conversations_api import conversation_for
from bot.web.keys import LIMITS
from bot.web.reading import body_of, text_field

routes = web.RouteTableDef()
_LINKS = "/api/v1/conversations/{id}/links"
_A_MINUTE = 10
Json = dict[str, Any]


@routes.get(_LINKS)
async def joined(request: web.Request) -> web.Response:
    """What is linked to this customer, and what could be."""
    services = services_of(request)
    conversation = await conversation_for(request)
    async with services.db.read() as session:
        links = await links_of(session, conversation)
    taken = {link.channel for link in links}
    offered = [
        {"channel": channel.name, "name": _name(conversation.locale, channel.name)}
        for channel in services.channels.values()
        if channel.opens_by_link and channel.name not in taken | {conversation.channel}
    ]
    shown = [_shown(conversation.locale, link) for link in links]
    return web.json_response({"links": shown, "offered": offered})


def _name(locale: str, channel: str) -> str:
    return known(locale, f"channel_{channel}") or channel


def _shown(locale: str, link: CustomerLink) -> Json:
    since = link.decided_at.isoformat() if link.decided_at else None
    return {"link_id": link.id, "channel": link.channel, "name": _name(locale, link.channel), "since": since}


@routes.post(_LINKS)
async def begin(request: web.Request) -> web.Response:
    """A link that opens the other channel, once and for a quarter of an hour; the person is asked again there."""
    services = services_of(request)
    conversation = await conversation_for(request)
    await request.app[LIMITS].check("link", conversation.id, _A_MINUTE)
    body = await body_of(request)
    channel = _channel(services, conversation.channel, text_field(body, "channel"))
    if body.get("agreed") is not True:
        raise Refusal("link_consent", 422)
    async with services.db.write() as session:
        locked = await lock_conversation(session, conversation.id)
        token, expires_at = await make_token(services, session, locked, channel.name)
    answer = {"channel": channel.name, "token": token, "expires_at": expires_at.isoformat()}
    return web.json_response(answer | {"url": await channel.deep_link(token)}, status=201)


def _channel(services: Services, here: str, wanted: str | None) -> Channel:
    channel = services.channels.get(wanted or "")
    if channel is None or not channel.pushes or channel.name == here:
        raise Refusal("unknown_channel", 404)
    return channel


@routes.delete(_LINKS + "/{link_id}")
async def end(request: web.Request) -> web.Response:
    """Unlinks; again changes nothing."""
    services = services_of(request)
    conversation = await conversation_for(request)
    async with services.db.write() as session:
        locked = await lock_conversation(session, conversation.id)
        link = await session.get(CustomerLink, request.match_info["link_id"], with_for_update=True)
        mine = {locked.customer_id, locked.proven_customer_id}
        if link is None or not mine & {link.customer_id, link.linked_to} or link.status not in ("linked", "unlinked"):
            raise Refusal("unknown_link", 404)
        await settle(session, locked, link, False, services.clock())
    notify.state_changed(services, locked)
    return web.json_response({"link_id": link.id, "status": link.status})
