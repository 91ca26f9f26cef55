"""Conversations and what happens in them. People and their accounts are in ``people.py``."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates

from bot.db.types import UtcDateTime, new_id
from bot.folding import fold

Json = dict[str, Any]


class Base(DeclarativeBase):
    """Every table of the record."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime, Json: JSON, list[Json]: JSON}


class Conversation(Base):
    """One thread with one customer. ``owner`` and ``epoch`` say who may speak (bot, queue or advisor)."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    # Who was proven here, where that is not (yet) ``customer_id``; no foreign key, which SQLite could not add.
    proven_customer_id: Mapped[str | None] = mapped_column(String(32), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    locale: Mapped[str] = mapped_column(String(8))
    owner: Mapped[str] = mapped_column(String(16), default="bot")
    advisor_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    assurance: Mapped[str] = mapped_column(String(16), default="anonymous")
    verified_at: Mapped[datetime | None]
    method: Mapped[str | None] = mapped_column(String(32))
    topic: Mapped[str | None] = mapped_column(String(32))
    outcome: Mapped[str | None] = mapped_column(String(32))
    returned_within_days: Mapped[int | None] = mapped_column(Integer)
    page: Mapped[Json | None]
    # The network address of the last message, as a keyed hash: codes are counted by it.
    heard_from: Mapped[str | None] = mapped_column(String(64))
    # No token made until then opens it any more.
    signed_out_at: Mapped[datetime | None]
    rasa_state: Mapped[Json | None]
    rasa_message_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class Message(Base):
    """One message; ``seq`` orders the conversation. ``told_rasa``: Rasa's tracker already holds it."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "client_message_id"),
        # What writers are told of a month's answers must not take longer the more years are kept.
        Index("ix_messages_kind_created_at", "kind", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    seq: Mapped[int] = mapped_column(Integer)
    author: Mapped[str] = mapped_column(String(16))
    author_name: Mapped[str | None] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16), default="text")
    text: Mapped[str] = mapped_column(Text)
    data: Mapped[Json] = mapped_column(default=dict)
    internal: Mapped[bool] = mapped_column(Boolean, default=False)
    told_rasa: Mapped[bool] = mapped_column(Boolean, default=False)
    client_message_id: Mapped[str | None] = mapped_column(String(128))
    created_at: Mapped[datetime]
    # What search compares; who reads a conversation does not need it.
    folded: Mapped[str] = mapped_column(Text, default="", server_default="", deferred=True)

    @validates("text")
    def _fold(self, _key: str, text: str) -> str:
        self.folded = fold(text)
        return text


class File(Base):
    """What a customer sent along; in the record, so that every bot process has it and erasure finds it."""

    __tablename__ = "files"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Choice(Base):
    """What a button does: the customer sees the id, only we know the command behind it."""

    __tablename__ = "choices"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"))
    title: Mapped[str] = mapped_column(String(200))
    command: Mapped[str] = mapped_column(Text)


class Turn(Base):
    """The assistant's work on one customer message. A turn whose lease ran out is taken up again."""

    __tablename__ = "turns"
    __table_args__ = (Index("ix_turns_open", "status", "next_attempt_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), unique=True)
    seq: Mapped[int] = mapped_column(Integer)
    command: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime]
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    intents: Mapped[list[Json]] = mapped_column(default=list)
    slots: Mapped[Json] = mapped_column(default=dict)
    tasks: Mapped[list[Json]] = mapped_column(default=list)
    timings: Mapped[Json] = mapped_column(default=dict)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


# A handoff's states while the customer waits, and while it is not over.
WAITING = ("requested", "offered")
OPEN = (*WAITING, "accepted")


class Handoff(Base):
    """One passage to a human: requested → (offered →) accepted → released, or cancelled."""

    __tablename__ = "handoffs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    status: Mapped[str] = mapped_column(String(16), default="requested", index=True)
    reason: Mapped[str] = mapped_column(String(32))
    topic: Mapped[str | None] = mapped_column(String(32))
    skill: Mapped[str] = mapped_column(String(32))
    priority: Mapped[int] = mapped_column(Integer, default=0)
    contact: Mapped[Json] = mapped_column(default=dict)
    context: Mapped[Json] = mapped_column(default=dict)
    advisor_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[str | None] = mapped_column(String(32))
    deadline: Mapped[datetime]
    requested_at: Mapped[datetime] = mapped_column(index=True)
    # Orders the queue: when it was asked, moved ahead by its priority (see bot/routing/floor.py).
    queue_at: Mapped[datetime] = mapped_column(index=True)
    preferred_id: Mapped[str | None] = mapped_column(String(32))
    offered_to: Mapped[str | None] = mapped_column(String(32), index=True)
    offered_until: Mapped[datetime | None]
    declined_by: Mapped[list[str]] = mapped_column(JSON, default=list)
    overflow: Mapped[bool] = mapped_column(Boolean, default=False)
    # The rule of service.yml that was applied because nobody with the skill could come, and said to the customer.
    overflow_rule: Mapped[str | None] = mapped_column(String(16))
    # The same for requests that are one case (handoff/cases.py).
    case_id: Mapped[str | None] = mapped_column(String(32), index=True)
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class OutboxItem(Base):
    """One message on its way to a channel that we must push to."""

    __tablename__ = "outbox"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), unique=True)
    seq: Mapped[int] = mapped_column(Integer)
    channel: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16), default="pending", index=True)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(Text)


class Feedback(Base):
    """Did this answer help? One for a message; a change of mind replaces it. The question is masked."""

    __tablename__ = "feedback"

    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    article_id: Mapped[str] = mapped_column(String(120), index=True)
    version: Mapped[str] = mapped_column(String(64))
    question: Mapped[str | None] = mapped_column(Text)
    score: Mapped[float] = mapped_column(Float)
    confidence: Mapped[float | None] = mapped_column(Float)
    helpful: Mapped[bool] = mapped_column(Boolean)
    comment: Mapped[str | None] = mapped_column(Text)
    # The advisor who sent the article; nobody when the assistant did.
    sent_by: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]


class Rating(Base):
    """How content the customer was, 1 to 5."""

    __tablename__ = "ratings"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    handoff_id: Mapped[str | None] = mapped_column(ForeignKey("handoffs.id"))
    score: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class UnansweredQuestion(Base):
    """A question for the writers, masked before it is kept: nothing answered it, or what did was of no help.

    ``reason`` is ``no_answer`` or ``not_helped``; the latter has the article, and the message that showed it.
    """

    __tablename__ = "unanswered_questions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), index=True)
    question: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(16), default="no_answer", server_default="no_answer")
    decision: Mapped[str] = mapped_column(String(16))
    article_id: Mapped[str | None] = mapped_column(String(120), index=True)
    version: Mapped[str | None] = mapped_column(String(64))
    candidates: Mapped[list[Json]] = mapped_column(default=list)
    created_at: Mapped[datetime]


class PageView(Base):
    """A page the customer was on while talking to us."""

    __tablename__ = "page_views"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime]
