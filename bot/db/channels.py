"""Where a conversation of a pushing channel is written back to; links between channels; what customers agreed to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base, Json
from bot.db.types import new_id


class ChannelThread(Base):
    """A conversation held on a channel: with which account of it, and what the channel needs to write back."""

    __tablename__ = "channel_threads"
    __table_args__ = (Index("ix_channel_threads_of", "channel", "account", "created_at"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(200))
    address: Mapped[Json] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class DeepLink(Base):
    """A one-time link that leads from a conversation to another channel; only a keyed hash of its token is kept.

    ``used_by_conversation_id`` is the conversation of the other channel, in which the question for consent was put.
    """

    __tablename__ = "deep_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    used_by_conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)


class Consent(Base):
    """What a customer agreed to, or no longer does: when, and by which channel. The newest of a purpose counts."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_of", "customer_id", "purpose", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    # Empty once that conversation is forgotten.
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    granted: Mapped[bool] = mapped_column(Boolean)
    channel: Mapped[str] = mapped_column(String(32))
    # The only question it is about; no foreign key: a question may be taken back.
    question_id: Mapped[str | None] = mapped_column(String(32), index=True)
    at: Mapped[datetime]
