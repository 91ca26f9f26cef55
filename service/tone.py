"""Anger by the look of a message: capitals throughout, "!!!", "?!?!"."""

from __future__ import annotations

import re

# Fewer words or letters than this in capitals may be a name, a reference, or "OK MERCI".
LEAST_WORDS, LEAST_LETTERS = 4, 16
LEAST_MARKED_WORDS = 2
# "???" alone is only surprise.
_MARKS = re.compile(r"(?=[? \u00a0\u202f]*!|\?{4})(?:[!?][ \u00a0\u202f]?){3,}")
_WORD = re.compile(r"[^\W\d_]+")


def shouted(text: str) -> bool:
    """Whether it looks shouted; thanks and greetings may look so too, which is for the caller to know."""
    words = _WORD.findall(text)
    if len(words) >= LEAST_MARKED_WORDS and _MARKS.search(text):
        return True
    letters = "".join(words)
    return len(words) >= LEAST_WORDS and len(letters) >= LEAST_LETTERS and letters == letters.upper()
