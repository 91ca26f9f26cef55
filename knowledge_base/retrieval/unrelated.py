"""A shipped bank of questions from elsewhere: what no shop's articles answer."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

LOCALES = ("fr", "en")
_BANK = Path(__file__).parent / "negatives"


@lru_cache(maxsize=1)
def unrelated_questions() -> tuple[tuple[str, str], ...]:
    """(locale, question) pairs."""
    found: list[tuple[str, str]] = []
    for locale in LOCALES:
        lines = (_BANK / f"{locale}.txt").read_text("utf-8").splitlines()
        found += [(locale, line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    return tuple(found)
