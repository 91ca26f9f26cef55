"""What customers ask and no article answers, grouped by meaning; and who is to be told once one does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base
from bot.db.types import new_id

OPEN, IN_PROGRESS, SENT, CLOSED, DISMISSED = STATES = ("open", "in_progress", "sent", "closed", "dismissed")


class Gap(Base):
    """Questions that mean the same. It holds no words of theirs: those are read from the questions themselves.

    ``state`` is open, in_progress (an article is being written), sent (on, see ``SentOn``), closed (it answers) or
    dismissed. ``asked`` and
    ``answered``: of its questions, how many were asked again of the article that was published, and answered by it.
    """

    __tablename__ = "gaps"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(String(16), default="open", index=True)
    article_id: Mapped[str | None] = mapped_column(String(120))
    # Of the article, in all its languages, as it was when the questions were asked of it last.
    checked_version: Mapped[str | None] = mapped_column(String(200))
    asked: Mapped[int | None] = mapped_column(Integer)
    answered: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class GapQuestion(Base):
    """Which gap an unanswered question belongs to; ``place`` 0 is the most typical one."""

    __tablename__ = "gap_questions"

    # No foreign key: a customer who finds that it helped after all takes the question back.
    question_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    gap_id: Mapped[str] = mapped_column(ForeignKey("gaps.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    place: Mapped[int] = mapped_column(Integer)
    # Nobody could read a question in it: "azerty", "????".
    wordless: Mapped[bool] = mapped_column(Boolean, default=False)


class GapTelling(Base):
    """A customer who asked, agreed to be told, and is owed the new answer: told once for each question.

    ``status`` is due, told or dropped (no longer agreed to, or nobody could be told in time).
    """

    __tablename__ = "gap_tellings"
    __table_args__ = (
        UniqueConstraint("customer_id", "article_id", "question_id", name="uq_gap_tellings_question"),
        Index("ix_gap_tellings_due", "status", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    gap_id: Mapped[str] = mapped_column(ForeignKey("gaps.id"), index=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    question_id: Mapped[str] = mapped_column(String(32))
    article_id: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(16), default="due")
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class GapRun(Base):
    """The grouping that is under way, or the last one: one row, which keeps two processes from grouping at once."""

    __tablename__ = "gap_runs"

    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    # Everything that is undecided is grouped anew, not only what is new.
    whole: Mapped[bool]
    # How often it was begun since it was asked for, or since one ended well.
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class GapArticle(Base):
    """An article, in all its languages, as it was when open gaps were last asked whether it answers them."""

    __tablename__ = "gap_articles"

    article_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    version: Mapped[str] = mapped_column(String(200))
