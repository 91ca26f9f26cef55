"""Opening hours: spans of a day, public holidays, and the next moment when somebody is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

import holidays
from pydantic import BeforeValidator

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Longer than any holiday season; beyond it "we are closed" is the honest answer.
LOOK_AHEAD_DAYS = 60
# A target that takes longer than this in opening hours is never reached.
_LONGEST_WORK_DAYS = 400


class Span(NamedTuple):
    """A span of one day in local time; `end` is not part of it. `end` 00:00 means midnight."""

    start: time
    end: time


def _parse_span(value: object) -> object:
    if not isinstance(value, str):
        return value
    start, dash, end = value.replace(" ", "").partition("-")
    try:
        span = Span(time.fromisoformat(start), time.min if end == "24:00" else time.fromisoformat(end))
    except ValueError:
        dash = ""
    if not dash:
        raise ValueError(f'{value!r} is not a span of hours such as "09:00-19:00"')
    if span.end != time.min and span.end <= span.start:
        raise ValueError(f"{value!r} ends before it begins")
    return span


OpeningSpan = Annotated[Span, BeforeValidator(_parse_span)]


def public_holidays(country: str) -> holidays.HolidayBase:
    """Public holidays by date, years added as they are asked for. Raises ValueError for an unknown country."""
    if country not in holidays.list_supported_countries(include_aliases=True):
        raise ValueError(f"{country!r} is not a country whose holidays are known, write FR for France")
    return holidays.country_holidays(country)


def holiday_countries() -> list[str]:
    """Every country whose public holidays are known, by its two letters."""
    return sorted(code for code in holidays.list_supported_countries(include_aliases=False) if len(code) == 2)


class Calendar:
    """When the service is open. Moments are aware datetimes; the spans are in `zone`."""

    def __init__(
        self,
        zone: ZoneInfo,
        week: Mapping[Weekday, Sequence[Span]],
        closed_on: holidays.HolidayBase,
        extra_closed: Sequence[date] = (),
    ) -> None:
        self._zone = zone
        self._week = week
        self._holidays = closed_on
        self._extra_closed = frozenset(extra_closed)
        self._known: dict[date, list[tuple[datetime, datetime]]] = {}

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this moment. Raises ValueError for a datetime without zone."""
        return any(start <= at < end for start, end in self._spans(self._local(at).date()))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment from `at` on when the service is open, in its zone (`at` itself if it is open now).

        None if it stays closed for the next 60 days. Raises ValueError for a datetime without zone.
        """
        local = self._local(at)
        for ahead in range(LOOK_AHEAD_DAYS):
            for start, end in self._spans(local.date() + timedelta(days=ahead)):
                if local < end:
                    return max(start, local)
        return None

    def after(self, at: datetime, work: timedelta) -> datetime | None:
        """The moment, in UTC, at which `work` of opening hours has passed since `at`: closing times, days off and the
        hour that summer time takes or gives do not count. No work at all ends when the service is next open.

        None when that is more than a year away. Raises ValueError for a datetime without zone.
        """
        first, moment, left = self._local(at).date(), at.astimezone(UTC), work
        for ahead in range(_LONGEST_WORK_DAYS):
            for start, end in self._spans_in_utc(first + timedelta(days=ahead)):
                begin = max(start, moment)
                if begin >= end:
                    continue
                if begin + left <= end:
                    return begin + left
                left -= end - begin
        return None

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How long the service is open between two moments; nothing when they stand the wrong way round."""
        begin, stop, total = start.astimezone(UTC), end.astimezone(UTC), timedelta()
        day, last = self._local(start).date(), self._local(end).date()
        while day <= last:
            for opens, closes in self._spans_in_utc(day):
                total += max(timedelta(), min(closes, stop) - max(opens, begin))
            day += timedelta(days=1)
        return total

    def _spans_in_utc(self, day: date) -> list[tuple[datetime, datetime]]:
        # Two moments of one zone are subtracted by what their clocks show: only UTC counts the hours that pass.
        if day not in self._known:
            self._known[day] = [(start.astimezone(UTC), end.astimezone(UTC)) for start, end in self._spans(day)]
        return self._known[day]

    def _local(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("opening hours need a moment with a time zone")
        return at.astimezone(self._zone)

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        if day in self._extra_closed or day in self._holidays:
            return []
        spans: list[tuple[datetime, datetime]] = []
        for start, end in sorted(self._week.get(WEEKDAYS[day.weekday()], ())):
            last_day = day + timedelta(days=1) if end == time.min else day
            spans.append(
                (datetime.combine(day, start, self._zone), datetime.combine(last_day, end, self._zone)),
            )
        return spans
