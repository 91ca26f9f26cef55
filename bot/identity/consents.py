"""What a customer agreed to, purpose by purpose: kept with when and by which channel.

``answering``: what they write is read and answered. ``history``: their conversations are kept and shown to advisors.
``linking``: what they say on two channels is one history. ``telling``: they are told when an answer exists, to
whatever they ask, or to one question alone (``Consent.question_id``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.channels import Consent
from bot.db.gaps import GapQuestion, GapTelling
from bot.db.models import Conversation, UnansweredQuestion
from bot.db.people import Customer
from bot.identity.links import LINKING, circle, linked_person, person_of, same_person
from bot.texts import say

Json = dict[str, Any]
ANSWERING, HISTORY, TELLING = "answering", "history", "telling"
# What holds until the customer says otherwise: who writes wants an answer, and finds their conversation again.
DEFAULTS = {ANSWERING: True, HISTORY: True, LINKING: False, TELLING: False}


async def decisions(session: AsyncSession, person: Sequence[str]) -> dict[str, Consent]:
    """The newest decision for each purpose that they decided on, whichever channel it came by.

    ``person``: every customer that they are (``links.same_person``).
    """
    theirs = Consent.customer_id.in_(person) & Consent.question_id.is_(None)
    rows = (await session.execute(select(Consent).where(theirs).order_by(Consent.at, Consent.id))).scalars()
    return {row.purpose: row for row in rows}


async def agrees(session: AsyncSession, conversation: Conversation, purpose: str) -> bool:
    """Whether who this conversation is with agrees to ``purpose`` now."""
    return await has_agreed(session, await same_person(session, conversation), purpose)


async def has_agreed(session: AsyncSession, person: Sequence[str], purpose: str) -> bool:
    """The same of a person, given as every customer that they are."""
    found = (await decisions(session, person)).get(purpose)
    return found.granted if found is not None else DEFAULTS[purpose]


async def may_answer(session: AsyncSession, conversation: Conversation) -> bool:
    """The same for ``answering``, asked for each message: quick for the nearly everybody who never refused it."""
    ids = [conversation.customer_id, conversation.proven_customer_id]
    if conversation.channel != "web":
        ids.append(await linked_person(session, conversation.customer_id))
    refused = Consent.customer_id.in_([each for each in ids if each]) & Consent.granted.is_(False)
    query = select(Consent.id).where(refused, Consent.purpose == ANSWERING).limit(1)
    return (await session.execute(query)).first() is None or await agrees(session, conversation, ANSWERING)


async def note(
    session: AsyncSession, conversation: Conversation, purpose: str, *, granted: bool, now: datetime
) -> bool:
    """Writes a decision down; whether it is a new one. The same again leaves no second trace."""
    person = await person_of(session, conversation)
    known = (await decisions(session, await circle(session, person.id))).get(purpose)
    if known is not None and known.granted == granted:
        return False
    await _add(session, conversation, person, purpose=purpose, granted=granted, at=now)
    return True


async def note_question(
    session: AsyncSession, conversation: Conversation, question_id: str, *, granted: bool, now: datetime
) -> None:
    """To be told of the answer to this question, or no longer; the same again leaves no second trace."""
    last = await _of_question(session, question_id)
    if last is not None and last.granted == granted:
        return
    person = await person_of(session, conversation)
    await _add(session, conversation, person, purpose=TELLING, granted=granted, question_id=question_id, at=now)


async def _add(session: AsyncSession, conversation: Conversation, person: Customer, **said: Any) -> None:
    session.add(Consent(customer_id=person.id, conversation_id=conversation.id, channel=conversation.channel, **said))
    await session.flush()


async def _of_question(session: AsyncSession, question_id: str) -> Consent | None:
    query = select(Consent).where(Consent.question_id == question_id).order_by(Consent.at.desc(), Consent.id.desc())
    return (await session.execute(query.limit(1))).scalar_one_or_none()


async def wants_to_know(session: AsyncSession, conversation: Conversation, question_id: str) -> bool:
    """Whether the answer to this question is still to be told: what they said last, of it or of all, and only once."""
    person = await same_person(session, conversation)
    said, general = await _of_question(session, question_id), (await decisions(session, person)).get(TELLING)
    last = max((each for each in (said, general) if each is not None), key=lambda each: each.at, default=None)
    if not (last.granted if last is not None else DEFAULTS[TELLING]):
        return False
    told = select(UnansweredQuestion.id).where(UnansweredQuestion.id == question_id, _was_told(person))
    return (await session.execute(told)).first() is None


async def asked_for(session: AsyncSession, conversation: Conversation) -> list[UnansweredQuestion]:
    """The questions of this person that they agreed to be told of one by one, and were not told of yet."""
    person = await same_person(session, conversation)
    return await _agreed_one_by_one(session, conversation, person, ~_was_told(person))


async def _agreed_one_by_one(
    session: AsyncSession, conversation: Conversation, person: Sequence[str], *which: ColumnElement[bool]
) -> list[UnansweredQuestion]:
    """The questions whose last word is yes. What was said here before it was known who it is was said here too."""
    theirs = Consent.customer_id.in_(person) | (Consent.conversation_id == conversation.id)
    named = select(Consent.question_id).where(theirs, Consent.question_id.is_not(None))
    query = (
        select(UnansweredQuestion, Consent.granted)
        .join(Consent, Consent.question_id == UnansweredQuestion.id)
        .where(UnansweredQuestion.id.in_(named), *which)
        .order_by(Consent.at, Consent.id)
    )
    last = {row.id: (row, granted) for row, granted in await session.execute(query)}
    return [row for row, granted in last.values() if granted]


def _was_told(person: Sequence[str]) -> ColumnElement[bool]:
    """Whoever is told of one question of a gap knows the answer to the others they had asked there by then."""
    beside = (
        select(GapQuestion.question_id)
        .where(GapQuestion.question_id == UnansweredQuestion.id, GapQuestion.gap_id == GapTelling.gap_id)
        # Of the two around it: left to itself it takes up those of the nearest alone.
        .correlate(GapTelling, UnansweredQuestion)
        .exists()
    )
    told = select(GapTelling.id).where(
        GapTelling.status == "told",
        GapTelling.customer_id.in_(person) | (GapTelling.conversation_id == UnansweredQuestion.conversation_id),
        (GapTelling.question_id == UnansweredQuestion.id)
        | (beside & (GapTelling.told_at >= UnansweredQuestion.created_at)),
    )
    return told.exists()


async def withdraw_questions(session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    """No longer to be told of any question they had named, also not of one that they were told of before."""
    for row in await _agreed_one_by_one(session, conversation, await same_person(session, conversation)):
        await note_question(session, conversation, row.id, granted=False, now=now)


async def shown(session: AsyncSession, conversation: Conversation, brand: str) -> list[Json]:
    """``[{purpose, title, text, granted, decided_at?, channel?}]`` in the conversation's language."""
    known = await decisions(session, await same_person(session, conversation))
    found = [_shown(conversation.locale, brand, purpose, known.get(purpose)) for purpose in DEFAULTS]
    telling = next(one for one in found if one["purpose"] == TELLING)
    questions = [row.question for row in await asked_for(session, conversation)]
    if questions and not telling["granted"]:
        # On for these alone: turning it off takes them back.
        quoted = " ".join(say(conversation.locale, "quoted", text=text) for text in questions)
        telling["granted"] = True
        telling["text"] += " " + say(conversation.locale, "consent_telling_questions", questions=quoted)
    telling["questions"] = questions
    return found


def _shown(locale: str, brand: str, purpose: str, decision: Consent | None) -> Json:
    words = {
        "purpose": purpose,
        "title": say(locale, f"consent_{purpose}_title"),
        "text": say(locale, f"consent_{purpose}_text", brand=brand),
    }
    if decision is None:
        return words | {"granted": DEFAULTS[purpose]}
    return words | {"granted": decision.granted, "decided_at": decision.at.isoformat(), "channel": decision.channel}
