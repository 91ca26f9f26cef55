"""Private notes: what advisors say to each other about a customer, and whom they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, lock_conversation, public
from bot.db.models import OPEN, WAITING, Conversation, Handoff, Message
from bot.db.people import AuditEntry, Customer, User
from bot.db.together import Mention
from bot.errors import Refusal
from bot.handoff.saying import checked_key, said_before
from bot.handoff.taking_part import let_in, role_of
from bot.identity.links import is_with
from bot.live import DESK
from bot.rights import may
from bot.services import Services

Json = dict[str, Any]
_MOST_MENTIONS = 20
_SHOWN = 100
_EXCERPT = 240


async def write_note(
    services: Services, conversation_id: str, author: User, client_message_id: str, text: str, mentions: Sequence[str]
) -> tuple[Message, bool]:
    """The note, stored once; and whether it is new. Raises ``Refusal`` (403) for whom the conversation is not."""
    said = text.replace("\x00", "").strip()
    if not said:
        raise Refusal("empty_message", 422)
    if len(said) > services.settings.max_message_chars:
        raise Refusal("message_too_long", 413, limit=services.settings.max_message_chars)
    key = checked_key(author, client_message_id)
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        known = await said_before(session, conversation_id, key)
        if known is not None and not known.internal:
            raise Refusal("bad_client_message_id", 422)  # it went to the customer
        if known is not None:
            return known, False
        handoff = await _may_write(session, conversation_id, author)
        named = await _named(session, said, mentions)
        message = await add_note(services, session, conversation, author, said, key=key, named=named)
        await _ring(services, session, handoff, message, author, named)
        session.add(AuditEntry(at=services.clock(), actor_id=author.id, action="note_written", target=handoff.id))
    tell_desk(services, [message])
    for user in named:
        services.live.publish(DESK, {"type": "mention", "to": user.id, "by": author.name, "handoff_id": handoff.id})
    if named:
        notify.row_changed(services, conversation_id)  # they take part from now on
    return message, True


async def add_note(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    author: User | None,
    text: str,
    *,
    kind: str = "note",
    key: str | None = None,
    named: Sequence[User] = (),
) -> Message:
    """Within the caller's transaction; for neither customer nor Rasa. Without an author the desk itself says it."""
    data: Json = {"note": kind}
    if named:
        data["mentions"] = [{"id": user.id, "name": user.name} for user in named]
    draft = Draft(
        author="advisor" if author else "system",
        text=text,
        author_name=author.name if author else None,
        data=data,
        internal=True,
        told_rasa=True,
        client_message_id=key,
    )
    return await append(session, services.channels, conversation, draft, services.clock())


def tell_desk(services: Services, notes: Iterable[Message]) -> None:
    """Shows notes at the desk and nowhere else, whoever owns the conversation."""
    for note in notes:
        event = {"type": "message", "conversation_id": note.conversation_id, "message": public(note)}
        services.live.publish(DESK, event)


async def _may_write(session: AsyncSession, conversation_id: str, author: User) -> Handoff:
    """The latest handoff: its owner, those invited and supervisors write notes, and anybody while nobody has it."""
    query = select(Handoff).where(Handoff.conversation_id == conversation_id).order_by(Handoff.requested_at.desc())
    handoff = (await session.execute(query.limit(1))).scalar_one_or_none()
    if handoff is None:
        raise Refusal("unknown_conversation", 404)
    if handoff.status not in WAITING and await role_of(session, handoff, author) is None:
        raise Refusal("not_your_conversation", 403)
    return handoff


async def _named(session: AsyncSession, text: str, ids: Sequence[str]) -> list[User]:
    """Whom the note names: those given by id, and those whose name stands after an @ where nobody else has it."""
    found = (await session.execute(select(User).order_by(User.name, User.id))).scalars()
    users = [user for user in found if may(user.role, "converse") and user.status == "active"]
    unknown = set(ids) - {user.id for user in users}
    if unknown:
        raise Refusal("unknown_colleague", 422)
    wanted = set(ids)
    called = [user.name.casefold() for user in users]
    for user in users:
        if called.count(user.name.casefold()) == 1 and _says_at(text, user.name):
            wanted.add(user.id)
    if len(wanted) > _MOST_MENTIONS:
        raise Refusal("too_many_mentions", 422, limit=_MOST_MENTIONS)
    return [user for user in users if user.id in wanted]


def _says_at(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w)@{re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


async def _ring(
    services: Services, session: AsyncSession, handoff: Handoff, message: Message, author: User, named: Sequence[User]
) -> None:
    """A mention is a way in: who is named may look on and answer with notes."""
    now = services.clock()
    for user in named:
        read_at = now if user.id == author.id else None
        row = Mention(
            user_id=user.id,
            by_id=author.id,
            message_id=message.id,
            conversation_id=message.conversation_id,
            created_at=now,
            read_at=read_at,
        )
        session.add(row)
        if handoff.status in OPEN and user.id not in (handoff.advisor_id, author.id):
            await let_in(services, session, handoff, user.id, "invited", author.id)


async def mentions_of(services: Services, user: User) -> Json:
    """``{mentions: [...], unread}``, the newest first."""
    query = (
        select(Mention, Message, Customer.display_name, User.name)
        .join(Message, Message.id == Mention.message_id)
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .join(Customer, is_with(Customer.id))
        .join(User, User.id == Mention.by_id, isouter=True)
        .where(Mention.user_id == user.id, Mention.by_id != user.id)
        .order_by(Mention.created_at.desc(), Mention.id)
        .limit(_SHOWN)
    )
    async with services.db.read() as session:
        rows = (await session.execute(query)).all()
        handoffs = await _latest(session, {row.Mention.conversation_id for row in rows})
    shown = [
        {
            "id": mention.id,
            "conversation_id": mention.conversation_id,
            "handoff_id": handoffs.get(mention.conversation_id),
            "message_id": message.id,
            "seq": message.seq,
            "text": message.text[:_EXCERPT],
            "by": {"id": mention.by_id, "name": by},
            "customer_name": customer,
            "created_at": mention.created_at.isoformat(),
            "read_at": mention.read_at.isoformat() if mention.read_at else None,
        }
        for mention, message, customer, by in rows
    ]
    return {"mentions": shown, "unread": sum(one["read_at"] is None for one in shown)}


async def _latest(session: AsyncSession, conversations: set[str]) -> dict[str, str]:
    query = select(Handoff.conversation_id, Handoff.id).where(Handoff.conversation_id.in_(conversations))
    rows = (await session.execute(query.order_by(Handoff.requested_at))).all()
    return {row.conversation_id: row.id for row in rows}


async def mark_read(services: Services, user: User, conversation_id: str) -> None:
    """They opened the conversation: what names them there is read."""
    async with services.db.write() as session:
        theirs = (Mention.user_id == user.id) & (Mention.conversation_id == conversation_id)
        fresh = update(Mention).where(theirs, Mention.read_at.is_(None)).values(read_at=services.clock())
        await session.execute(fresh)
    services.live.publish(DESK, {"type": "mention", "to": user.id})  # in their other windows too
