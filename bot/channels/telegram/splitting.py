"""Long messages: Telegram takes 4,096 characters, counted in UTF-16 after its HTML was read."""

from __future__ import annotations

import re

LONGEST = 4096
# From the best place to cut to the worst: between paragraphs, sentences, lines, words.
_CUTS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"(?<=[.!?…])[\"»”’)\]]*\s+"),
    re.compile(r"\n"),
    re.compile(r"\s+"),
)


def length(text: str) -> int:
    """As Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, longest: int = LONGEST) -> list[str]:
    """The text in pieces of at most ``longest``, cut where a reader would pause; none is empty, no word is lost."""
    pieces, rest = [], text.strip()
    while length(rest) > longest:
        window = rest[: _fitting(rest, longest)]
        cut = _cut(window)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _fitting(text: str, longest: int) -> int:
    """How many characters of the text fit."""
    count = 0
    for index, character in enumerate(text):
        count += 2 if ord(character) > 0xFFFF else 1
        if count > longest:
            return index
    return len(text)


def _cut(window: str) -> int:
    """The last good place in the second half of the window; a word longer than that is cut where it must be."""
    for pattern in _CUTS:
        ends = [found.end() for found in pattern.finditer(window) if found.end() > len(window) // 2]
        if ends:
            return ends[-1]
    return len(window)
