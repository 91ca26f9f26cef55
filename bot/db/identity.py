"""Proving who someone is: one-time codes and the mails that carry them, private pages, links between channels."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base
from bot.db.types import new_id


class OneTimeCode(Base):
    """A code sent to an address that a customer gave. The code itself is nowhere: ``code_hash`` is keyed.

    ``status``: live → proven, spent (too many tries), expired, replaced (a newer one was asked for).
    ``reference`` is the host's customer number at this address; it stays empty when nobody has the address.
    """

    __tablename__ = "one_time_codes"
    __table_args__ = (
        Index("ix_one_time_codes_of", "conversation_id", "created_at"),
        Index("ix_one_time_codes_to", "email", "created_at"),
        Index("ix_one_time_codes_from", "asked_from", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    email: Mapped[str] = mapped_column(String(200))
    task: Mapped[str | None] = mapped_column(String(64))
    reference: Mapped[str | None] = mapped_column(String(120))
    code_hash: Mapped[str] = mapped_column(String(64))
    asked_from: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[str] = mapped_column(String(16), default="live")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Mail(Base):
    """A mail on its way, to a customer or (without a conversation) to a user of the desk.

    ``sealed`` is its encrypted text, gone once it is sent (the demo keeps it for its mailbox).
    """

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_due", "status", "next_attempt_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    code_id: Mapped[str | None] = mapped_column(ForeignKey("one_time_codes.id"))
    recipient: Mapped[str] = mapped_column(String(254))
    sealed: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class PrivatePage(Base):
    """A page that opens once: it shows something personal, or asks for ``field``. ``sealed``: what it shows, or got."""

    __tablename__ = "private_pages"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    field: Mapped[str | None] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[str | None] = mapped_column(Text)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class CustomerLink(Base):
    """That ``customer_id``, as one channel knows them, and ``linked_to`` are one person, if that person agrees.

    ``status``: due (to be asked) → offered → linked ⇄ unlinked, or declined. Neither customer is rewritten.
    """

    __tablename__ = "customer_links"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    linked_to: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    # Where it was asked; empty once that conversation is forgotten.
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16), default="due")
    # Opened on both channels by one who holds both (identity/deep_links.py): their "yes" needs no other proof.
    opened_by_link: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
