"""Writing and reading the messages of a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.protocol import Channels
from bot.db.models import Choice, Conversation, Message, OutboxItem
from bot.db.types import new_id
from bot.errors import Refusal

Json = dict[str, Any]
# Advisors choose ids too: kept apart, they can't meet a customer's or another advisor's in the same conversation.
DESK_PREFIX = "desk:"
# The "no" beneath an answer becomes a message of the customer's with an id of ours.
FEEDBACK_PREFIX = "feedback:"
# What is typed on a private page, too.
PRIVATE_PREFIX = "private:"
_FIELDS = ("email", "phone", "code")
_SHOWN = (
    "answer", "choices", "rating_requested", "file", "prepared", "page", "note", "mentions", "edits", "input",
)  # fmt: skip


def desk_key(advisor_id: str, client_message_id: str) -> str:
    """What the record keeps as the id that an advisor gave to a message."""
    return f"{DESK_PREFIX}{advisor_id}:{client_message_id}"


def _shown_key(key: str) -> str:
    return key.split(":", 2)[2] if key.startswith(DESK_PREFIX) and key.count(":") > 1 else key


@dataclass(frozen=True)
class Draft:
    """A message not written yet. ``choices`` are (title, command) pairs: the command never leaves the server.

    ``private`` marks what must not be said on a public channel: ``{title}`` for something personal that is shown,
    ``{field}`` for something personal that is asked (``identity/private.py``).
    """

    author: str
    text: str
    kind: str = "text"
    author_name: str | None = None
    data: Json = field(default_factory=dict)
    choices: Sequence[tuple[str, str]] = ()
    internal: bool = False
    told_rasa: bool = False
    client_message_id: str | None = None
    private: Json | None = None


async def held_conversation(session: AsyncSession, conversation_id: str) -> Conversation | None:
    """The conversation, held until the transaction ends (SQLite: the whole transaction is alone anyway)."""
    return await session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)


async def lock_conversation(session: AsyncSession, conversation_id: str) -> Conversation:
    """The same. Raises ``Refusal`` (404)."""
    found = await held_conversation(session, conversation_id)
    if found is None:
        raise Refusal("unknown_conversation", 404)
    return found


async def append(
    session: AsyncSession, channels: Channels, conversation: Conversation, draft: Draft, now: datetime
) -> Message:
    """Writes a message at the conversation's end; the conversation must be locked."""
    conversation.last_seq += 1
    conversation.updated_at = now
    message = Message(
        id=new_id(),
        conversation_id=conversation.id,
        seq=conversation.last_seq,
        author=draft.author,
        author_name=draft.author_name,
        kind=draft.kind,
        text=draft.text,
        data=draft.data | _input_of(draft),
        internal=draft.internal,
        told_rasa=draft.told_rasa,
        client_message_id=draft.client_message_id,
        created_at=now,
    )
    session.add(message)
    # The rows below refer to the message: it must be there first.
    await session.flush()
    if draft.choices:
        message.data = message.data | {"choices": _store_choices(session, message, draft.choices)}
    channel = channels.get(conversation.channel)
    if channel is not None and channel.pushes and draft.author != "customer" and not draft.internal:
        session.add(_outbox_item(message, channel.name, now))
    return message


def _input_of(draft: Draft) -> Json:
    """Which field fits a question for something personal, where it may be typed at all."""
    field = (draft.private or {}).get("field")
    return {"input": field} if field in _FIELDS else {}


def _store_choices(session: AsyncSession, message: Message, choices: Sequence[tuple[str, str]]) -> list[Json]:
    shown = []
    for title, command in choices:
        row = Choice(
            id=new_id(),
            conversation_id=message.conversation_id,
            message_id=message.id,
            title=title[:200],
            command=command,
        )
        session.add(row)
        shown.append({"title": title, "payload": row.id})
    return shown


def _outbox_item(message: Message, channel: str, now: datetime) -> OutboxItem:
    return OutboxItem(
        conversation_id=message.conversation_id,
        message_id=message.id,
        seq=message.seq,
        channel=channel,
        next_attempt_at=now,
    )


async def messages_after(
    session: AsyncSession, conversation_id: str, after: int, *, internal: bool = False
) -> list[Message]:
    """Every message with a ``seq`` greater than ``after``, in order; internal ones only if asked for."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.seq > after)
    if not internal:
        query = query.where(Message.internal.is_(False))
    return list((await session.execute(query.order_by(Message.seq))).scalars())


def public(message: Message) -> Json:
    """A message as the API shows it."""
    shown: Json = {
        "id": message.id,
        "seq": message.seq,
        "author": message.author,
        "kind": message.kind,
        "text": message.text,
        "created_at": message.created_at.isoformat(),
    }
    if message.author_name:
        shown["author_name"] = message.author_name
    if message.client_message_id:
        shown["client_message_id"] = _shown_key(message.client_message_id)
    for key in _SHOWN:
        if key in message.data:
            shown[key] = message.data[key]
    return shown | ({"internal": True} if message.internal else {})
