"""Answers prepared for what may happen, when they stood in front, who was told, and what a topic is asked normally."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base, Json
from bot.db.types import new_id


class Incident(Base):
    """What is prepared: ``form`` is ``{name, topics, phrases, answer, notice, over}``, texts by language."""

    __tablename__ = "incidents"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    form: Mapped[Json]
    revision: Mapped[int] = mapped_column(Integer, default=1)
    updated_by: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class IncidentRun(Base):
    """One time that an incident stood in front. ``ended_by`` is nobody where the end date did it.

    Until ``tells_from`` a wrong click can be taken back (``undone``): nobody who waits is told before, only who asks.
    Those hear that it was an error.
    """

    __tablename__ = "incident_runs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    incident_id: Mapped[str] = mapped_column(String(32), index=True)
    # As it stood when it was switched on, kept when the incident itself is removed.
    name: Mapped[str] = mapped_column(String(120))
    started_at: Mapped[datetime]
    started_by: Mapped[str | None] = mapped_column(String(32))
    tells_from: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    tell_at_end: Mapped[bool] = mapped_column(Boolean, default=False)
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_by: Mapped[str | None] = mapped_column(String(32))
    undone: Mapped[bool] = mapped_column(Boolean, default=False)


class IncidentUpdate(Base):
    """News for those who were told, counted from 1 in each run; ``is_end`` says that it is over."""

    __tablename__ = "incident_updates"
    __table_args__ = (UniqueConstraint("run_id", "number"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("incident_runs.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[Json]
    is_end: Mapped[bool] = mapped_column(Boolean, default=False)
    created_by: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    send_at: Mapped[datetime]
    # Everybody who was to have it has it.
    done_at: Mapped[datetime | None] = mapped_column(index=True)


class IncidentTold(Base):
    """A conversation that was told: ``how`` is asked, beside (a task went on) or queued. ``news``: the last update."""

    __tablename__ = "incident_told"
    __table_args__ = (UniqueConstraint("run_id", "conversation_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("incident_runs.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    how: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    news: Mapped[int] = mapped_column(Integer, default=0)
    # Sent to the same person in another conversation of theirs.
    elsewhere: Mapped[bool] = mapped_column(Boolean, default=False)


class TopicCount(Base):
    """How often a topic was asked about within ten minutes, as one process counted. Nothing of who asked.

    ``slot`` is which ten minutes of the company's day: what is usual at an hour is read by it.
    """

    __tablename__ = "topic_counts"
    __table_args__ = (Index("ix_topic_counts_slot", "slot", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    topic: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    slot: Mapped[int] = mapped_column(Integer)
    asked: Mapped[int] = mapped_column(Integer)
    process: Mapped[str] = mapped_column(String(16))


class TopicRise(Base):
    """A topic that was suddenly asked about far more than usual."""

    __tablename__ = "topic_rises"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    topic: Mapped[str] = mapped_column(String(32))
    raised_at: Mapped[datetime]
    asked: Mapped[int] = mapped_column(Integer)
    usual: Mapped[float] = mapped_column(Float)
    # Over by itself, or put aside by somebody.
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_by: Mapped[str | None] = mapped_column(String(32))
