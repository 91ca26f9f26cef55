"""The same question on two channels of one person within the hour is one case: one place, one advisor, both threads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import OPEN, WAITING, Conversation, Handoff, Message, Turn
from bot.db.people import User
from bot.folding import fold
from bot.handoff.offer import one_at_a_time
from bot.handoff.presence import is_there
from bot.handoff.questions import latest_questions
from bot.handoff.slip import questions_revised
from bot.identity.links import same_person
from bot.services import Services

Json = dict[str, Any]
WITHIN = timedelta(hours=1)
_WORD = re.compile(r"\w+")
_SHORTEST_WORD = 4
# Of all the words of two questions, so many must be in both.
_ALIKE = 0.5


async def also_asked(session: AsyncSession, conversation: Conversation, topic: str | None, at: datetime) -> list[Json]:
    """``[{conversation_id, channel, question, asked_at, handoff_id, status}]``: the same elsewhere, around ``at``.

    The last two are empty where nobody was asked for.
    """
    found: list[Json] = []
    others = await _elsewhere(session, conversation, at)
    mine = await _questions(session, conversation.id, at) if others else []
    for other in others:
        theirs = await _questions(session, other.id, at)
        handoff = await _handoff(session, other.id, at)
        there = handoff.topic if handoff is not None else other.topic
        if handoff is None and not theirs:
            continue
        if not _same([text for text, _ in mine], [text for text, _ in theirs], topic, there):
            continue
        alike = [each for each in theirs if any(_alike(each[0], one) for one, _ in mine)]
        newest = [*alike, *theirs, ("", handoff.requested_at if handoff is not None else at)]
        text, asked_at = newest[0]
        if handoff is not None:
            # What they struck out there is not read here.
            text = (await questions_revised(session, {handoff.id})).get(handoff.id, text)
        row = {
            "conversation_id": other.id,
            "channel": other.channel,
            "question": text,
            "asked_at": asked_at.isoformat(),
            "handoff_id": handoff.id if handoff is not None else None,
            "status": handoff.status if handoff is not None else None,
        }
        found.append(row)
    return found


async def join(services: Services, session: AsyncSession, conversation: Conversation, handoff: Handoff) -> User | None:
    """Makes a new request part of the case it belongs to, with the place it has; who has that case and is there."""
    asked = await also_asked(session, conversation, handoff.topic, handoff.requested_at)
    ids = [each["handoff_id"] for each in asked if each["status"] in OPEN]
    if not ids:
        return None
    # Whoever makes offers locks requests after taking their turn: two orders of locking could wait for each other.
    await one_at_a_time(services, session)
    theirs = select(Handoff).where(Handoff.id.in_(ids)).order_by(Handoff.id).with_for_update()
    rows = (await session.execute(theirs.execution_options(populate_existing=True))).scalars()
    # One may have ended meanwhile.
    siblings = sorted((each for each in rows if each.status in OPEN), key=lambda each: each.requested_at)
    if not siblings:
        return None
    handoff.case_id = siblings[0].case_id or siblings[0].id
    for sibling in siblings:
        sibling.case_id = handoff.case_id
    handoff.queue_at = min(handoff.queue_at, *(sibling.queue_at for sibling in siblings))
    holder = next((sibling.advisor_id for sibling in siblings if sibling.status == "accepted"), None)
    advisor = await session.get(User, holder) if holder else None
    return advisor if advisor is not None and is_there(services, advisor) else None


async def waiting_in(session: AsyncSession, case_id: str) -> Sequence[str]:
    """The requests of a case that still wait to be written to: a call is not made by writing elsewhere."""
    query = select(Handoff).where(Handoff.case_id == case_id, Handoff.status.in_(WAITING))
    return [each.id for each in (await session.execute(query)).scalars() if each.contact.get("mode", "chat") == "chat"]


async def is_rated_elsewhere(session: AsyncSession, handoff: Handoff) -> bool:
    """Whether the customer was asked already, in the other thread, how it went."""
    if handoff.case_id is None:
        return False
    others = (Handoff.case_id == handoff.case_id) & (Handoff.id != handoff.id)
    query = select(Handoff.id).where(others, Handoff.status == "released", Handoff.outcome != "spam")
    return (await session.execute(query.limit(1))).first() is not None


async def _elsewhere(session: AsyncSession, conversation: Conversation, at: datetime) -> Sequence[Conversation]:
    known_as = await same_person(session, conversation)
    wrote = select(Message.conversation_id).where(
        Message.conversation_id == Conversation.id,
        Message.author == "customer",
        Message.created_at.between(at - WITHIN, at + WITHIN),
    )
    query = (
        select(Conversation)
        .where(Conversation.customer_id.in_(known_as), Conversation.channel != conversation.channel)
        .where(Conversation.proven_customer_id.is_(None) | Conversation.proven_customer_id.in_(known_as))
        .where(wrote.exists())
        .order_by(Conversation.updated_at.desc())
        .limit(5)
    )
    return (await session.execute(query)).scalars().all()


async def _handoff(session: AsyncSession, conversation_id: str, at: datetime) -> Handoff | None:
    around = Handoff.requested_at.between(at - WITHIN, at + WITHIN) | Handoff.status.in_(OPEN)
    query = select(Handoff).where(Handoff.conversation_id == conversation_id, around, Handoff.status != "cancelled")
    return (await session.execute(query.order_by(Handoff.requested_at.desc()).limit(1))).scalar_one_or_none()


async def _questions(session: AsyncSession, conversation_id: str, at: datetime) -> list[tuple[str, datetime]]:
    """What was asked around ``at``, the newest first, with when."""
    here = Message.conversation_id == conversation_id
    around = Message.created_at.between(at - WITHIN, at + WITHIN)
    query = select(Message).where(here, around, Message.author == "customer").order_by(Message.seq)
    messages = (await session.execute(query)).scalars().all()
    turns = (await session.execute(select(Turn).where(Turn.conversation_id == conversation_id))).scalars().all()
    when = {message.text: message.created_at for message in messages}
    return [(text, when[text]) for text in latest_questions(messages, turns)]


def _same(mine: list[str], theirs: list[str], topic: str | None, there: str | None) -> bool:
    """Alike in words, or about the same; who asks for a human alone means what they asked elsewhere."""
    if any(_alike(one, other) for one in mine for other in theirs):
        return True
    if topic is not None and there is not None:
        return topic == there
    return not mine or not theirs


def _alike(one: str, other: str) -> bool:
    first, second = _words(one), _words(other)
    if not first or not second:
        return fold(one).strip() == fold(other).strip()
    return len(first & second) / len(first | second) >= _ALIKE


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(fold(text)) if len(word) >= _SHORTEST_WORD}
