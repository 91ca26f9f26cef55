"""Moments relative to now, so that the demo never ages: an order "nine days ago" stays nine days old.

"-9d 10:24" is nine days ago at 10:24, Paris time; "-40m" forty minutes ago; "+2d" a day, two days from today.
What really happened since has a moment in ISO 8601, which stays what it is.
"""

from __future__ import annotations

import calendar
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
        return datetime.fromisoformat(expression).astimezone(PARIS)
    amount, unit = int(match[1]), match[2]
    here = now.astimezone(PARIS)
    if unit == "m":
        return (here + timedelta(minutes=amount)).replace(second=0, microsecond=0)
    at = time(int(match[3] or 12), int(match[4] or 0))
    return datetime.combine(here.date() + timedelta(days=amount), at, PARIS)


def day(expression: str, now: datetime) -> date:
    """The calendar day of `expression` in Paris."""
    return moment(expression, now).date()


def years_later(start: date, years: int) -> date:
    """The same day `years` later; 28 February for a 29th that does not exist."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)


def working_days_later(start: date, days: int) -> date:
    """`days` days from Monday to Friday after `start`."""
    result = start
    while days:
        result += timedelta(days=1)
        days -= result.weekday() < 5
    return result


def one_month_later(start: date) -> date:
    """The same day of the next month, or its last one."""
    first = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    days = calendar.monthrange(first.year, first.month)[1]
    return first.replace(day=min(start.day, days))
