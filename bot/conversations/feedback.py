"""What customers think of an answer and of the whole conversation."""

from __future__ import annotations

from sqlalchemy import select

from bot.conversations.messages import lock_conversation
from bot.conversations.state import OPEN
from bot.db.models import Feedback, Handoff, Message, Rating
from bot.errors import Refusal
from bot.services import Services


async def give_feedback(
    services: Services, conversation_id: str, message_id: str, helpful: bool, comment: str | None
) -> None:
    """Keeps whether an answer helped, with the article's version and score; a change of mind replaces it."""
    async with services.db.write() as session:
        await lock_conversation(session, conversation_id)
        message = await session.get(Message, message_id)
        if message is None or message.conversation_id != conversation_id or "answer" not in message.data:
            raise Refusal("unknown_message", 404)
        answer = message.data["answer"]
        row = await session.get(Feedback, message_id)
        if row is None:
            row = Feedback(message_id=message_id, conversation_id=conversation_id)
            session.add(row)
        row.article_id, row.version = answer["article_id"], str(answer["version"])
        row.score, row.helpful, row.comment = float(answer["score"] or 0), helpful, comment
        row.created_at = services.clock()


async def give_rating(services: Services, conversation_id: str, score: int, comment: str | None) -> None:
    """Keeps a rating of 1 to 5 with the handoff it is about, if one has ended; rating again replaces it."""
    async with services.db.write() as session:
        await lock_conversation(session, conversation_id)
        last = select(Handoff.id).where(Handoff.conversation_id == conversation_id, Handoff.status.not_in(OPEN))
        handoff_id = (await session.execute(last.order_by(Handoff.requested_at.desc()).limit(1))).scalar_one_or_none()
        about = Rating.handoff_id == handoff_id if handoff_id else Rating.handoff_id.is_(None)
        same = select(Rating).where(Rating.conversation_id == conversation_id, about)
        row = (await session.execute(same.limit(1))).scalar_one_or_none()
        if row is None:
            row = Rating(conversation_id=conversation_id, handoff_id=handoff_id)
            session.add(row)
        row.score, row.comment, row.created_at = score, comment, services.clock()
