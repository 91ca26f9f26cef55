"""The handoff context of ``docs/handoff.schema.json``, built from the record; nothing in it is invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import messages_after
from bot.db.models import Conversation, Feedback, Handoff, Message, PageView, Turn
from bot.db.people import Customer, Identity, Promise, User
from bot.handoff.cases import also_asked
from bot.handoff.questions import latest_questions
from bot.handoff.slip import changes_of, revised
from bot.handoff.summary import summarise
from bot.handoff.transfer import history
from bot.identity.consents import HISTORY, has_agreed
from bot.identity.links import circle, person_of, same_person
from bot.identity.rights import assurance_of, may_see_personal_data
from bot.incidents.telling import told_of
from bot.prepared.tried import Prepared, for_the_card, read_prepared, tasks_tried
from bot.promises.rows import brief
from bot.promises.rules import UNKEPT
from bot.services import Services

SCHEMA_VERSION = "1.3"
Json = dict[str, Any]
_LONGEST_LIST = 50
# What goes on while the customer waits.
_GROWING = ("questions_asked", "articles_shown", "tasks_tried", "incidents", "pages_seen", "page")
# What the dialogue remembers for itself; an advisor finds it said better elsewhere on the card.
_OWN_SLOTS = frozenset(
    {
        "locale", "requested_slot", "session_started_metadata", "human_offered", "offer_reason", "failed_answers",
        "last_question", "last_topic", "history", "task", "task_form", "task_input", "task_values", "task_step",
        "task_tries", "task_answered", "task_failures", "next_task", "late_looked_at",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Gathered:
    """What the neighbours know, asked before the transaction: both may be empty when they do not answer."""

    card: Json | None = None
    suggestions: list[Json] = field(default_factory=list)
    card_missing: bool = False  # there may be orders: the back office could not tell
    question: str | None = None  # what it is about, as far as it was looked for


@dataclass(frozen=True)
class _Records:
    customer: Customer
    known_as: Sequence[str]
    own: Customer
    identities: Sequence[Identity]
    promises: Sequence[Promise]
    past: Sequence[Conversation]
    messages: Sequence[Message]
    turns: Sequence[Turn]
    prepared: Sequence[Prepared]
    feedback: dict[str, bool]
    pages: Sequence[PageView]


async def build_context(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    handoff: Handoff,
    question: str,
    gathered: Gathered,
) -> Json:
    """The whole context; the summary is in the desk's own language."""
    records = await _read(session, conversation)
    why = _why(conversation, handoff, question, records)
    who = _who(services, conversation, records, gathered.card)
    if gathered.card_missing:
        who["orders_unavailable"] = True
    context = {
        "schema_version": SCHEMA_VERSION,
        "handoff_id": handoff.id,
        "conversation_id": conversation.id,
        "channel": conversation.channel,
        "locale": conversation.locale,
        "created_at": handoff.requested_at.isoformat(),
        "deadline": handoff.deadline.isoformat(),
        "contact": handoff.contact,
        "who": who,
        "why": why,
        "best_person": await _best_person(session, conversation, handoff, records.known_as),
        "transcript": transcript(records.messages),
        "suggestions": gathered.suggestions,
    }
    seen = revised(context, await changes_of(session, handoff.id))
    return context | {"why": why | {"summary": summed_up(services, seen)}}


def summed_up(services: Services, context: Json) -> str:
    """The three lines on top of the card, in the desk's own language."""
    return summarise(services.service.brand.languages[0], context["why"], context["who"])


async def as_it_stands(services: Services, session: AsyncSession, handoff: Handoff) -> Json:
    """The context as an advisor may see it now: with what has happened since, and as the customer revised it."""
    context = revised(await standing(session, handoff), await changes_of(session, handoff.id))
    return context | {"why": context["why"] | {"summary": summed_up(services, context)}}


async def standing(session: AsyncSession, handoff: Handoff) -> Json:
    """The context with what has happened since: a turn under way when a human was asked for may have done its task."""
    conversation = await session.get_one(Conversation, handoff.conversation_id)
    records = await _read(session, conversation)
    asked = handoff.context["why"]
    now = _why(conversation, handoff, asked["question"], records)
    why = asked | {key: now[key] for key in _GROWING}
    why["latest_question"] = next(iter(latest_questions(records.messages, records.turns)), asked["question"])
    who = handoff.context["who"] | {"promises_open": _promises(records)}
    why["same_case"] = await also_asked(session, conversation, handoff.topic, handoff.requested_at)
    best = handoff.context["best_person"] | await _passed_on(session, handoff)
    return handoff.context | {"who": who, "best_person": best, "why": why, "transcript": transcript(records.messages)}


async def _passed_on(session: AsyncSession, handoff: Handoff) -> Json:
    transfers = await history(session, handoff.id)
    return {"transfers": transfers} if transfers else {}


def transcript(messages: Sequence[Message]) -> list[Json]:
    """What was said, in order, as the advisor reads it."""
    return [
        {
            "seq": message.seq,
            "author": message.author,
            "author_name": message.author_name,
            "kind": message.kind,
            "text": message.text,
            "at": message.created_at.isoformat(),
        }
        for message in messages
        if not message.internal
    ]


async def _read(session: AsyncSession, conversation: Conversation) -> _Records:
    here = conversation.id
    customer = await person_of(session, conversation)
    known_as = await circle(session, customer.id)
    identities = await session.execute(select(Identity).where(Identity.customer_id.in_(known_as)))
    # What was promised here before they signed in was promised to them.
    theirs = Promise.customer_id.in_(known_as) | (Promise.conversation_id == here)
    promises = await session.execute(select(Promise).where(theirs, Promise.status.in_(UNKEPT)).order_by(Promise.due_at))
    turns = await session.execute(select(Turn).where(Turn.conversation_id == here).order_by(Turn.seq))
    feedback = await session.execute(select(Feedback).where(Feedback.conversation_id == here))
    pages = await session.execute(
        select(PageView).where(PageView.conversation_id == here).order_by(PageView.seen_at.desc()).limit(10)
    )
    return _Records(
        customer=customer,
        known_as=known_as,
        own=await session.get_one(Customer, conversation.customer_id),
        identities=identities.scalars().all(),
        promises=promises.scalars().all(),
        past=await _past(session, conversation, known_as),
        messages=await messages_after(session, here, 0),
        turns=turns.scalars().all(),
        prepared=await read_prepared(session, here),
        feedback={row.message_id: row.helpful for row in feedback.scalars()},
        pages=pages.scalars().all(),
    )


async def past_of(session: AsyncSession, conversation: Conversation) -> Sequence[Conversation]:
    """The person's latest other conversations, on every channel."""
    return await _past(session, conversation, await same_person(session, conversation))


async def _past(session: AsyncSession, conversation: Conversation, person: Sequence[str]) -> Sequence[Conversation]:
    if not await has_agreed(session, person, HISTORY):
        return []
    query = (
        select(Conversation)
        .where(Conversation.customer_id.in_(person), Conversation.id != conversation.id)
        .where(Conversation.proven_customer_id.is_(None) | Conversation.proven_customer_id.in_(person))
        .order_by(Conversation.created_at.desc())
        .limit(10)
    )
    return (await session.execute(query)).scalars().all()


def _who(services: Services, conversation: Conversation, records: _Records, card: Json | None) -> Json:
    # Orders and the like are personal: the card is only asked for, and only shown, where rights allow it.
    proven = may_see_personal_data(services, conversation)
    known = card if card is not None and proven else {}
    # Whom this channel's account is linked to is theirs to show, once they have proved to be it.
    person = records.customer if proven else records.own
    identities = [
        row
        for row in records.identities
        if proven or (row.customer_id == person.id and row.kind == conversation.channel)
    ]
    return {
        "customer_id": person.reference or person.id,
        "display_name": person.display_name,
        "assurance": assurance_of(services, conversation),
        "verified_at": conversation.verified_at.isoformat() if conversation.verified_at else None,
        "method": conversation.method,
        "identities": [{"kind": row.kind, "subject": row.subject, "assurance": row.assurance} for row in identities],
        "segment": known.get("segment"),
        "customer_since": known.get("customer_since"),
        "orders": known.get("orders") or [],
        "past_conversations": [
            {
                "conversation_id": row.id,
                "channel": row.channel,
                "topic": row.topic,
                "outcome": row.outcome,
                "created_at": row.created_at.isoformat(),
            }
            for row in records.past
        ],
        "promises_open": _promises(records),
    }


def _promises(records: _Records) -> list[Json]:
    """What was promised to this person and is still to be kept, on whatever channel; missed or not."""
    return [brief(row) for row in records.promises]


def _why(conversation: Conversation, handoff: Handoff, question: str, records: _Records) -> Json:
    asked = [turn.message_id for turn in records.turns if turn.command is None]
    texts = {message.id: message.text for message in records.messages if not message.data.get("masked")}
    last_slots = next((turn.slots for turn in reversed(records.turns) if turn.slots), {})
    return {
        "reason": handoff.reason,
        "question": question,
        "summary": "",
        "topic": handoff.topic,
        "intents": [intent for turn in records.turns for intent in turn.intents[:1]][-_LONGEST_LIST:],
        "slots": {name: value for name, value in last_slots.items() if name not in _OWN_SLOTS},
        "questions_asked": [texts[message_id] for message_id in asked if message_id in texts][-_LONGEST_LIST:],
        "articles_shown": [
            _article_shown(each, records.feedback) for each in records.messages if "answer" in each.data
        ],
        "tasks_tried": for_the_card(tasks_tried(records.turns, records.prepared)),
        "incidents": told_of(records.messages),
        "pages_seen": [
            {"url": page.url, "title": page.title, "seen_at": page.seen_at.isoformat()} for page in records.pages
        ],
        "page": conversation.page,
    }


def _article_shown(message: Message, feedback: dict[str, bool]) -> Json:
    answer = message.data["answer"]
    return {
        "article_id": answer["article_id"],
        "version": answer["version"],
        "title": answer["title"],
        "score": answer["score"],
        "helpful": feedback.get(message.id),
    }


async def _best_person(
    session: AsyncSession, conversation: Conversation, handoff: Handoff, known_as: Sequence[str]
) -> Json:
    query = (
        select(User)
        .join(Handoff, Handoff.advisor_id == User.id)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Conversation.customer_id.in_(known_as), Handoff.accepted_at.is_not(None))
        .order_by(Handoff.accepted_at.desc())
        .limit(1)
    )
    person: Json = {"skill": handoff.skill, "locale": conversation.locale, "priority": handoff.priority}
    served_by = (await session.execute(query)).scalar_one_or_none()
    if served_by is None:
        return person
    return person | {"preferred_advisor": served_by.id, "preferred_advisor_name": served_by.name}
