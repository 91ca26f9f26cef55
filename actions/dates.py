"""Dates as a customer reads them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

MONTHS = {
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip


def written(day: date | datetime, locale: str, timezone: str) -> str:
    """ "24 novembre", "24 November"; a moment is taken as the day it falls on in `timezone`."""
    if isinstance(day, datetime):
        day = day.astimezone(ZoneInfo(timezone)).date() if day.tzinfo else day.date()
    number = "1er" if day.day == 1 and locale == "fr" else str(day.day)
    return f"{number} {MONTHS.get(locale, MONTHS['fr'])[day.month - 1]}"
