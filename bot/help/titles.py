"""Titles by the beginnings of their words: enough to point somewhere while the search engine is away."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence

from bot.folding import fold

_WORD = re.compile(r"\w{2,}")
_MOST_WORDS = 12  # of what was asked
_TELLING = 4  # letters


class Titles:
    """An index of titles, which are told by their place in the given list."""

    def __init__(self, titles: Sequence[str]) -> None:
        self._count = len(titles)
        places: dict[str, set[int]] = {}
        for place, title in enumerate(titles):
            for word in _WORD.findall(fold(title)):
                places.setdefault(word, set()).add(place)
        self._words = sorted(places)
        self._places = [places[word] for word in self._words]

    def matching(self, text: str, limit: int, *, every_word: bool = False) -> list[int]:
        """The best first: a rare word weighs more than one that many have. ``every_word``: none may be missing."""
        words = list(dict.fromkeys(_WORD.findall(fold(text[:400]))[:_MOST_WORDS]))
        # "sur", "the": small words tell nothing beside others.
        telling = [word for word in words if len(word) >= _TELLING] or words
        weights: dict[int, float] = {}
        hits: dict[int, int] = {}
        for word in words if every_word else telling:
            found = self._beginning(word)
            for place in found:
                weights[place] = weights.get(place, 0.0) + math.log(1 + self._count / len(found))
                hits[place] = hits.get(place, 0) + 1
        kept = [place for place in weights if not every_word or hits[place] == len(words)]
        return sorted(kept, key=lambda place: (-weights[place], place))[:limit]

    def _beginning(self, word: str) -> set[int]:
        first = bisect_left(self._words, word)
        found: set[int] = set()
        for number in range(first, len(self._words)):
            if not self._words[number].startswith(word):
                break
            found |= self._places[number]
        return found
