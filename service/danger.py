"""Finding a danger phrase in what a customer typed: accents, case, apostrophes and hyphens do not count.

A phrase of ``service.yml`` is a few words. ``word*`` stands for every ending of that word, ``...`` for
at most three words in between. Matches begin and end at word boundaries.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})
_GAP = r"(?: \w+){0,3}"


def fold(text: str) -> str:
    """Lower-case words without accents, one space between two, one at each end: " j ai pris une decharge "."""
    # Line by line: of a long text each of these steps would keep every other thread waiting until it is done.
    return " " + " ".join([word for line in text.splitlines() for word in _words(line)]) + " "


def _words(line: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", line.translate(_LIGATURES))
    letters = "".join(c for c in bare.casefold() if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", letters)


def phrase_pattern(phrase: str) -> str:
    """The regular expression of one phrase, to be searched in folded text.

    Raises ValueError when nothing would be left to look for.
    """
    parts: list[str] = []
    for term in phrase.replace("…", "...").split():
        if term == "...":
            parts.append(_GAP)
            continue
        words = fold(term.removesuffix("*")).split()
        if not words:
            continue
        ending = r"\w*" if term.endswith("*") else ""
        parts.append("".join(f" {word}" for word in words) + ending)
    if not any(part != _GAP for part in parts) or _GAP in (parts[0], parts[-1]):
        raise ValueError(f"{phrase!r} is not a phrase: it needs a word at its beginning and at its end")
    return "".join(parts) + r"(?= )"


def compile_phrases(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for all phrases; None when there is none."""
    by_letter: dict[str, list[str]] = {}  # so that a word is held against those alone that begin as it does
    for pattern in map(phrase_pattern, phrases):
        by_letter.setdefault(pattern[:2], []).append(pattern[2:])
    found = [f"{begins}(?:{'|'.join(rest)})" for begins, rest in by_letter.items()]
    return re.compile("|".join(found)) if found else None
