"""The customer stops waiting."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, lock_conversation
from bot.conversations.state import open_handoff
from bot.db.models import WAITING, Conversation, Message
from bot.handoff.events import record
from bot.promises.making import drop_call
from bot.services import Services
from bot.texts import say


async def cancel(services: Services, conversation_id: str) -> None:
    """Nothing happens when nobody was asked for, or an advisor is there already."""
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        message = await cancel_within(services, session, conversation)
    if message is not None:
        notify.told(services, conversation, [message])
        notify.state_changed(services, conversation)


async def cancel_within(services: Services, session: AsyncSession, conversation: Conversation) -> Message | None:
    """The same inside the caller's transaction, which holds the conversation; what was said, if anything changed."""
    handoff = await open_handoff(session, conversation.id)
    if handoff is None or handoff.status not in WAITING:
        return None
    now = services.clock()
    handoff.status, handoff.ended_at = "cancelled", now
    handoff.offered_to = handoff.offered_until = None
    conversation.outcome = "cancelled"
    await drop_call(session, handoff)
    conversation.owner, conversation.advisor_id = "bot", None
    conversation.epoch += 1
    notice = Draft("system", say(conversation.locale, "handoff_cancelled"), kind="notice")
    message = await append(session, services.channels, conversation, notice, now)
    await record(services, session, handoff, "cancelled")
    return message
