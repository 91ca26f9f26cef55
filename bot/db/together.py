"""Several people on one conversation: notes, transfers, who looks on, what was put off, how it ended, what was read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base
from bot.db.types import new_id


class Mention(Base):
    """Somebody named in a private note; ``read_at`` is when they opened it."""

    __tablename__ = "mentions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(String(32), index=True)
    by_id: Mapped[str] = mapped_column(String(32))
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Looker(Base):
    """Who takes part beside the owner. ``role``: invited or listening (reads, writes notes), joined (replies too)."""

    __tablename__ = "lookers"

    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    invited_by: Mapped[str | None] = mapped_column(String(32))
    since: Mapped[datetime]
    left_at: Mapped[datetime | None]


class Transfer(Base):
    """A conversation passed on. ``came_to``: nothing yet, taken, by_another, declined, unanswered or queued."""

    __tablename__ = "transfers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    by_id: Mapped[str] = mapped_column(String(32))
    from_id: Mapped[str | None] = mapped_column(String(32))
    to_user: Mapped[str | None] = mapped_column(String(32))
    to_skill: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]
    came_to: Mapped[str | None] = mapped_column(String(16), index=True)


class Snooze(Base):
    """An accepted conversation put off. ``ended_by``: time, customer, advisor or moved (it changed hands)."""

    __tablename__ = "snoozes"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    by_id: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime] = mapped_column(index=True)
    reason: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(16))
    noticed_at: Mapped[datetime | None]


class HandoffTag(Base):
    """A word that says what a handoff was about."""

    __tablename__ = "handoff_tags"

    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)


class Release(Base):
    """How things stood right after a release, so that a wrong click can be mended while nothing has gone on."""

    __tablename__ = "releases"

    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    by_id: Mapped[str] = mapped_column(String(32))
    epoch: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(Integer)
    outcome_before: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]


class Reading(Base):
    """How far the customer's page has received a conversation, and how far they have had it before their eyes."""

    __tablename__ = "readings"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    delivered_seq: Mapped[int] = mapped_column(Integer, default=0)
    read_seq: Mapped[int] = mapped_column(Integer, default=0)
    read_at: Mapped[datetime | None]
