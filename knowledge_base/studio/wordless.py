"""What was typed but asks nothing: only signs, or letters of which no word comes in any language known here.

Nothing is thrown away for it: such a question is ranked after those that can be read. When in doubt it is a question:
one word that the dictionaries or the articles know, or would mend, is enough; so are digits, a masked value, and
letters that are not Latin ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from knowledge_base.retrieval.dictionary import dictionary
from knowledge_base.retrieval.spelling import Speller
from knowledge_base.retrieval.text import LANGUAGES, fold

_WORD = re.compile(r"[^\W\d_]+")
_MASKED = re.compile(r"\[[^\]]*\w[^\]]*\]")
# Fingers that go along a keyboard, in either direction.
_ROWS = ("azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_RUNS = tuple(way for row in _ROWS for way in (row, row[::-1]))
_SHORTEST_RUN = 3
_AGAIN = re.compile(r"(.+?)\1{2,}.?")
_ABBREVIATION = 3  # letters up to which it may stand for something: FAQ, CB, RIB


def is_wordless(text: str, spellers: Iterable[Speller]) -> bool:
    """Whether nobody could read a question in it. `spellers`: they know the words of the articles."""
    if _MASKED.search(text) or any(letter.isdigit() for letter in text):
        return False
    words = _WORD.findall(text)
    if any(not unicodedata.name(letter, "").startswith("LATIN") for word in words for letter in word):
        return False
    left = [word for word in words if not _is_typed_for_nothing(fold(word))]
    if any(_is_known(fold(word)) for word in left):
        return False
    return not any(speller.knows(word) or speller.read(word) != word for word in left for speller in spellers)


def _is_typed_for_nothing(word: str) -> bool:
    along = len(word) >= _SHORTEST_RUN and any(word in run for run in _RUNS)
    return along or _AGAIN.fullmatch(word) is not None


def _is_known(word: str) -> bool:
    if len(word) <= _ABBREVIATION:
        return len(word) > 1
    return any(dictionary(locale).count(word) for locale in LANGUAGES)
