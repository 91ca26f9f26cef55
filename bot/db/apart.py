"""Articles that look alike and of which a writer said that they are two different things."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base


class ArticlesApart(Base):
    """Holds as long as neither of the two has changed; ``first`` comes before ``second`` in the alphabet."""

    __tablename__ = "articles_apart"

    locale: Mapped[str] = mapped_column(String(8), primary_key=True)
    first: Mapped[str] = mapped_column(String(120), primary_key=True)
    second: Mapped[str] = mapped_column(String(120), primary_key=True)
    first_version: Mapped[str] = mapped_column(String(64))
    second_version: Mapped[str] = mapped_column(String(64))
    said_by: Mapped[str] = mapped_column(String(32))
    said_at: Mapped[datetime]
