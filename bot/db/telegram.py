"""What Telegram needs: updates that came in, the chats they came from, and which message there shows which of ours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base, Json
from bot.db.types import new_id


class TelegramUpdate(Base):
    """One update, stored before Telegram is told that it came. ``status``: pending → done or failed.

    Once it is over only its number stays, so that it is known when it comes again.
    """

    __tablename__ = "telegram_updates"
    __table_args__ = (Index("ix_telegram_updates_open", "status", "chat_id", "update_id"),)

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    payload: Mapped[Json | None]
    status: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime]
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(index=True)


class TelegramChat(Base):
    """What we know of a chat. A group has no customer: it is refused, once."""

    __tablename__ = "telegram_chats"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"), index=True)
    # Chosen with /langue; until then the language of the person's Telegram.
    locale: Mapped[str | None] = mapped_column(String(8))
    blocked_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]


class TelegramMessage(Base):
    """Which message of a chat shows which of ours; a long one is shown in several ``part``s."""

    __tablename__ = "telegram_messages"
    __table_args__ = (UniqueConstraint("message_id", "part"), Index("ix_telegram_messages_by", "telegram_id"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"))
    part: Mapped[int] = mapped_column(Integer, default=0)
    telegram_id: Mapped[int] = mapped_column(BigInteger)


class TelegramPlace(Base):
    """The one message in which somebody who waits reads their place; ``shown`` is what it says now."""

    __tablename__ = "telegram_places"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"))
    telegram_id: Mapped[int] = mapped_column(BigInteger)
    shown: Mapped[str] = mapped_column(Text)
