"""Noting a promise within the caller's transaction: by an advisor, by a request for a call, by a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft
from bot.db.models import WAITING, Conversation, Handoff
from bot.db.people import Promise, User
from bot.db.types import new_id
from bot.handoff.contact import CHAT
from bot.handoff.events import record
from bot.identity.links import person_of
from bot.promises.rules import UNKEPT, call_back_due, call_due, warn_moment
from bot.promises.words import notice
from bot.services import Services
from bot.texts import say

Json = dict[str, Any]
CALL = "call_back"
# In the data of the notice of a call that was put off, where nobody but us reads it: how it stood before.
PUT_OFF = "put_off"
_MOMENTS = ("due_at", "warn_at", "alerted_at", "told_at", "next_try_at", "missed_at")
_LONGEST_SUBJECT = 80


@dataclass(frozen=True)
class Given:
    """What is promised. ``start``: when its time begins, now by default; ``made_by``: a user, nobody: the assistant."""

    kind: str
    text: str
    due_at: datetime
    start: datetime | None = None
    made_by: str | None = None
    handoff_id: str | None = None
    contact: Json | None = None
    client_key: str | None = None


async def note(services: Services, session: AsyncSession, conversation: Conversation, given: Given) -> Promise:
    """Writes it down."""
    now = services.clock()
    promise = Promise(
        id=new_id(),
        customer_id=(await person_of(session, conversation)).id,
        conversation_id=conversation.id,
        kind=given.kind,
        text=given.text,
        due_at=given.due_at,
        status="open",
        created_at=now,
        made_by=given.made_by,
        handoff_id=given.handoff_id,
        contact=given.contact,
        client_key=given.client_key,
        warn_at=warn_moment(services.service.promises, given.start or now, given.due_at),
    )
    session.add(promise)
    return promise


def put_off(services: Services, promise: Promise, due_at: datetime, start: datetime | None = None) -> None:
    """Another deadline: what was said of the one before is over."""
    promise.due_at, promise.status = due_at, "open"
    promise.warn_at = warn_moment(services.service.promises, start or services.clock(), due_at)
    promise.alerted_at = promise.told_at = None


async def call_of(session: AsyncSession, handoff_id: str, *, by_advisor: bool = False) -> Promise | None:
    """The call that a request asks for, while it is to be made; or one that an advisor promised besides."""
    query = select(Promise).where(Promise.handoff_id == handoff_id, Promise.kind == CALL, Promise.status.in_(UNKEPT))
    query = query.where(Promise.made_by.is_not(None) if by_advisor else Promise.made_by.is_(None))
    return (await session.execute(query.order_by(Promise.created_at).limit(1))).scalar_one_or_none()


async def promise_call(services: Services, session: AsyncSession, conversation: Conversation, handoff: Handoff) -> None:
    """Who asks to be called is promised a call; another number or moment changes it."""
    if handoff.contact["mode"] == "chat":
        return
    start, due = call_due(services.service, handoff.contact, services.clock())
    promise = await call_of(session, handoff.id)
    if promise is None:
        text = say(services.service.brand.languages[0], "promise_callback")
        await note(
            services,
            session,
            conversation,
            Given(kind=CALL, text=text, due_at=due, start=start, handoff_id=handoff.id, contact=handoff.contact),
        )
    elif promise.contact != handoff.contact:
        promise.contact, promise.next_try_at = handoff.contact, None
        put_off(services, promise, due, start)


async def move_request(services: Services, session: AsyncSession, promise: Promise, **changes: str) -> None:
    """A request that waits for this call has its number or its moment too: it is offered when it is time."""
    handoff = await _request_for(session, promise)
    if handoff is not None:
        promise.contact = handoff.contact | changes
        await _reached_by(services, session, handoff, promise.contact)


async def back_to_chat(services: Services, session: AsyncSession, promise: Promise) -> bool:
    """Nobody calls: the request that waited for this call waits in the chat. Whether there is one."""
    handoff = await _request_for(session, promise)
    if handoff is not None:
        await _reached_by(services, session, handoff, dict(CHAT))
    return handoff is not None


async def _request_for(session: AsyncSession, promise: Promise) -> Handoff | None:
    """The request that waits, and is for this call."""
    if promise.handoff_id is None or promise.made_by is not None or promise.kind != CALL:
        return None
    handoff = await session.get(Handoff, promise.handoff_id, with_for_update=True, populate_existing=True)
    return handoff if handoff is not None and handoff.status in WAITING else None


async def _reached_by(services: Services, session: AsyncSession, handoff: Handoff, contact: Json) -> None:
    handoff.contact = contact
    handoff.context = handoff.context | {"contact": contact}
    await record(services, session, handoff, "context_changed")


async def drop_call(session: AsyncSession, handoff: Handoff) -> None:
    """The customer no longer asks: nobody calls."""
    promise = await call_of(session, handoff.id)
    if promise is not None:
        promise.status = "cancelled"


async def settle_release(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    handoff: Handoff,
    advisor: User,
    outcome: str,
) -> list[Draft]:
    """What releasing means for the call of a request: made, given up, or promised anew. What the customer reads."""
    promise = await call_of(session, handoff.id)
    now = services.clock()
    if outcome == "callback":
        # An advisor who has just promised a call has promised this one.
        if promise is None and await call_of(session, handoff.id, by_advisor=True) is not None:
            return []
        return [await _promise_back(services, session, conversation, handoff, advisor, promise)]
    if promise is not None and outcome == "resolved":
        promise.status, promise.kept_at, promise.kept_by = "kept", now, advisor.id
    elif promise is not None and outcome == "spam":
        # With its moment: an undone release gives back what it took, and nothing else.
        promise.status, promise.kept_at = "cancelled", now
    return []


async def _promise_back(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    handoff: Handoff,
    advisor: User,
    promise: Promise | None,
) -> Draft:
    due = call_back_due(services.service, services.clock())
    before: Json = {}
    if promise is None:
        phone = handoff.contact.get("phone")
        contact = {"mode": "call_now"} | ({"phone": phone} if phone else {})
        text = say(services.service.brand.languages[0], "promise_callback")
        given = Given(CALL, text, due, made_by=advisor.id, handoff_id=handoff.id, contact=contact)
        promise = await note(services, session, conversation, given)
    elif promise.status == "missed" or promise.due_at < due:
        before = {PUT_OFF: _as_it_stood(promise)}
        promise.next_try_at = None
        put_off(services, promise, due)
    draft = notice(services, conversation, promise, "made", advisor.name)
    return replace(draft, data=before)


def _as_it_stood(promise: Promise) -> Json:
    moments = {name: at.isoformat() if (at := getattr(promise, name)) else None for name in _MOMENTS}
    return {"id": promise.id, "status": promise.status} | moments


async def put_back(session: AsyncSession, stood: Json) -> None:
    """As it stood before a release put it off: the notice that told of it bears ``stood``."""
    promise = await session.get(Promise, stood["id"])
    if promise is not None:
        promise.status = stood["status"]
        for name in _MOMENTS:
            setattr(promise, name, datetime.fromisoformat(stood[name]) if stood[name] else None)


async def promises_of_task(
    services: Services, session: AsyncSession, conversation: Conversation, made: Sequence[Mapping[str, Any]]
) -> list[Draft]:
    """What a task accepted for later: ``{kind?, subject?, days?}`` each. What the customer reads."""
    drafts = []
    for one in made:
        kind = one.get("kind")
        days = one.get("days")
        rules = services.service.promises
        wait = timedelta(days=days if isinstance(days, int) and 0 < days <= 365 else rules.enquiry_days)
        subject = str(one.get("subject") or "")[:_LONGEST_SUBJECT]
        text = say(services.service.brand.languages[0], "promise_enquiry", subject=subject).strip()
        promise = await note(
            services,
            session,
            conversation,
            Given(kind=kind if kind in ("reply", "enquiry") else "enquiry", text=text, due_at=services.clock() + wait),
        )
        drafts.append(notice(services, conversation, promise, "made"))
    return drafts
