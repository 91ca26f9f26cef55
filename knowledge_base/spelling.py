"""What people type on a telephone, spelt out, so that the encoder reads words it was trained on."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_WORD = re.compile(r"[\w'’]+|[^\w\s]")
_FOLDER = Path(__file__).parent / "spelling"


@lru_cache(maxsize=8)
def _expansions(locale: str) -> dict[str, str]:
    """Short form → words; one "short = words" a line, # begins a comment."""
    path = _FOLDER / f"{locale}.txt"
    if not path.is_file():
        return {}
    lines = (line.partition("=") for line in path.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {short.strip(): words.strip() for short, equals, words in lines if equals}


def spelt_out(question: str, locale: str) -> str:
    """The question with its abbreviations written out; unchanged where there is none."""
    expansions = _expansions(locale)
    if not expansions:
        return question
    found = _WORD.findall(question)
    if not any(word.lower() in expansions for word in found):
        return question
    return " ".join(expansions.get(word.lower(), word) for word in found)
