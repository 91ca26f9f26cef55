"""Whether a question speaks of what an incident is about: the words of its phrases, in any order, with any ending."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

import Stemmer

from bot.folding import fold

_NAMES = {"fr": "french", "en": "english"}
_WORD = re.compile(r"[^\W_]+")
# What says nothing of the matter; folded, as the words are when they come here.
_SMALL_WORDS = {
    "fr": """
        a ai aller as au aux avec c ca ce cela ces cet cette chez comment d dans de depuis des du elle en est et etre
        eu fait faut il ils j je l la le les leur lui m ma mais me mes moi mon n ne nos notre nous on ont ou par pas
        peut plus pour pourquoi puis qu quand que quel quelle quels quelles qui quoi s sa se ses si son sont sur t ta
        te tu un une va vais vos votre vous y bonjour merci svp avez avons entre
        etait etes lors sommes sous vers
    """,
    "en": """
        a am an and any are as at be been but by can could d did do does for from get has have hello hi how i if in is
        it its ll m me my no not of on or our please re s she so t thanks that the their there they this to ve was we
        were what when where which who why will with would you your
    """,
}
_EMPTY = {locale: frozenset(words.split()) for locale, words in _SMALL_WORDS.items()}


@cache
def _stemmer(locale: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(_NAMES.get(locale, "french"))


@lru_cache(maxsize=2048)
def stems(text: str, locale: str) -> frozenset[str]:
    """The stems of the words that say something."""
    empty = _EMPTY.get(locale, _EMPTY["fr"])
    kept = [word for word in _WORD.findall(fold(text)) if word not in empty]
    return frozenset(_stemmer(locale).stemWords(kept))


def speaks_of(text: str, locale: str, phrases: Iterable[str]) -> bool:
    """Whether every word of one of the phrases that says something stands in the text."""
    said = stems(text[:2000], locale)
    return any(wanted and wanted <= said for wanted in (stems(phrase, locale) for phrase in phrases))
