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


class ImportPicture(Base):
    """Came with a file to be imported (``bundle``): an article's once that import has landed, gone if it never does."""

    __tablename__ = "import_pictures"

    bundle: Mapped[str] = mapped_column(String(32), primary_key=True)
    picture_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]


class ArticleImport(Base):
    """An import that was begun and of which it is not known yet whether it landed."""

    __tablename__ = "article_imports"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    bundle: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
