"""What managers count outlives what is erased: how conversations ended, by day; nothing of who they were with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import Conversation, Handoff, Message
from bot.db.upkeep import ConversationCount
from bot.services import Services

_KEY = ("day", "channel", "locale", "topic", "outcome", "handed_over", "came_back")
# The number under which PostgreSQL lets one transaction count at a time.
_COUNTING = 0x636F756E


async def keep_counts(services: Services, session: AsyncSession, conversations: Sequence[str]) -> None:
    """Adds these to the counts, within the transaction that erases them; those in which a customer wrote."""
    wrote = exists().where(Message.conversation_id == Conversation.id, Message.author == "customer")
    asked = exists().where(Handoff.conversation_id == Conversation.id)
    query = select(Conversation, asked).where(Conversation.id.in_(conversations), wrote)
    zone = services.service.zone
    found = Counter(
        (
            one.created_at.astimezone(zone).date().isoformat(),
            one.channel,
            one.locale,
            one.topic or "",
            one.outcome or "",
            bool(handed_over),
            one.returned_within_days is not None,
        )
        for one, handed_over in await session.execute(query)
    )
    if not found:
        return
    await services.db.one_at_a_time(session, _COUNTING)
    for values, count in found.items():
        key = dict(zip(_KEY, values, strict=True))
        row = update(ConversationCount).filter_by(**key)
        changed = await session.execute(row.values(conversations=ConversationCount.conversations + count))
        if not changed.rowcount:  # type: ignore[attr-defined]
            session.add(ConversationCount(**key, conversations=count))
            await session.flush()
