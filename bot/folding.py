"""Text as it is searched: without case and accents, and character by character traceable to the original."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import combining, normalize

# What no decomposition makes plain, and people type otherwise.
_PLAIN = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "\x00": " "})


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    parts = normalize("NFKD", character.casefold())
    kept = "".join(part for part in parts if not combining(part)).translate(_PLAIN)
    return " " if kept.isspace() else kept


def fold(text: str) -> str:
    """``text`` without case and accents, in plain spaces and apostrophes; longer or shorter than the original."""
    return "".join(map(_plain, text))


def fold_traced(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters where in ``text`` it comes from."""
    folded, origin = [], []
    for index, character in enumerate(text):
        plain = _plain(character)
        folded.append(plain)
        origin.extend([index] * len(plain))
    return "".join(folded), origin
