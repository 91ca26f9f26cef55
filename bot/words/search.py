"""Search in all conversations: what was said, by whom, and who it was with."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import messages_after, public
from bot.db.models import Conversation, Handoff, Message
from bot.db.people import AuditEntry, Customer, Identity, User
from bot.db.together import HandoffTag
from bot.errors import Refusal
from bot.handoff.closing import normalised
from bot.handoff.past import may_read
from bot.identity.links import is_with
from bot.rights import may
from bot.services import Services
from bot.words.terms import excerpt, hits

Json = dict[str, Any]
_PAGE = 20
_LOOKED_AT = 400
_ORDER = re.compile(r"(?:[a-z]{1,3}-?)?(\d{5,12})")


@dataclass(frozen=True)
class Wanted:
    """What is looked for: conversations in which each of ``terms`` is found, with any activity in the time given."""

    terms: Sequence[str]
    channel: str | None = None
    locale: str | None = None
    outcome: str | None = None
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: str | None = None


async def search(services: Services, reader: User, wanted: Wanted) -> Json:
    """``{results, next}``, the newest first; ``next`` is the cursor of the page after. That it was done is audited."""
    async with services.db.read() as session:
        rows = (await session.execute(_query(reader, wanted))).all()
        page = rows[:_PAGE]
        shown = await _excerpts(session, [conversation for conversation, _ in page], wanted.terms)
    async with services.db.write() as session:
        session.add(_audit(services, reader, "conversations_searched", "desk", f"{len(page)} shown"))
    return {
        "results": [_row(conversation, customer) | shown[conversation.id] for conversation, customer in page],
        "next": _cursor(page[-1][0]) if len(rows) > _PAGE else None,
    }


async def read_found(services: Services, reader: User, conversation_id: str) -> Json:
    """``{conversation, messages}``, internal notes included, to be read and not answered. It is audited."""
    query = (
        select(Conversation, Customer).join(Customer, is_with(Customer.id)).where(Conversation.id == conversation_id)
    )
    async with services.db.write() as session:
        found = (await session.execute(query.limit(1))).one_or_none()
        if found is None or not await may_read(services, session, found[0], reader):
            raise Refusal("unknown_conversation", 404)
        messages = await messages_after(session, conversation_id, 0, internal=True)
        session.add(_audit(services, reader, "conversation_read", conversation_id))
    return {"conversation": _row(*found), "messages": [public(message) for message in messages]}


def _visible(reader: User) -> Any:
    """Supervisors see every conversation; advisors those that a handoff once brought to the desk."""
    query: Any = select(Conversation, Customer).join(Customer, is_with(Customer.id))
    if may(reader.role, "supervise"):
        return query
    return query.where(Conversation.id.in_(select(Handoff.conversation_id)))


def _query(reader: User, wanted: Wanted) -> Any:
    query = _visible(reader).where(*(_has(term) for term in wanted.terms))
    for column, value in (
        (Conversation.channel, wanted.channel),
        (Conversation.locale, wanted.locale),
        (Conversation.outcome, wanted.outcome),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.tag is not None:
        tagged = select(HandoffTag.conversation_id).where(HandoffTag.tag.in_(normalised([wanted.tag])))
        query = query.where(Conversation.id.in_(tagged))
    if wanted.since is not None:
        query = query.where(Conversation.updated_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Conversation.created_at < wanted.until)
    if wanted.before is not None:
        at, last = _position(wanted.before)
        older = Conversation.updated_at < at
        query = query.where(older | ((Conversation.updated_at == at) & (Conversation.id < last)))
    return query.order_by(Conversation.updated_at.desc(), Conversation.id.desc()).limit(_PAGE + 1)


def _has(term: str) -> ColumnElement[bool]:
    """That a conversation, or who it is with, has this term."""
    said = select(Message.conversation_id).where(Message.folded.contains(term, autoescape=True))
    named = select(Customer.id).where(Customer.folded.contains(term, autoescape=True))
    known_as = select(Identity.customer_id).where(Identity.subject.contains(term, autoescape=True))
    found: list[ColumnElement[bool]] = [
        Conversation.id.in_(said),
        Customer.id.in_(named),
        Customer.id.in_(known_as),
        func.lower(Conversation.id) == term,
    ]
    order = _ORDER.fullmatch(term)
    if order is not None:
        # An order that the card showed, though nobody wrote its number.
        carded = select(Handoff.conversation_id).where(cast(Handoff.context, Text).contains(f'{order[1]}"'))
        found.append(Conversation.id.in_(carded))
    return or_(*found)


def _row(conversation: Conversation, customer: Customer) -> Json:
    keys = ("channel", "locale", "topic", "outcome", "owner")
    return {key: getattr(conversation, key) for key in keys} | {
        "conversation_id": conversation.id,
        "customer_name": customer.display_name,
        "reference": customer.reference,
        "created_at": conversation.created_at.isoformat(),
        "updated_at": conversation.updated_at.isoformat(),
    }


async def _excerpts(session: AsyncSession, page: Sequence[Conversation], terms: Sequence[str]) -> dict[str, Json]:
    """For each conversation the message that has most of the terms, the latest of those; else how it began."""
    ids = [conversation.id for conversation in page]
    best: dict[str, tuple[int, Message]] = {}
    if terms and ids:
        found = or_(*(Message.folded.contains(term, autoescape=True) for term in terms))
        query = select(Message).where(Message.conversation_id.in_(ids), found).order_by(Message.created_at.desc())
        for message in (await session.execute(query.limit(_LOOKED_AT))).scalars():
            count = hits(message.text, terms)
            if count > best.get(message.conversation_id, (0, message))[0]:
                best[message.conversation_id] = (count, message)
    first = await _beginnings(session, [each for each in ids if each not in best])
    shown = {key: message for key, (_, message) in best.items()} | first
    return {each: {"excerpt": _shown(shown.get(each), terms)} for each in ids}


async def _beginnings(session: AsyncSession, ids: Sequence[str]) -> dict[str, Message]:
    query = select(Message).where(Message.conversation_id.in_(ids), Message.author == "customer")
    found: dict[str, Message] = {}
    if ids:
        for message in (await session.execute(query.order_by(Message.seq).limit(_LOOKED_AT))).scalars():
            found.setdefault(message.conversation_id, message)
    return found


def _shown(message: Message | None, terms: Sequence[str]) -> Json | None:
    if message is None:
        return None
    return {
        "seq": message.seq,
        "author": message.author,
        "author_name": message.author_name,
        "internal": message.internal,
        "at": message.created_at.isoformat(),
        "parts": excerpt(message.text, terms),
    }


def _cursor(last: Conversation) -> str:
    return base64.urlsafe_b64encode(f"{last.updated_at.isoformat()} {last.id}".encode()).decode()


def _position(cursor: str) -> tuple[datetime, str]:
    try:
        at, _, last = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise Refusal("bad_request", 422) from error
    if moment.tzinfo is None or not 2000 < moment.year < 3000 or "\x00" in last:
        raise Refusal("bad_request", 422)
    return moment, last


def _audit(services: Services, user: User, action: str, target: str, detail: str | None = None) -> AuditEntry:
    return AuditEntry(at=services.clock(), actor_id=user.id, action=action, target=target, detail=detail)
