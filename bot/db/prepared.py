"""Tasks that an advisor prepares and the customer confirms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base, Json
from bot.db.types import new_id


class PreparedTask(Base):
    """One task, as an advisor filled it in. Its id is the key under which the back office does it once.

    ``status``: draft → offered (the card stands) → confirmed (being done, under a lease) → done, refused (by a rule) or
    failed (nothing changed, or nobody can tell: ``unsure``); declined by the customer, withdrawn or expired instead. An
    offer stands while its ``epoch`` does: whoever else owns the conversation since, has overtaken it.
    """

    __tablename__ = "prepared_tasks"
    __table_args__ = (Index("ix_prepared_tasks_open", "status", "next_attempt_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    handoff_id: Mapped[str | None] = mapped_column(ForeignKey("handoffs.id"))
    task: Mapped[str] = mapped_column(String(64))
    label: Mapped[Json] = mapped_column(default=dict)
    # What the steps know; gone once it is done.
    known: Mapped[Json] = mapped_column(default=dict)
    sentence: Mapped[str | None] = mapped_column(Text)
    # Names the sentence where it is personal, and the channel public.
    title: Mapped[str | None] = mapped_column(String(200))
    lines: Mapped[list[Json]] = mapped_column(JSON, default=list)
    complete: Mapped[bool] = mapped_column(Boolean, default=False)
    changes: Mapped[bool] = mapped_column(Boolean, default=True)
    asks_proof: Mapped[bool] = mapped_column(Boolean, default=True)
    status: Mapped[str] = mapped_column(String(16), default="draft")
    failed_step: Mapped[str | None] = mapped_column(String(64))
    prepared_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    epoch: Mapped[int] = mapped_column(Integer)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"))
    # Since when the customer is asked to prove who they are; empty once they have.
    proof_asked_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    unsure: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    next_attempt_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    outcome: Mapped[Json] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
