"""Reading a conversation that one does not answer: what came to the desk, or is of the person one serves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import messages_after, public
from bot.db.models import OPEN, WAITING, Conversation, Handoff
from bot.db.people import AuditEntry, User
from bot.db.together import Looker
from bot.errors import Refusal
from bot.handoff.context import past_of
from bot.identity.links import joined_by_link, same_person
from bot.identity.rights import may_see_personal_data
from bot.rights import may
from bot.services import Services

Json = dict[str, Any]


async def read_past(services: Services, conversation_id: str, reader: User) -> Json:
    """The thread and what is known of it, for whoever may read it; audited. Raises ``Refusal`` (403, 404)."""
    async with services.db.write() as session:
        conversation = await session.get(Conversation, conversation_id)
        if conversation is None:
            raise Refusal("unknown_conversation", 404)
        if not await may_read(services, session, conversation, reader):
            raise Refusal("not_your_conversation", 403)
        messages = await messages_after(session, conversation_id, 0, internal=True)
        entry = AuditEntry(at=services.clock(), actor_id=reader.id, action="conversation_read", target=conversation_id)
        session.add(entry)
    return {
        "conversation_id": conversation.id,
        "channel": conversation.channel,
        "locale": conversation.locale,
        "topic": conversation.topic,
        "outcome": conversation.outcome,
        "created_at": conversation.created_at.isoformat(),
        "updated_at": conversation.updated_at.isoformat(),
        "messages": [public(message) for message in messages],
    }


async def may_read(services: Services, session: AsyncSession, conversation: Conversation, reader: User) -> bool:
    """Supervisors all; advisors what came to the desk, and what did not while it is the past of who they serve."""
    if may(reader.role, "supervise"):
        return True
    came = select(Handoff.id).where(Handoff.conversation_id == conversation.id).limit(1)
    if (await session.execute(came)).first() is not None:
        return True
    return await _serves(services, session, conversation, reader)


async def _serves(services: Services, session: AsyncSession, wanted: Conversation, reader: User) -> bool:
    """Whether it is one of the past conversations on the card of a handoff that this advisor may see now."""
    theirs = await same_person(session, wanted)
    looking = select(Looker.handoff_id).where(Looker.user_id == reader.id, Looker.left_at.is_(None))
    visible = Handoff.status.in_(WAITING) | (Handoff.advisor_id == reader.id) | Handoff.id.in_(looking)
    query = (
        select(Conversation)
        .join(Handoff, Handoff.conversation_id == Conversation.id)
        .where(Handoff.status.in_(OPEN), visible)
        .where(Conversation.customer_id.in_(theirs) | Conversation.proven_customer_id.in_(theirs))
    )
    for current in (await session.execute(query)).scalars():
        # Who is linked to a channel's account is theirs to show, once they have proved to be it.
        own = wanted.customer_id == current.customer_id or may_see_personal_data(services, current)
        if (own or await joined_by_link(session, current, wanted)) and wanted.id in {
            current.id,
            *(past.id for past in await past_of(session, current)),
        }:
            return True
    return False
