"""A conversation whose advisor is gone returns to the head of the queue, with an apology."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, lock_conversation
from bot.db.models import Conversation, Handoff, Message
from bot.db.people import AuditEntry, User
from bot.handoff.events import record
from bot.handoff.snooze import end_snooze, just_woken, noticed
from bot.services import Services
from bot.texts import say

_HEAD_OF_THE_QUEUE = timedelta(days=1)


async def back_to_the_head(
    services: Services, session: AsyncSession, conversation: Conversation, handoff: Handoff, advisor: User
) -> Message:
    """Both rows are locked by the caller, who tells of the message afterwards. Who was there may have it again."""
    now = services.clock()
    # Who put it off and is not there when it comes back has not lost their line.
    key = "advisor_not_back" if await just_woken(session, handoff.id) else "advisor_vanished"
    await end_snooze(session, handoff.id, "moved", now)
    await noticed(session, conversation.id, now)
    handoff.status, handoff.advisor_id, handoff.accepted_at = "requested", None, None
    handoff.queue_at, handoff.preferred_id = now - _HEAD_OF_THE_QUEUE, advisor.id
    conversation.owner, conversation.advisor_id = "queue", None
    conversation.epoch += 1
    session.add(AuditEntry(at=now, actor_id=advisor.id, action="handoff_taken_back", target=handoff.id))
    await record(services, session, handoff, "taken_back", advisor_id=advisor.id)
    notice = Draft("system", say(conversation.locale, key, name=advisor.name), kind="notice")
    return await append(session, services.channels, conversation, notice, now)


async def take_all_from(services: Services, user: User) -> int:
    """Everything that ``user`` has in hand returns to the queue; how many conversations that were."""
    async with services.db.read() as session:
        query = select(Handoff.id, Handoff.conversation_id)
        held = (await session.execute(query.where(Handoff.status == "accepted", Handoff.advisor_id == user.id))).all()
    taken = 0
    for handoff_id, conversation_id in held:
        async with services.db.write() as session:
            conversation = await lock_conversation(session, conversation_id)
            handoff = await session.get_one(Handoff, handoff_id, with_for_update=True, populate_existing=True)
            if handoff.status != "accepted" or handoff.advisor_id != user.id:
                continue
            message = await back_to_the_head(services, session, conversation, handoff, user)
            # Not to be kept for somebody who does not come back.
            handoff.preferred_id = None
        notify.told(services, conversation, [message])
        notify.state_changed(services, conversation)
        taken += 1
    return taken
