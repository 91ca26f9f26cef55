"""A day and an hour as people say them: "demain 10h", "lundi à 14h30", "24/11 vers 9h", "tomorrow at 3pm"."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta

DAYS = (
    ("lundi", "monday", "mon"), ("mardi", "tuesday", "tue"), ("mercredi", "wednesday", "wed"),
    ("jeudi", "thursday", "thu"), ("vendredi", "friday", "fri"), ("samedi", "saturday", "sat"),
    ("dimanche", "sunday", "sun"),
)  # fmt: skip
MONTHS = (
    ("janvier", "january", "jan"), ("fevrier", "february", "feb"), ("mars", "march", "mar"), ("avril", "april", "apr"),
    ("mai", "may"), ("juin", "june", "jun"), ("juillet", "july", "jul"), ("aout", "august", "aug"),
    ("septembre", "september", "sep"), ("octobre", "october", "oct"), ("novembre", "november", "nov"),
    ("decembre", "december", "dec"),
)  # fmt: skip
TOMORROW = ("demain", "tomorrow", "demin", "tomorow")
AFTER_TOMORROW = ("apres demain", "day after tomorrow")
TODAY = ("aujourd hui", "today", "ce matin", "cet apres midi", "this morning", "this afternoon", "ce soir")
MARKED_HOUR = re.compile(
    r"(?<![\d/])(?P<hour>\d{1,2})\s*(?:(?:h(?:eures?)?|:)\s*(?P<minute>[0-5]\d)?(?!\w)(?:\s*(?P<half>am|pm))?"
    r"|(?P<half2>am|pm|o ?clock))"
)
DATE = re.compile(r"(?<!\d)(?P<day>\d{1,2})\s*[/.-]\s*(?P<month>\d{1,2})(?:[/.-](?P<year>\d{2,4}))?(?!\d)")
LATER = re.compile(
    r"\b(?:dans|in)\s+(?P<count>\d{1,3}|une?|an?|one|half an)\s*(?P<unit>h|heures?|hours?|min|minutes?)\b"
)
NOON = ("midi", "noon")


def moment(text: str, now: datetime, *, bare_hour: bool = False) -> datetime | None:
    """The next such moment after `now`, a local time; None when the hour is not said.

    `bare_hour`: "10" alone is an hour, as after the question for one.
    """
    said = _plain(text)
    later = LATER.search(said)
    if later:
        count = {"half an": 0.5}.get(later["count"]) or (float(later["count"]) if later["count"].isdigit() else 1.0)
        hours = later["unit"].startswith("h")
        return now + (timedelta(hours=count) if hours else timedelta(minutes=count))
    date = DATE.search(said)
    rest = said.replace(date[0], " ", 1) if date else said
    day, exact = _day(said, date, now)
    if day is None:
        return None
    hour = _hour(re.sub(r"\b\d{1,2}(?:er|st|nd|rd|th)?\s+(?:of )?(?=" + _month_words() + r")", " ", rest), bare_hour)
    if hour is None:
        return None
    at = day.replace(hour=hour[0], minute=hour[1], second=0, microsecond=0)
    return at if exact or at > now else at + timedelta(days=1)


def day_named(text: str, now: datetime) -> bool:
    """Whether a day is named, though perhaps no hour."""
    said = _plain(text)
    return _day(said, DATE.search(said), now)[1]


def _day(said: str, date: re.Match[str] | None, now: datetime) -> tuple[datetime | None, bool]:
    """The day, today where none is named, and whether one was."""
    if date:
        year = int(date["year"]) if date["year"] else None
        year = year + 2000 if year is not None and year < 100 else year
        return _dated(now, int(date["day"]), int(date["month"]), year), True
    for number, names in enumerate(MONTHS, start=1):
        found = re.search(rf"\b(\d{{1,2}})(?:er|st|nd|rd|th)?\s+(?:of )?(?:{'|'.join(names)})\b", said)
        found = found or re.search(rf"\b(?:{'|'.join(names)})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b", said)
        if found:
            return _dated(now, int(found[1]), number), True
    if any(words in said for words in AFTER_TOMORROW):
        return now + timedelta(days=2), True
    if any(re.search(rf"\b{word}\b", said) for word in TOMORROW):
        return now + timedelta(days=1), True
    for number, names in enumerate(DAYS):
        if re.search(rf"\b(?:{'|'.join(names)})\b", said):
            return now + timedelta(days=(number - now.weekday()) % 7 or 7), True
    return now, any(words in said for words in TODAY)


def _dated(now: datetime, day: int, month: int, year: int | None = None) -> datetime | None:
    """That day of the year said, else the next there is; none where the year has no such day."""
    try:
        if year is not None:
            return now.replace(year=year, month=month, day=day)
        that = now.replace(month=month, day=day)
        return that if that.date() >= now.date() else that.replace(year=that.year + 1)
    except ValueError:
        return None


def _hour(said: str, bare: bool) -> tuple[int, int] | None:
    if any(re.search(rf"\b{word}\b", said.replace("apres midi", " ")) for word in NOON):
        return 12, 0
    found = MARKED_HOUR.search(said) or re.search(r"\b(?:a|at|vers|around)\s+(?P<hour>\d{1,2})\b(?!\s*[/.-]?\d)", said)
    found = found or (re.search(r"\b(?P<hour>\d{1,2})\b", said) if bare else None)
    if not found:
        return None
    parts = found.groupdict()
    hour, minute = int(parts["hour"]), int(parts.get("minute") or 0)
    half = parts.get("half") or parts.get("half2") or ""
    afternoon = half == "pm" or any(words in said for words in ("apres midi", "afternoon", "du soir", "evening"))
    hour += 12 if afternoon and hour < 12 else 0
    return (hour, minute) if hour <= 23 else None


def _plain(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return re.sub(r"[-'’,;!?]", " ", bare) if not DATE.search(bare) else re.sub(r"['’,;!?]", " ", bare)


def _month_words() -> str:
    return "|".join(name for names in MONTHS for name in names)
