"""Order numbers and dates, as typed and as shown."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from actions.dates import written
from actions.order_number import attempt, normalised


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
