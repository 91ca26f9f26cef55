"""What readers of the help centre think of its articles."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base


class ArticleOpinion(Base):
    """Did this article help? One for a reader and a version; a change of mind replaces it.

    It is nobody's: the id tells the same reader again and cannot be traced back to one, and what they searched and what
    they wrote is masked before it is kept.
    """

    __tablename__ = "article_opinions"
    __table_args__ = (Index("ix_article_opinions_article", "article_id", "locale", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    article_id: Mapped[str] = mapped_column(String(120))
    version: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(8))
    helpful: Mapped[bool] = mapped_column(Boolean)
    # What the reader had searched, when that is how they came.
    question: Mapped[str | None] = mapped_column(Text)
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class ArticleOpening(Base):
    """How often a version of an article was opened in the help centre on a day. Nothing tells by whom."""

    __tablename__ = "article_openings"

    article_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    locale: Mapped[str] = mapped_column(String(8), primary_key=True)
    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    # Of the company's calendar, as 2026-11-23.
    day: Mapped[str] = mapped_column(String(10), primary_key=True, index=True)
    times: Mapped[int] = mapped_column(Integer)
