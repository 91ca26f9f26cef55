"""Opening hours as a measure: across closing times, days off, holidays and the nights when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest

import service
from service.hours import Calendar, Span, public_holidays

PARIS = ZoneInfo("Europe/Paris")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


@pytest.fixture(scope="module")
def maison_alder() -> service.Service:
    return service.load("service.yml")


CASES = [
    # Within a day, and up to the very end of it.
    (at(3, 2, 10), 15 * MINUTE, at(3, 2, 10, 15)),
    (at(3, 2, 18, 45), 15 * MINUTE, at(3, 2, 19)),
    # Across the night, and from outside the hours.
    (at(3, 2, 18, 50), 15 * MINUTE, at(3, 3, 9, 5)),
    (at(3, 2, 6), 15 * MINUTE, at(3, 2, 9, 15)),
    (at(3, 2, 23), 15 * MINUTE, at(3, 3, 9, 15)),
    # Saturday closes at 17:00, Sunday is off.
    (at(3, 7, 16, 55), 15 * MINUTE, at(3, 9, 9, 10)),
    # Easter: Saturday evening to Tuesday morning.
    (at(4, 4, 16, 50), 15 * MINUTE, at(4, 7, 9, 5)),
    # Two days of ten hours, Saturday has eight.
    (at(3, 6, 12), 16 * HOUR, at(3, 9, 10)),
    # The weekend in which summer time begins, and the one in which it ends.
    (at(3, 28, 16), 2 * HOUR, at(3, 30, 10)),
    (at(10, 24, 16), 2 * HOUR, at(10, 26, 10)),
    # Nothing to wait for: the next moment when somebody is there.
    (at(3, 8, 12), timedelta(), at(3, 9, 9)),
]


@pytest.mark.parametrize(("start", "work", "end"), CASES)
def test_work_ends_when_so_many_open_hours_have_passed(
    maison_alder: service.Service, start: datetime, work: timedelta, end: datetime
) -> None:
    assert maison_alder.after_open(start, work) == end.astimezone(UTC)
    assert maison_alder.open_between(start, end) == work


def calendar(*spans: Span) -> Calendar:
    every_day = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), spans)
    return Calendar(PARIS, every_day, holidays.HolidayBase())  # type: ignore[arg-type]


def test_a_service_that_never_closes_counts_the_hours_that_pass() -> None:
    always = calendar(Span(datetime.min.time(), datetime.min.time()))
    # 29 March has 23 hours and 25 October has 25.
    assert always.between(at(3, 29), at(3, 30)) == 23 * HOUR
    assert always.between(at(10, 25), at(10, 26)) == 25 * HOUR
    assert always.after(at(3, 28, 12), 24 * HOUR) == at(3, 29, 13).astimezone(UTC)
    assert always.after(at(10, 24, 12), 24 * HOUR) == at(10, 25, 11).astimezone(UTC)


def test_what_never_opens_never_comes() -> None:
    never = calendar()
    assert never.after(at(3, 2), MINUTE) is None
    assert never.between(at(3, 2), at(4, 2)) == timedelta()


def test_a_day_closed_by_the_company_counts_nothing() -> None:
    nine = Span(datetime(2026, 1, 1, 9).time(), datetime(2026, 1, 1, 10).time())
    week = dict.fromkeys(("mon", "tue", "wed"), (nine,))
    shut = Calendar(PARIS, week, public_holidays("FR"), [date(2026, 3, 3)])  # type: ignore[arg-type]
    assert shut.after(at(3, 2, 9, 30), HOUR) == at(3, 4, 9, 30).astimezone(UTC)


def test_two_moments_the_wrong_way_round_are_no_time(maison_alder: service.Service) -> None:
    assert maison_alder.open_between(at(3, 3, 12), at(3, 2, 12)) == timedelta()


def test_measuring_needs_a_zone(maison_alder: service.Service) -> None:
    with pytest.raises(ValueError, match="time zone"):
        maison_alder.after_open(datetime(2026, 3, 2, 10), HOUR)


@pytest.mark.parametrize("country", ["FR", "FRA", "UK"])
def test_a_country_is_known_by_its_codes_and_their_aliases(country: str) -> None:
    assert date(2026, 12, 25) in public_holidays(country)


@pytest.mark.parametrize("country", ["Atlantis", "fr", "utils", "HolidayBase", ""])
def test_what_is_no_country_is_said_in_a_sentence(country: str) -> None:
    with pytest.raises(ValueError, match="is not a country whose holidays are known"):
        public_holidays(country)
