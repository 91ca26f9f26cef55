"""What every file of strings must be: French and English level, French as it is printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

PLURAL = re.compile(r"\.(one|other)$")
_VARIABLE = re.compile(r"\{\w+\}")
_WRONG = re.compile(r"(?<![\u202f])[?!;]|(?<!\u00a0):|«(?!\u00a0)|(?<!\u00a0)»")
Strings = dict[str, str]


def strings(part: Path, locale: str) -> Strings:
    """Those of a folder that has `locales/`."""
    loaded: Strings = json.loads((part / f"locales/{locale}.json").read_text("utf-8"))
    return loaded


def variables(texts: Strings) -> dict[str, list[str]]:
    """What each string is filled with: the same in both languages."""
    return {key: sorted(_VARIABLE.findall(text)) for key, text in texts.items()}


def empty_or_straight(texts: Strings) -> list[str]:
    """The keys of strings that say nothing, or have a straight apostrophe."""
    return [key for key, text in texts.items() if not text.strip() or "'" in text]


def unprinted(french: Strings) -> list[str]:
    """French strings without the narrow spaces and quotation marks of print."""
    return [text for text in french.values() if _WRONG.search(text)]
