"""How far a conversation has come to its customer: received by their page, and before their eyes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import lock_conversation
from bot.db.models import Conversation, OutboxItem
from bot.db.together import Reading
from bot.db.widget import DeskReading
from bot.errors import Refusal
from bot.live import DESK
from bot.services import Services

Json = dict[str, Any]


async def mark(services: Services, conversation_id: str, *, read: int = 0, delivered: int = 0) -> Json:
    """Notes it, never backwards and never beyond what was said; ``{read_seq, read_at, delivered_seq}``."""
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        row = await session.get(Reading, conversation_id)
        if row is None:
            row = Reading(conversation_id=conversation_id, delivered_seq=0, read_seq=0)
            session.add(row)
        before = (row.read_seq, row.delivered_seq)
        seq = min(read, conversation.last_seq)
        if seq > row.read_seq:
            row.read_seq, row.read_at = seq, services.clock()
        row.delivered_seq = max(row.delivered_seq, row.read_seq, min(delivered, conversation.last_seq))
        shown, moved = _shown(row), before != (row.read_seq, row.delivered_seq)
    if moved and conversation.owner != "bot":
        services.live.publish(DESK, {"type": "read", "conversation_id": conversation_id, "reading": shown})
    return shown


async def read_at_desk(services: Services, conversation_id: str, user_id: str) -> None:
    """The advisor who has the conversation has it before their eyes, up to its end; their customer is told."""
    async with services.db.read() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        row = await session.get(DeskReading, conversation_id)
    if conversation.advisor_id != user_id or (row is not None and row.read_seq >= conversation.last_seq):
        return
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        row = await session.get(DeskReading, conversation_id)
        if row is None:
            row = DeskReading(conversation_id=conversation_id)
            session.add(row)
        row.read_seq, row.read_at = conversation.last_seq, services.clock()
    services.live.publish(conversation_id, {"type": "state"})


def _shown(row: Reading | None) -> Json:
    if row is None:
        return {"read_seq": 0, "read_at": None, "delivered_seq": 0}
    at = row.read_at.isoformat() if row.read_at else None
    return {"read_seq": row.read_seq, "read_at": at, "delivered_seq": row.delivered_seq}


async def reading_of(session: AsyncSession, conversation: Conversation) -> Json:
    """How far the customer has come, and ``deliveries``: what a channel that we push to says of each message."""
    row = await session.get(Reading, conversation.id)
    query = select(OutboxItem).where(OutboxItem.conversation_id == conversation.id).order_by(OutboxItem.seq)
    items = (await session.execute(query)).scalars()
    return _shown(row) | {"deliveries": [delivery(item) for item in items]}


def delivery(item: OutboxItem) -> Json:
    """``{message_id, status: pending|delivered|failed, attempts, cause, channel}``; a failed one is for good."""
    return {
        "message_id": item.message_id,
        "status": item.status,
        "attempts": item.attempts,
        "cause": item.error,
        "channel": item.channel,
    }


async def try_again(services: Services, conversation_id: str, message_id: str) -> Json:
    """Has a message that could not be delivered yet tried at once. Raises ``Refusal`` (404, 409)."""
    async with services.db.write() as session:
        query = select(OutboxItem).where(
            OutboxItem.conversation_id == conversation_id, OutboxItem.message_id == message_id
        )
        item = (await session.execute(query.with_for_update())).scalar_one_or_none()
        if item is None:
            raise Refusal("unknown_message", 404)
        if item.status == "failed":
            raise Refusal("undeliverable", 409)
        # One that is on its way now is claimed: its moment is a minute ahead, without an error of this attempt.
        if item.status == "pending" and item.error is not None:
            item.next_attempt_at = services.clock()
        return delivery(item)
