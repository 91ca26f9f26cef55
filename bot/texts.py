"""Every sentence that the bot process says to people, in each language, from ``bot/locales/*.yml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

LOCALES = ("fr", "en")
DEFAULT_LOCALE = "fr"
_FOLDER = Path(__file__).parent / "locales"


@cache
def sentences(locale: str) -> dict[str, str]:
    """Key → sentence of one language."""
    loaded = yaml.safe_load((_FOLDER / f"{locale}.yml").read_text("utf-8"))
    return {str(key): str(value) for key, value in loaded.items()}


def say(locale: str, key: str, **values: object) -> str:
    """The sentence ``key`` in ``locale`` (French for an unknown language). Raises ``KeyError`` for an unknown key."""
    known = locale if locale in LOCALES else DEFAULT_LOCALE
    return sentences(known)[key].format(**values)


def known(locale: str, key: str) -> str | None:
    """The sentence ``key``, for keys made of codes that others may extend; nothing when there is none."""
    return sentences(locale if locale in LOCALES else DEFAULT_LOCALE).get(key)


def locale_from(header: str | None, default: str = DEFAULT_LOCALE) -> str:
    """The first language of an ``Accept-Language`` header that we speak."""
    for part in (header or "").split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LOCALES:
            return code
    return default
