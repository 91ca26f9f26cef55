"""Saying a moment the way people do."""

from __future__ import annotations

from datetime import datetime

from bot.texts import say
from service import Service

_DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}


def opening_sentence(service: Service, locale: str, now: datetime) -> str:
    """When advisors are back: "lundi 23 novembre à 9 h", "Monday 23 November at 9 am (Paris time)"."""
    opening = service.next_opening(now)
    return say(locale, "opening_unknown") if opening is None else day_and_hour(locale, opening)


def day_in_words(locale: str, at: datetime) -> str:
    """A local day: "lundi 23 novembre", "Monday 23 November"."""
    known = locale if locale in _DAYS else "fr"
    return f"{_DAYS[known][at.weekday()]} {_ordinal(known, at.day)} {_MONTHS[known].split()[at.month - 1]}"


def day_and_hour(locale: str, at: datetime) -> str:
    """A local moment in words."""
    known, day = locale if locale in _DAYS else "fr", day_in_words(locale, at)
    if known == "fr":
        return f"{day} à {at.hour}\N{NO-BREAK SPACE}h" + (f"\N{NO-BREAK SPACE}{at.minute:02}" if at.minute else "")
    hour = at.hour % 12 or 12
    return f"{day} at {hour}" + (f":{at.minute:02}" if at.minute else "") + (" am" if at.hour < 12 else " pm")


def _ordinal(locale: str, day: int) -> str:
    return "1er" if locale == "fr" and day == 1 else str(day)
