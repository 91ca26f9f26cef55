"""What is done once, whoever does it: reminders, lines of the audit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base


class ReviewMorning(Base):
    """A day (``2026-11-24``, by the shops' clock) whose mails about articles to be reviewed were written."""

    __tablename__ = "review_mornings"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    at: Mapped[datetime]


class ReviewReminder(Base):
    """That somebody was reminded of an article's date: ``soon``, some days before it, or ``over``, once it has come."""

    __tablename__ = "review_reminders"

    article_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    locale: Mapped[str] = mapped_column(String(8), primary_key=True)
    review_by: Mapped[str] = mapped_column(String(10), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)


class ScheduledPublication(Base):
    """A commit of the knowledge base, made at an hour that was set, which the audit tells of."""

    __tablename__ = "scheduled_publications"

    commit_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
