"""What people type on a telephone, written out and with its mistakes mended, so that the encoders read known words."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge_base.retrieval.dictionary import Dictionary, dictionary
from knowledge_base.retrieval.text import LANGUAGES, fold

_PIECE = re.compile(r"[\w'’]+|[^\w\s]")
_WORD = re.compile(r"[^\W\d_]+")
_FOLDER = Path(__file__).parent / "spelling"
_APOSTROPHES = ("'", "’")
SHORTEST = 5  # letters: a shorter unknown word has too many neighbours
LONGEST = 24  # a longer one is no word
ONE_MISTAKE = 6  # letters up to which only one mistake is believed, two beyond
COMMON = 200  # occurrences from which a word of the other language is taken for what it is
VERY_COMMON = 2_000  # occurrences from which the dictionary may mend a word that the articles do not hold
# Spellings that sound alike in French, for a comparison by ear; a last consonant or ending is mostly silent.
_SOUNDS = (("qu", "k"), ("ph", "f"), ("c", "k"), ("y", "i"), ("z", "s"), ("h", ""))
_TWICE = re.compile(r"(.)\1")
_SILENT = re.compile(r"(?:ent|es|er|ez|ed|[estx])$")


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
    found = _PIECE.findall(question) if expansions else []
    if not any(word.lower() in expansions for word in found):
        return question
    return " ".join(expansions.get(word.lower(), word) for word in found)


class Speller:
    """Mends words of one language that neither its dictionary nor the articles know, towards words of the articles."""

    def __init__(self, locale: str, forms: Mapping[str, int]) -> None:
        """`forms`: the words of the articles as they are written, in small letters, and how often."""
        self._locale, self._forms = locale, forms
        self._counts: dict[str, int] = defaultdict(int)
        self._written: dict[str, str] = {}
        for form, count in forms.items():
            folded = fold(form)
            self._counts[folded] += count
            if count > forms.get(self._written.get(folded, ""), 0):
                self._written[folded] = form
        self._lengths: dict[int, list[str]] = defaultdict(list)
        for folded in self._counts:
            self._lengths[len(folded)].append(folded)
        self._mended: dict[str, str] = {}
        dictionary(locale)  # read now, not while the first customer waits

    def read(self, question: str) -> str:
        """The question spelt out and mended; names, codes and words that are known stay as they are."""
        text = spelt_out(question, self._locale)
        return _WORD.sub(lambda word: self._word_in(text, word), text)

    def knows(self, word: str) -> bool:
        """Whether the articles hold this word."""
        return fold(word) in self._counts

    def _word_in(self, text: str, match: re.Match[str]) -> str:
        word = match.group()
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        elided = after in _APOSTROPHES or (before in _APOSTROPHES and len(word) < SHORTEST)
        name = word[0].isupper() and match.start() > 0 and not word.isupper() and fold(word) not in self._counts
        code = word.isupper() and len(word) <= SHORTEST
        if elided or name or code or len(word) < 3:
            return word
        lower = word.lower()
        mended = self._mended.get(lower)
        if mended is None:
            if len(self._mended) > 10_000:  # a memory, not a leak
                self._mended.clear()
            mended = self._mended[lower] = self._mend(lower, dictionary(self._locale))
        return word if mended == lower else mended

    def _mend(self, word: str, words: Dictionary) -> str:
        bare = fold(word)
        if word in words.forms or word in self._forms:
            return word
        if bare in self._counts:
            return self._written[bare] if bare == word else word
        if bare in words.accented:
            return words.accented[bare] if bare == word else word
        foreign = max((dictionary(other).count(bare) for other in LANGUAGES if other != self._locale), default=0)
        if not SHORTEST <= len(bare) <= LONGEST or words.count(bare) or foreign >= COMMON:
            return word
        return self._neighbour(bare) or _common_neighbour(bare, words) or word

    def _neighbour(self, bare: str) -> str | None:
        """The word of the articles that is likeliest meant: nearest, sounding alike, frequent."""
        lengths = range(len(bare) - 2, len(bare) + 3)
        near = [word for length in lengths if length > 3 for word in self._lengths.get(length, ())]
        sound, allowed = _sound(bare), 1 if len(bare) <= ONE_MISTAKE else 2
        best: tuple[float, float, str] | None = None
        for word, distance, _ in process.extract(bare, near, scorer=OSA.distance, score_cutoff=2, limit=12):
            alike = _sound(word) == sound
            if distance > allowed and not alike:
                continue
            nearness = alike - distance - 0.6 * (word[0] != bare[0])
            candidate = (nearness, math.log(1 + self._counts[word]), self._written[word])
            best = max(best, candidate) if best else candidate
        return best[2] if best and best[0] > -2 else None


def _common_neighbour(bare: str, words: Dictionary) -> str | None:
    """The most common word of the dictionary one mistake away."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    cuts = [(bare[:at], bare[at:]) for at in range(len(bare) + 1)]
    near = {left + right[1:] for left, right in cuts if right}
    near |= {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    near |= {left + letter + right[1:] for left, right in cuts if right for letter in letters}
    near |= {left + letter + right for left, right in cuts for letter in letters}
    best = max(near, key=words.count)
    return words.accented.get(best, best) if words.count(best) >= VERY_COMMON else None


def _sound(bare: str) -> str:
    for spelling, sound in _SOUNDS:
        bare = bare.replace(spelling, sound)
    return _SILENT.sub("", _TWICE.sub(r"\1", bare))
