"""An advisor says of a reply that it should be an article: kept for the writers, masked before it is kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import lock_conversation, messages_after
from bot.conversations.questions import masked
from bot.db.models import Conversation, Handoff, Message, Turn
from bot.db.people import AuditEntry, User
from bot.db.words import ArticleWish
from bot.errors import Refusal
from bot.handoff.questions import latest_questions
from bot.live import DESK
from bot.services import Services

Json = dict[str, Any]
LONGEST_COMMENT = 500
_MOST = 200


async def at_the_desk(session: AsyncSession, conversation_id: str) -> Conversation:
    """A conversation that a handoff once brought to the desk, locked. Raises ``Refusal`` (404) for any other."""
    conversation = await lock_conversation(session, conversation_id)
    query = select(Handoff.id).where(Handoff.conversation_id == conversation_id).limit(1)
    if (await session.execute(query)).first() is None:
        raise Refusal("unknown_conversation", 404)
    return conversation


async def wish(services: Services, user: User, conversation_id: str, message_id: str, comment: str | None) -> bool:
    """Keeps that this reply should be an article; and whether that is new. Again: only the comment changes."""
    async with services.db.write() as session:
        conversation = await at_the_desk(session, conversation_id)
        message = await _reply(session, conversation_id, message_id)
        row = await _wish_for(session, message_id)
        is_new = row is None
        if row is None:
            row = await _new(session, conversation, message, user)
            row.created_at = services.clock()
            session.add(row)
            session.add(_audit(services, user, "article_wished", message_id))
        row.comment = await masked(session, conversation, comment) if comment else row.comment
    if is_new:
        _tell(services, conversation_id, message_id, True)
    return is_new


async def take_back(services: Services, user: User, conversation_id: str, message_id: str) -> None:
    """The reply needs no article after all. Nothing happens when nobody wished for one."""
    async with services.db.write() as session:
        await at_the_desk(session, conversation_id)
        row = await _wish_for(session, message_id)
        if row is None or row.conversation_id != conversation_id:
            return
        await session.execute(delete(ArticleWish).where(ArticleWish.id == row.id))
        session.add(_audit(services, user, "article_wish_taken_back", message_id))
    _tell(services, conversation_id, message_id, False)


async def _reply(session: AsyncSession, conversation_id: str, message_id: str) -> Message:
    message = await session.get(Message, message_id)
    said = message is not None and message.author in ("advisor", "bot") and not message.internal
    if message is None or message.conversation_id != conversation_id or not said:
        raise Refusal("unknown_message", 404)
    return message


async def _wish_for(session: AsyncSession, message_id: str) -> ArticleWish | None:
    return (await session.execute(select(ArticleWish).where(ArticleWish.message_id == message_id))).scalar_one_or_none()


async def _new(session: AsyncSession, conversation: Conversation, message: Message, user: User) -> ArticleWish:
    before = [each for each in await messages_after(session, conversation.id, 0) if each.seq < message.seq]
    turns = (await session.execute(select(Turn).where(Turn.conversation_id == conversation.id))).scalars().all()
    question = next(iter(latest_questions(before, turns)), "")
    return ArticleWish(
        conversation_id=conversation.id,
        message_id=message.id,
        user_id=user.id,
        question=await masked(session, conversation, question),
        reply=await masked(session, conversation, message.text),
        topic=conversation.topic,
        locale=conversation.locale,
        channel=conversation.channel,
    )


def _audit(services: Services, user: User, action: str, target: str) -> AuditEntry:
    return AuditEntry(at=services.clock(), actor_id=user.id, action=action, target=target)


def _tell(services: Services, conversation_id: str, message_id: str, on: bool) -> None:
    """Whoever has the conversation open sees the mark."""
    event = {"type": "wish", "conversation_id": conversation_id, "message_id": message_id, "on": on}
    services.live.publish(DESK, event)


async def wished_in(services: Services, conversation_id: str) -> list[str]:
    """The messages of this conversation that should be articles."""
    query = select(ArticleWish.message_id).where(ArticleWish.conversation_id == conversation_id)
    async with services.db.read() as session:
        return list((await session.execute(query)).scalars())


async def list_wishes(services: Services) -> Json:
    """``{count, wishes}``, the newest first, at most 200 of them; nothing in them says whose conversation it was."""
    query = select(ArticleWish, User.name).join(User, User.id == ArticleWish.user_id, isouter=True)
    async with services.db.read() as session:
        count = (await session.execute(select(func.count()).select_from(ArticleWish))).scalar_one()
        rows = (await session.execute(query.order_by(ArticleWish.created_at.desc()).limit(_MOST))).all()
    return {"count": count, "wishes": [_shown(row, name) for row, name in rows]}


def _shown(row: ArticleWish, name: str | None) -> Json:
    keys = ("id", "question", "reply", "comment", "topic", "locale", "channel")
    return {key: getattr(row, key) for key in keys} | {"advisor": name, "created_at": row.created_at.isoformat()}
