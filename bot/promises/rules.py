"""When a promise is due and when it is spoken of: no database, no clock of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.handoff.contact import moment_of
from service import Service
from service.levels import PromiseRules

KINDS = ("call_back", "reply", "enquiry", "other")
UNKEPT = ("open", "missed")
STATUSES = (*UNKEPT, "kept", "cancelled")
State = Literal["fine", "warning", "late", "kept", "cancelled"]


def warn_moment(rules: PromiseRules, start: datetime, due: datetime) -> datetime:
    """When it is spoken of: after its share of the time, some minutes before its end, and never in its first half."""
    whole = max(timedelta(), due - start)
    ahead = max(whole * (1 - rules.warn_at), timedelta(minutes=rules.warn_minutes_before))
    return due - min(ahead, whole / 2)


def call_due(service: Service, contact: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    """From when on and until when somebody calls: at the moment that was chosen, or as soon as others are answered."""
    at = moment_of(contact)
    if at is not None:
        return at, at + timedelta(minutes=service.promises.call_grace_minutes)
    soon = service.after_open(now, service.service_levels.targets["first_response"])
    return now, soon or now + timedelta(hours=service.handoff.customer_max_wait_hours)


def call_back_due(service: Service, now: datetime) -> datetime:
    """By when somebody calls back: where that falls outside the hours, an hour after the next opening."""
    due = now + timedelta(hours=service.promises.call_back_hours)
    return due if service.is_open(due) else service.after_open(due, timedelta(hours=1)) or due


def state_of(status: str, warn_at: datetime | None, due_at: datetime, now: datetime) -> State:
    """How it stands with a promise at ``now``."""
    if status in ("kept", "cancelled"):
        return status  # type: ignore[return-value]
    if status == "missed" or now >= due_at:
        return "late"
    return "warning" if warn_at is not None and now >= warn_at else "fine"
