"""Pictures that stand in articles: public, and nobody's personal data."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base


class ArticlePicture(Base):
    """In the record, so that every bot process has it; named by what it is, so that the same one is kept once."""

    __tablename__ = "article_pictures"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]
