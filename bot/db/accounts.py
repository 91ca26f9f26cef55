"""What accounts need beside the user: links by mail, tries at signing in. And the rules that a page changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base
from bot.db.types import new_id


class AccountLink(Base):
    """An invitation or a reset by mail. The token is nowhere: only its hash is kept, and it serves once.

    ``purpose``: invitation, reset. ``status``: live → used, or replaced (a newer one was sent). A row without a
    user is a reset that was asked for an address: asked → settled, once it was looked up and, maybe, a link sent.
    """

    __tablename__ = "account_links"
    __table_args__ = (Index("ix_account_links_asked", "status", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    locale: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInTries(Base):
    """Wrong passwords in a row for an account or from an address; ``who`` is a keyed hash of either."""

    __tablename__ = "sign_in_tries"

    who: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    free_at: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(index=True)


class CompanySetting(Base):
    """A section of ``service.yml`` as a page changed it. ``value`` None: as the file has it. ``previous``: for undo."""

    __tablename__ = "company_settings"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    previous: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column(Integer)
    updated_by: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]
