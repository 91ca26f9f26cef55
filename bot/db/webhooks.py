"""What happened to each handoff, and its deliveries to the addresses outside that want to know."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base, Json
from bot.db.types import new_id


class HandoffEvent(Base):
    """One step of a handoff, written with the step itself. ``number`` counts from 1 in its handoff.

    It holds nothing of the customer: what an event tells of them is read when it is delivered.
    """

    __tablename__ = "handoff_events"
    __table_args__ = (UniqueConstraint("handoff_id", "number"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"))
    # No foreign key: it would wait for whoever holds the conversation, who may wait for our handoff.
    conversation_id: Mapped[str] = mapped_column(String(32), index=True)
    number: Mapped[int] = mapped_column(Integer)
    type: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    advisor_id: Mapped[str | None] = mapped_column(String(32))
    details: Mapped[Json] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class WebhookDelivery(Base):
    """One event on its way to one address. ``status``: pending → delivered, or dead after the last attempt.

    ``target`` is the address's place in ``WEBHOOK_URL``, from 1: an address that moves takes what is due along.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_due", "status", "target", "next_attempt_at"),
        Index("ix_webhook_deliveries_of", "handoff_id", "target", "status"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("handoff_events.id", ondelete="CASCADE"), index=True)
    handoff_id: Mapped[str] = mapped_column(String(32))
    conversation_id: Mapped[str] = mapped_column(String(32), index=True)
    target: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
