"""Moments relative to now, so that the demo never ages: an order "nine days ago" stays nine days old.

"-9d 10:24" is nine days ago at 10:24, Paris time; "-40m" forty minutes ago; "+2d" a day, two days from today.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
PARIS = ZoneInfo("Europe/Paris")
_FORM = re.compile(r"([+-]\d+)([dm])(?: (\d\d):(\d\d))?")


def utc_now() -> datetime:
    """The present moment; tests give the application another clock."""
    return datetime.now(UTC)


def moment(expression: str, now: datetime) -> datetime:
    """The moment that `expression` means at `now`, in Paris time. ValueError if it has another form."""
    match = _FORM.fullmatch(expression)
    if not match:
        raise ValueError(f"not a relative moment: {expression!r}")
    amount, unit = int(match[1]), match[2]
    here = now.astimezone(PARIS)
    if unit == "m":
        return (here + timedelta(minutes=amount)).replace(second=0, microsecond=0)
    at = time(int(match[3] or 12), int(match[4] or 0))
    return datetime.combine(here.date() + timedelta(days=amount), at, PARIS)


def day(expression: str, now: datetime) -> date:
    """The calendar day of `expression` in Paris."""
    return moment(expression, now).date()
