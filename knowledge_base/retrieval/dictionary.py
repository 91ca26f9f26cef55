"""The words of a language and how common they are, from pyspellchecker's lists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from spellchecker import SpellChecker

from knowledge_base.retrieval.text import LANGUAGES, fold

RARE = 5  # occurrences in the list's source, below which a form is as likely a mistake
CLEARLY = 20  # times as common: the accented form is meant, not the bare one


@dataclass(frozen=True)
class Dictionary:
    """Word forms as they are written; folded forms with their counts; accents that a bare form lacks."""

    forms: frozenset[str]
    folded: dict[str, int]
    accented: dict[str, str]

    def count(self, folded: str) -> int:
        """Occurrences of a folded word, 0 when it is unknown."""
        return self.folded.get(folded, 0)


@lru_cache(maxsize=4)
def dictionary(locale: str) -> Dictionary:
    """The dictionary of a language; an empty one where there is none."""
    if locale not in LANGUAGES:
        return Dictionary(frozenset(), {}, {})
    listed = SpellChecker(language=locale).word_frequency.dictionary
    forms = {word: int(count) for word, count in listed.items() if count >= RARE}
    folded: dict[str, int] = {}
    written: dict[str, tuple[int, str]] = {}
    for word, count in forms.items():
        bare = fold(word)
        folded[bare] = folded.get(bare, 0) + count
        if bare != word and count > written.get(bare, (0, ""))[0]:
            written[bare] = (count, word)
    accented = {
        bare: word
        for bare, (count, word) in written.items()
        if count >= CLEARLY and (bare not in forms or (len(bare) > 3 and count > CLEARLY * forms[bare]))
    }
    return Dictionary(frozenset(forms), folded, accented)
