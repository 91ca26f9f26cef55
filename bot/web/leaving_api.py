"""Signing out: nothing that a browser kept of a conversation opens it any more."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import update

from bot.conversations.messages import lock_conversation
from bot.db.identity import PrivatePage
from bot.services import services_of
from bot.web.conversations_api import conversation_for

routes = web.RouteTableDef()


@routes.delete("/api/v1/conversations/{id}/token")
async def sign_out(request: web.Request) -> web.Response:
    """Ends every token of the conversation made until now, its open live lines and its private pages."""
    services = services_of(request)
    conversation = await conversation_for(request)
    now = services.clock()
    async with services.db.write() as session:
        locked = await lock_conversation(session, conversation.id)
        locked.signed_out_at = now
        theirs = (PrivatePage.conversation_id == conversation.id) & PrivatePage.used_at.is_(None)
        # A value that was typed and waits for its turn has been used: it is not lost.
        await session.execute(update(PrivatePage).where(theirs).values(expires_at=now, sealed=None))
    services.live.publish(conversation.id, {"type": "signed_out"})
    return web.json_response({"signed_out": True})
