"""Order numbers and dates, as typed and as shown."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from actions.dates import hours, written
from actions.order_number import attempt, normalised
from actions.tasks.typed import phone, phone_as_written


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("MA-104233", "MA-104233"), ("ma104233", "MA-104233"), ("104 233", "MA-104233"), ("n° 104233", "MA-104233"),
        ("MA 104.233", "MA-104233"), (["104233", "104871"], "MA-104233"), ("10423", None), ("1042331", None),
        ("XB-104233", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_order_numbers(typed: object, number: str | None) -> None:
    assert normalised(typed) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10423", "10423"), ("c'est le 1042", "1042"), ("MA-10423", "10423"), ("1042331", "1042331"),
        ("la livraison est gratuite dès 100 € ?", None), ("vous livrez au 1050 ?", None), ("je ne sais pas", None),
        ("12", None),
    ],
)  # fmt: skip
def test_an_attempt_at_a_number(text: str, number: str | None) -> None:
    assert attempt(text) == number


def test_dates() -> None:
    assert written(date(2026, 8, 1), "fr", "Europe/Paris") == "1er août"
    assert written(date(2026, 8, 1), "en", "Europe/Paris") == "1 August"
    # Late in the evening of the 30th in UTC, it is the 1st in Paris in summer.
    assert written(datetime(2026, 6, 30, 23, 0, tzinfo=UTC), "en", "Europe/Paris") == "1 July"


@pytest.mark.parametrize(
    ("spans", "french", "english"),
    [
        (["10:00-19:00"], "de 10 h à 19 h", "10 am to 7 pm"),
        (
            ["09:30-12:30", "14:00-18:00"],
            "de 9 h 30 à 12 h 30 et de 14 h à 18 h",
            "9:30 am to 12:30 pm and 2 pm to 6 pm",
        ),
        (["10h-19h"], "10h-19h", "10h-19h"),
        (["10:00", "12:00-14:00"], "10:00, 12:00-14:00", "10:00, 12:00-14:00"),
        (["10:00-12:00-14:00"], "10:00-12:00-14:00", "10:00-12:00-14:00"),
    ],
)
def test_hours_as_one_says_them(spans: list[str], french: str, english: str) -> None:
    assert hours(spans, "fr").replace("\N{NO-BREAK SPACE}", " ") == french
    assert hours(spans, "en") == english


def test_a_number_is_shown_in_pairs_and_dials_all_the_same() -> None:
    shown = phone_as_written("+33199000007")
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == "+33 1 99 00 00 07"
    assert phone(shown) == "+33199000007"
    assert [phone_as_written(other) for other in ("+3220000039", "0199000007", "")] == ["+3220000039", "0199000007", ""]
