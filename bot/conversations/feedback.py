"""What customers think of an answer and of the whole conversation."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import FEEDBACK_PREFIX, Draft, append, lock_conversation
from bot.conversations.questions import judge, last_answers
from bot.conversations.receive import already_there, new_turn
from bot.db.models import OPEN, Conversation, Feedback, Handoff, Message, Rating, Turn
from bot.errors import Refusal
from bot.services import Services
from bot.texts import say
from bot.turns.claim import UNFINISHED


async def give_feedback(
    services: Services, conversation_id: str, message_id: str, helpful: bool, comment: str | None
) -> tuple[Conversation, Message | None]:
    """Keeps whether an answer helped, with the article's version and score; a change of mind replaces it.

    The first "no" to the latest answer, while the assistant may speak, also becomes a message of the customer's with a
    turn of its own, in which something better is looked for; that message is given back.
    """
    now = services.clock()
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        message = await session.get(Message, message_id)
        if message is None or message.conversation_id != conversation_id or "answer" not in message.data:
            raise Refusal("unknown_message", 404)
        before = await session.get(Feedback, message_id)
        was_helpful = before is None or before.helpful
        is_new_no = was_helpful and not helpful
        row = await judge(session, conversation, message, helpful, now)
        row.comment = comment
        if helpful and not was_helpful and conversation.outcome == "unanswered":
            conversation.outcome = "answered"
        said = None
        if is_new_no and await _may_look_again(session, conversation, message):
            said = await _as_message(services, session, conversation, message, now)
    return conversation, said


async def _may_look_again(session: AsyncSession, conversation: Conversation, answer: Message) -> bool:
    """Only about the latest answer, while nothing else is under way, and never over a human."""
    if conversation.owner != "bot":
        return False
    latest = next(iter(await last_answers(session, conversation.id)), None)
    if latest is None or latest.id != answer.id:
        return False
    under_way = select(Turn.id).where(Turn.conversation_id == conversation.id, Turn.status.in_(UNFINISHED))
    if (await session.execute(under_way.limit(1))).first() is not None:
        return False
    return await already_there(session, conversation.id, FEEDBACK_PREFIX + answer.id) is None


async def _as_message(
    services: Services, session: AsyncSession, conversation: Conversation, answer: Message, now: datetime
) -> Message:
    """The button said in words: readers of the thread see why the assistant speaks again, and it happens once."""
    key = FEEDBACK_PREFIX + answer.id
    draft = Draft("customer", say(conversation.locale, "feedback_no"), client_message_id=key)
    message = await append(session, services.channels, conversation, draft, now)
    command = "/did_not_help" + json.dumps({"article_id": answer.data["answer"]["article_id"]})
    session.add(new_turn(message, command, now))
    return message


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
