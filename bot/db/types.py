"""Column types and ids shared by the tables."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator


def new_id() -> str:
    """A fresh opaque id: 22 url-safe characters, 128 random bits."""
    return secrets.token_urlsafe(16)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always in UTC and always aware: SQLite forgets time zones, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC. Raises ``ValueError`` for a moment without a time zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone can't be stored")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
