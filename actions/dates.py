"""Dates as a customer reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
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

DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def day_and_hour(at: datetime, locale: str) -> str:
    """ "lundi 23 novembre à 10 h 30", "Monday 23 November at 10:30 am", of a local moment."""
    number = "1er" if at.day == 1 and locale == "fr" else str(at.day)
    day = f"{DAYS.get(locale, DAYS['fr'])[at.weekday()]} {number} {MONTHS.get(locale, MONTHS['fr'])[at.month - 1]}"
    return f"{day} {'at' if locale == 'en' else 'à'} {hour(at.time(), locale)}"


def hour(at: time, locale: str) -> str:
    """ "10 h 30", "10:30 am"."""
    if locale == "en":
        number = f"{at.hour % 12 or 12}" + (f":{at.minute:02}" if at.minute else "")
        return f"{number} {'am' if at.hour < 12 else 'pm'}"
    space = "\N{NO-BREAK SPACE}"
    return f"{at.hour}{space}h" + (f"{space}{at.minute:02}" if at.minute else "")


def hours(spans: Sequence[str], locale: str) -> str:
    """Of ["10:00-12:30"]: "de 10 h à 12 h 30", "10 am to 12:30 pm"."""
    try:
        ends = [[hour(time.fromisoformat(end), locale) for end in span.split("-")] for span in spans]
        pairs = [(first, last) for first, last in ends]
    except ValueError:  # a back office that writes them in another way is told word for word
        return ", ".join(spans)
    if locale == "en":
        return " and ".join(f"{first} to {last}" for first, last in pairs)
    return " et ".join(f"de {first} à {last}" for first, last in pairs)


def written(day: date | datetime, locale: str, timezone: str) -> str:
    """ "24 novembre", "24 November"; a moment is taken as the day it falls on in `timezone`."""
    if isinstance(day, datetime):
        day = day.astimezone(ZoneInfo(timezone)).date() if day.tzinfo else day.date()
    number = "1er" if day.day == 1 and locale == "fr" else str(day.day)
    return f"{number} {MONTHS.get(locale, MONTHS['fr'])[day.month - 1]}"
