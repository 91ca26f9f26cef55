"""What keeping promises leaves behind: calls that were tried, and clocks that were nearly or really missed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base
from bot.db.types import new_id


class CallAttempt(Base):
    """One try to reach a customer by telephone."""

    __tablename__ = "call_attempts"
    __table_args__ = (UniqueConstraint("promise_id", "client_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    promise_id: Mapped[str] = mapped_column(ForeignKey("promises.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(Text)
    client_key: Mapped[str | None] = mapped_column(String(128))
    at: Mapped[datetime]


class ClockRecord(Base):
    """A clock of a handoff that was warned of; ``late_at`` says that its target was missed, and when that was seen.

    A handoff may have several runs of one clock: ``started_at`` tells them apart. ``ended_at``: it was answered.
    """

    __tablename__ = "clock_records"
    __table_args__ = (
        UniqueConstraint("handoff_id", "clock", "started_at"),
        Index("ix_clock_records_running", "ended_at", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    clock: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    warned_at: Mapped[datetime]
    late_at: Mapped[datetime | None] = mapped_column(index=True)
    late_seconds: Mapped[int | None] = mapped_column(Integer)
    ended_at: Mapped[datetime | None]
