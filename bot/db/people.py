"""Customers, their identities and what we promised them; users of the desk, their sessions and the audit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from bot.db.models import Base, Json
from bot.db.types import new_id
from bot.folding import fold


class Customer(Base):
    """Someone who talks to us; ``reference`` is the host site's own customer number."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    reference: Mapped[str | None] = mapped_column(String(120), unique=True)
    display_name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[datetime]
    # What search compares.
    folded: Mapped[str] = mapped_column(Text, default="", server_default="", deferred=True)

    @validates("display_name", "email", "reference")
    def _fold(self, key: str, value: str | None) -> str | None:
        known = {name: getattr(self, name) for name in ("display_name", "email", "reference")} | {key: value}
        self.folded = fold(" ".join(filter(None, known.values())))
        return value


class Identity(Base):
    """One way in which a customer is known, and how it was proven."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(200))
    assurance: Mapped[str] = mapped_column(String(16))
    verified_at: Mapped[datetime | None]


class SpentToken(Base):
    """A host identity that was already shown: each ``jti`` serves one conversation only."""

    __tablename__ = "spent_tokens"

    jti: Mapped[str] = mapped_column(String(200), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(32))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Promise(Base):
    """Something we said we would do, with its deadline: a call back, a reply, the answer to an enquiry, or else.

    ``status`` is open, kept, missed or cancelled; one that was missed can still be kept, and ``missed_at`` stays.
    """

    __tablename__ = "promises"
    __table_args__ = (UniqueConstraint("conversation_id", "client_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(String(16), default="open")
    created_at: Mapped[datetime]
    # Who gave their word: a user, or nobody for the assistant.
    made_by: Mapped[str | None] = mapped_column(String(32))
    handoff_id: Mapped[str | None] = mapped_column(String(32), index=True)
    # For a call: {mode, phone?, at?}, as a handoff has it, and when it is tried next.
    contact: Mapped[Json | None]
    next_try_at: Mapped[datetime | None]
    # When it is spoken of before it is missed; when supervisors and the customer were told, and that it was missed.
    warn_at: Mapped[datetime | None] = mapped_column(index=True)
    alerted_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    missed_at: Mapped[datetime | None]
    kept_at: Mapped[datetime | None]
    kept_by: Mapped[str | None] = mapped_column(String(32))
    client_key: Mapped[str | None] = mapped_column(String(128))


class User(Base):
    """Someone who works at the desk or in the studio."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16))
    locales: Mapped[list[str]] = mapped_column(JSON, default=list)
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    password_hash: Mapped[str] = mapped_column(String(200))
    # What they say of themselves, and when their line to the desk was last alive.
    presence: Mapped[str] = mapped_column(String(16), default="available", server_default="available")
    seen_at: Mapped[datetime | None]
    # invited (no password yet), active, disabled.
    status: Mapped[str] = mapped_column(String(16), default="active", server_default="active")
    # Conversations at once; None: as service.yml says for everybody.
    capacity: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]


class UserSession(Base):
    """A signed-in browser or tool; only a hash of its token is kept."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    # By which its owner names it: the token is known to nobody else.
    id: Mapped[str] = mapped_column(String(32), unique=True, index=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    # "Firefox · Linux" and "88.121.*.*": enough to recognise one's own, too little to follow anybody.
    agent: Mapped[str | None] = mapped_column(String(80))
    address: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AuditEntry(Base):
    """Who did what, to what."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[str | None] = mapped_column(String(32), index=True)
    action: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(64), index=True)
    detail: Mapped[str | None] = mapped_column(Text)
