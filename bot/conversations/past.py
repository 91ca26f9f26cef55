"""One person's other conversations: another one begun, an earlier one read again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft, append, lock_conversation, messages_after, public
from bot.conversations.opening import greeting_text
from bot.db.models import Conversation, Message
from bot.errors import Refusal
from bot.identity.links import person_of, same_person
from bot.identity.rights import ANONYMOUS, may_see_personal_data
from bot.services import Services
from bot.texts import known

Json = dict[str, Any]
_MOST = 50
_LONGEST_TITLE = 120


async def begin_next(services: Services, conversation_id: str, page: Json | None) -> tuple[Conversation, list[Message]]:
    """Another conversation of the same person, as sure of who it is as this one. Again: the one that was begun.

    Raises ``Refusal`` (409) while a person is asked for or there.
    """
    now = services.clock()
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        if conversation.owner != "bot":
            raise Refusal("under_way", 409)
        begun = await _begun(session, conversation)
        if begun is None:
            begun = _beside(conversation, page, now)
            session.add(begun)
            await session.flush()
            await append(session, services.channels, begun, await _greeting(services, session, begun), now)
        return begun, await messages_after(session, begun.id, 0)


async def _begun(session: AsyncSession, conversation: Conversation) -> Conversation | None:
    """A later one in which nothing was said yet; this one itself, if nothing was said in it.

    Never one that is surer of who it is: its token must not be had by who holds an old one.
    """
    said = select(Message.id).where(Message.conversation_id == Conversation.id, Message.author == "customer")
    as_sure = (
        (Conversation.assurance == conversation.assurance)
        & Conversation.proven_customer_id.is_not_distinct_from(conversation.proven_customer_id)
        & Conversation.verified_at.is_not_distinct_from(conversation.verified_at)
    )
    query = select(Conversation).where(
        Conversation.customer_id == conversation.customer_id,
        Conversation.channel == conversation.channel,
        or_(Conversation.id == conversation.id, as_sure & (Conversation.created_at > conversation.created_at)),
        ~said.exists(),
    )
    return (await session.execute(query.order_by(Conversation.created_at.desc()).limit(1))).scalar_one_or_none()


def _beside(conversation: Conversation, page: Json | None, now: datetime) -> Conversation:
    return Conversation(
        customer_id=conversation.customer_id,
        proven_customer_id=conversation.proven_customer_id,
        channel=conversation.channel,
        locale=conversation.locale,
        assurance=conversation.assurance,
        verified_at=conversation.verified_at,
        method=conversation.method,
        page=page,
        created_at=now,
        updated_at=now,
    )


async def _greeting(services: Services, session: AsyncSession, conversation: Conversation) -> Draft:
    person = await person_of(session, conversation)
    name = person.display_name if may_see_personal_data(services, conversation) else None
    text = greeting_text(services, conversation.locale, name.split()[0] if name else None)
    return Draft("bot", text, author_name=services.service.brand.assistant_name, told_rasa=True)


async def past_of(services: Services, conversation: Conversation) -> list[Json]:
    """``{id, title, started_at, topic, channel}`` of each other one in which something was said, the latest first."""
    async with services.db.read() as session:
        theirs = await _theirs(services, session, conversation)
        query = select(Conversation).where(theirs, Conversation.id != conversation.id)
        rows = (await session.execute(query.order_by(Conversation.created_at.desc()).limit(_MOST))).scalars().all()
        titles = await _titles(session, [row.id for row in rows])
    locale = conversation.locale
    return [
        {
            "id": row.id,
            "title": titles[row.id][:_LONGEST_TITLE],
            "started_at": row.created_at.isoformat(),
            "topic": known(locale, f"topic_{row.topic}") if row.topic else None,
            "channel": row.channel,
        }
        for row in rows
        if row.id in titles
    ]


async def past_messages(services: Services, conversation: Conversation, other_id: str) -> list[Json]:
    """What was said in another one of theirs. Raises ``Refusal`` (404) for anybody else's."""
    async with services.db.read() as session:
        theirs = await _theirs(services, session, conversation)
        query = select(Conversation.id).where(theirs, Conversation.id == other_id)
        if (await session.execute(query)).scalar_one_or_none() is None:
            raise Refusal("unknown_conversation", 404)
        return [public(message) for message in await messages_after(session, other_id, 0)]


async def _theirs(services: Services, session: AsyncSession, conversation: Conversation) -> ColumnElement[bool]:
    """Whoever is proven now sees all that is theirs; anybody else what was said in this browser, unproven."""
    if not may_see_personal_data(services, conversation):
        unproven = and_(Conversation.assurance == ANONYMOUS, Conversation.proven_customer_id.is_(None))
        return and_(Conversation.customer_id == conversation.customer_id, unproven)
    people = await same_person(session, conversation)
    mine = Conversation.customer_id.in_(people) & Conversation.proven_customer_id.is_(None)
    return or_(Conversation.proven_customer_id.in_(people), mine)


async def _titles(session: AsyncSession, ids: list[str]) -> dict[str, str]:
    query = select(Message.conversation_id, Message.text, Message.data).where(
        Message.conversation_id.in_(ids), Message.author == "customer"
    )
    rows = await session.execute(query.order_by(Message.seq.desc()))
    # The first words, which come last here; a masked message holds a code or an address.
    return {conversation_id: text for conversation_id, text, data in rows if not data.get("masked")}
