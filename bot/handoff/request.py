"""Asking for a human: builds the context, queues the conversation, tells the customer what happens."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, lock_conversation
from bot.conversations.state import open_handoff
from bot.db.models import WAITING, Conversation, Handoff, Message, Turn
from bot.db.people import Customer
from bot.db.types import new_id
from bot.errors import NeighbourError, Refusal
from bot.handoff.calling import settled, ways
from bot.handoff.cases import join
from bot.handoff.contact import CHAT, moment_of
from bot.handoff.context import Gathered, build_context
from bot.handoff.desk import accept_within
from bot.handoff.events import record
from bot.handoff.floor import see_floor, wait_of
from bot.handoff.offer import offer_at_once, one_at_a_time
from bot.handoff.questions import NOT_A_QUESTION
from bot.identity.links import person_of
from bot.identity.private import is_confidential
from bot.identity.rights import identity_token, may_see_personal_data
from bot.promises.making import promise_call
from bot.routing.floor import queue_at
from bot.services import Services
from bot.texts import say
from bot.when import day_and_hour, opening_sentence
from service.part import LocalText

Json = dict[str, Any]
REASONS = frozenset(
    {
        "customer_request",
        "no_answer",
        "not_helpful",
        "repeated_failure",
        "sensitive_topic",
        "negative_feeling",
        "task_failed",
    }
)
_PRIORITY = {"sensitive_topic": 100, "negative_feeling": 20}
_GOLD_PRIORITY = 10
_QUEUED = {True: "handoff_queued_shown", False: "handoff_queued"}


@dataclass(frozen=True)
class Wish:
    """A request for a human. ``question``, ``topic`` and ``skill`` are found in the record when not given.

    ``asked``: our own question that comes after the word on the queue, so that it is the last one, with its field.
    """

    reason: str
    question: str | None = None
    topic: str | None = None
    skill: str | None = None
    advice: LocalText | None = None
    contact: Json = field(default_factory=lambda: dict(CHAT))
    asked: Draft | None = None


async def gather(services: Services, conversation_id: str, wish: Wish) -> Gathered:
    """The customer's card and article suggestions, side by side; what does not answer is left out."""
    async with services.db.read() as session:
        conversation = await session.get(Conversation, conversation_id)
        if conversation is None:
            raise Refusal("unknown_conversation", 404)
        customer = await person_of(session, conversation)
        question = wish.question or await last_question(session, conversation_id)
    card, suggestions = await asyncio.gather(
        _card(services, conversation, customer), _suggestions(services, question, conversation.locale)
    )
    return Gathered(card or None, suggestions, card_missing=card is None, question=question)


async def _card(services: Services, conversation: Conversation, customer: Customer) -> Json | None:
    """Nothing ({}) for who is unproven or unknown; None when the back office could not tell."""
    if not may_see_personal_data(services, conversation) or customer.reference is None:
        return {}
    token = identity_token(services, conversation, customer)
    try:
        return await services.actions.customer_card(conversation.id, token) or {}
    except NeighbourError:
        return None


async def _suggestions(services: Services, question: str, locale: str) -> list[Json]:
    if not question.strip():
        return []
    try:
        found = await services.knowledge.search(question, locale)
    except NeighbourError:
        return []
    keys = ("article_id", "version", "locale", "title", "answer", "url", "score")
    return [{key: result.get(key) for key in keys} for result in found.get("results", [])]


async def last_question(session: AsyncSession, conversation_id: str) -> str:
    """The customer's last message that asks something; else the last one; else nothing."""
    rows = await session.execute(
        select(Message.text, Message.data, Turn.intents, Turn.command)
        .join(Turn, Turn.message_id == Message.id, isouter=True)
        .where(Message.conversation_id == conversation_id, Message.author == "customer")
        .order_by(Message.seq.desc())
        .limit(20)
    )
    # A masked message holds a code, an address …: never a question.
    found = [
        (text, (intents or [{}])[0].get("name"), command)
        for text, data, intents, command in rows
        if not data.get("masked")
    ]
    for text, intent, command in found:
        if command is None and intent not in NOT_A_QUESTION:
            return str(text)
    return str(found[0][0]) if found else ""


async def request_handoff(services: Services, conversation_id: str, wish: Wish) -> None:
    """Queues the conversation for a human; one that is queued or with an advisor already stays where it is."""
    gathered = await gather(services, conversation_id, wish)
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        messages = await request_within(services, session, conversation, wish, gathered)
    if messages:
        notify.told(services, conversation, messages)
        notify.state_changed(services, conversation)


async def request_within(
    services: Services, session: AsyncSession, conversation: Conversation, wish: Wish, gathered: Gathered
) -> list[Message]:
    """The same inside the caller's transaction; the messages written. A request that waits already can be raised."""
    now = services.clock()
    waiting = await open_handoff(session, conversation.id)
    if waiting is not None:
        drafts = _raised(services, conversation, waiting, wish, now) if waiting.status in WAITING else []
        if waiting.status in WAITING and wish.contact["mode"] != "chat":
            await promise_call(services, session, conversation, waiting)
        if drafts:
            await record(services, session, waiting, "context_changed")
        drafts = [*_advice(services, conversation, wish), *drafts, *_asked(wish)]
        return [await append(session, services.channels, conversation, draft, now) for draft in drafts]
    question = gathered.question
    if question is None:
        question = wish.question or await last_question(session, conversation.id)
    handoff = _new_handoff(services, conversation, wish, gathered, now)
    session.add(handoff)
    conversation.owner = "queue"
    conversation.epoch += 1
    conversation.topic = handoff.topic
    conversation.outcome = "handed_off"
    await session.flush()
    holder = await join(services, session, conversation, handoff)
    await promise_call(services, session, conversation, handoff)
    await one_at_a_time(services, session)
    floor = await see_floor(services, session)
    place = (await wait_of(services, session, handoff, conversation.locale, floor)).position
    holder = holder if handoff.contact["mode"] == "chat" else None
    queued = [_notice(services, conversation, handoff, place, now)] if holder is None else []
    drafts = [*_advice(services, conversation, wish), *queued, *_asked(wish)]
    messages = [await append(session, services.channels, conversation, draft, now) for draft in drafts]
    handoff.context = await build_context(services, session, conversation, handoff, question, gathered)
    handoff.preferred_id = handoff.context["best_person"].get("preferred_advisor")
    await record(services, session, handoff, "requested")
    if holder is not None:
        # Theirs already, on another channel.
        return [*messages, await accept_within(services, session, conversation, handoff, holder)]
    await offer_at_once(services, session, handoff, floor)
    return messages


def _advice(services: Services, conversation: Conversation, wish: Wish) -> list[Draft]:
    """What cannot wait for an advisor, in the company's own words."""
    if wish.advice is None:
        return []
    return [Draft("bot", wish.advice.in_locale(conversation.locale), author_name=services.service.brand.assistant_name)]


def _asked(wish: Wish) -> list[Draft]:
    return [wish.asked] if wish.asked is not None else []


def _raised(services: Services, conversation: Conversation, handoff: Handoff, wish: Wish, now: datetime) -> list[Draft]:
    """What a further wish changes in a request that waits: a danger comes first, a number to call is taken."""
    drafts = []
    if wish.reason == "sensitive_topic" and handoff.reason != wish.reason:
        handoff.reason, handoff.skill = wish.reason, wish.skill or handoff.skill
        handoff.priority = max(handoff.priority, _PRIORITY[wish.reason])
        # Who was passed on stands further ahead already.
        handoff.queue_at = min(handoff.queue_at, queue_at(handoff.requested_at, handoff.priority))
        person = handoff.context["best_person"] | {"skill": handoff.skill, "priority": handoff.priority}
        why = handoff.context["why"] | {"reason": handoff.reason}
        handoff.context = handoff.context | {"why": why, "best_person": person}
        drafts.append(Draft("system", say(conversation.locale, "handoff_raised"), kind="notice"))
    if wish.contact["mode"] != "chat" and wish.contact != handoff.contact:
        handoff.contact = wish.contact
        handoff.context = handoff.context | {"contact": wish.contact}
        drafts.append(_notice(services, conversation, handoff, 0, now))
    return drafts


async def refresh_who(services: Services, conversation_id: str) -> None:
    """The customer signed in while waiting: the card shows who they are, with their orders."""
    gathered = await gather(services, conversation_id, Wish("customer_request"))
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        handoff = await open_handoff(session, conversation_id)
        if handoff is None:
            return
        asked = handoff.context["why"]["question"]
        handoff.context = await build_context(services, session, conversation, handoff, asked, gathered)
        await record(services, session, handoff, "context_changed")
    notify.state_changed(services, conversation)
    notify.context_changed(services, handoff.id)


def _new_handoff(
    services: Services, conversation: Conversation, wish: Wish, gathered: Gathered, now: datetime
) -> Handoff:
    topic = wish.topic or conversation.topic
    is_gold = (gathered.card or {}).get("segment") == "or"
    priority = _PRIORITY.get(wish.reason, 0) + (_GOLD_PRIORITY if is_gold else 0)
    return Handoff(
        id=new_id(),
        conversation_id=conversation.id,
        status="requested",
        reason=wish.reason if wish.reason in REASONS else "customer_request",
        topic=topic,
        skill=wish.skill or services.service.skill_for(topic),
        priority=priority,
        contact=wish.contact,
        requested_at=now,
        queue_at=queue_at(now, priority),
        deadline=now + timedelta(hours=services.service.handoff.customer_max_wait_hours),
    )


def _notice(services: Services, conversation: Conversation, handoff: Handoff, place: int, now: datetime) -> Draft:
    locale, phone = conversation.locale, handoff.contact.get("phone", "")
    # Others keep the history of a channel that is not confidential.
    shown = phone if is_confidential(services, conversation) else say(locale, "handoff_phone_given")
    values = {"place": place, "phone": shown}
    at = moment_of(handoff.contact)
    if at is not None:
        when = day_and_hour(locale, at.astimezone(ZoneInfo(services.service.timezone)))
        text = say(locale, "handoff_call_at", when=when, **values)
    elif services.service.is_open(now):
        mode = handoff.contact["mode"]
        channel = services.channels.get(conversation.channel)
        # The chat shows the place beside where one writes, as it moves; a number in the words would stay behind.
        moves = channel is not None and not channel.pushes
        text = say(locale, _QUEUED[moves] if mode == "chat" else "handoff_call", **values)
    else:
        text = say(locale, "handoff_closed", opening=opening_sentence(services.service, locale, now))
    if handoff.reason == "sensitive_topic":
        text = say(locale, "handoff_sensitive") + " " + text
    may_choose = handoff.contact["mode"] == "chat" and is_confidential(services, conversation)
    choices = ways(services, locale, now) if may_choose else ()
    # Where a message can be edited, this is the one in which the place moves on.
    queued = {"queued": handoff.id} if handoff.contact["mode"] == "chat" else {}
    return Draft("system", text, kind="notice", data=settled(handoff.contact) | queued, choices=choices)
