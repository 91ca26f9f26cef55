"""Signing out: nothing that a browser kept opens any conversation of that person any more."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import select, update

from bot.db.identity import PrivatePage
from bot.db.models import Conversation
from bot.identity.links import is_with
from bot.services import services_of
from bot.web.conversations_api import conversation_for

routes = web.RouteTableDef()


@routes.delete("/api/v1/conversations/{id}/token")
async def sign_out(request: web.Request) -> web.Response:
    """Ends every token made until now, the open live lines and the private pages: of all that this person said here."""
    services = services_of(request)
    conversation = await conversation_for(request)
    now = services.clock()
    async with services.db.write() as session:
        # In order, so that two who sign out do not wait for each other.
        whose = is_with(conversation.proven_customer_id or conversation.customer_id)
        same = select(Conversation).where(whose, Conversation.channel == conversation.channel)
        locked = same.order_by(Conversation.id).with_for_update()
        ended = (await session.execute(locked.execution_options(populate_existing=True))).scalars().all()
        for each in ended:
            each.signed_out_at = now
        theirs = PrivatePage.conversation_id.in_([each.id for each in ended]) & PrivatePage.used_at.is_(None)
        # A value that was typed and waits for its turn has been used: it is not lost.
        await session.execute(update(PrivatePage).where(theirs).values(expires_at=now, sealed=None))
    for each in ended:
        services.live.publish(each.id, {"type": "signed_out"})
    return web.json_response({"signed_out": True})
