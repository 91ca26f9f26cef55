"""BM25 over word stems and over character n-grams, on numpy arrays, with scores between 0 and about 1.

A score is divided by the one a document would get that holds every term of the question: what remains is the share of
the question, weighted by rarity, that the document covers. It is comparable from one question to the next, which a
raw BM25 score is not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge_base.retrieval.dense import Floats, Ints

Tokens = Callable[[str, str], list[str]]
NOTHING: Ints = np.zeros(0, dtype=np.int64)


@dataclass
class Vocabulary:
    """Term → number, shared by the successive indexes of one process, and the counted terms of each text seen."""

    tokens: Tokens
    numbers: dict[str, int] = field(default_factory=dict)
    counted: dict[tuple[str, str], tuple[Ints, Ints]] = field(default_factory=dict)

    def count(self, text: str, locale: str) -> tuple[Ints, Ints]:
        """Numbers of the distinct terms of a text, and how often each occurs; kept, so a text is cut up once."""
        key = (text, locale)
        if key not in self.counted:  # in 32 bits: there are millions
            counter = Counter(self.tokens(text, locale))
            numbers = [self.numbers.setdefault(term, len(self.numbers)) for term in counter]
            self.counted[key] = (np.array(numbers, dtype=np.int32), np.array(list(counter.values()), dtype=np.int32))
        return self.counted[key]

    def copy(self) -> Vocabulary:
        """The same numbers, to be added to without this one."""
        return Vocabulary(self.tokens, dict(self.numbers), dict(self.counted))

    def known(self, text: str, locale: str) -> tuple[Ints, int]:
        """Numbers of the distinct known terms of a question, and how many of its terms no text holds."""
        terms = set(self.tokens(text, locale))
        known = [self.numbers[term] for term in terms if term in self.numbers]
        return np.array(sorted(known), dtype=np.int64), len(terms) - len(known)

    def terms(self, text: str, locale: str) -> dict[str, int]:
        """The distinct known terms of a text, with their numbers."""
        return {term: self.numbers[term] for term in self.tokens(text, locale) if term in self.numbers}

    def forget_all_but(self, texts: Iterable[tuple[str, str]]) -> None:
        """Drop what belongs to texts that are gone."""
        kept = set(texts)
        self.counted = {key: value for key, value in self.counted.items() if key in kept}


class Bm25:
    """One lexical field: `documents[i]` is a list of (terms, counts) pairs that are added up."""

    def __init__(
        self,
        documents: Sequence[Sequence[tuple[Ints, Ints]]],
        vocabulary_size: int,
        *,
        k1: float,
        b: float,
    ) -> None:
        self.k1, self.b, self.size = k1, b, len(documents)
        terms, rows, counts = _summed(documents)
        self.lengths = np.bincount(rows, weights=counts, minlength=self.size).astype(np.float64)
        self.average = float(self.lengths.mean()) if self.size else 1.0
        order = _order(terms)
        terms, self._rows, self._counts = terms[order], rows[order], counts[order]
        self._starts = np.searchsorted(terms, np.arange(vocabulary_size + 1))
        self._found = found = np.diff(self._starts)
        self.idf = np.log(1 + (self.size - found + 0.5) / (found + 0.5))
        self._unknown_idf = math.log(1 + (self.size + 0.5) / 0.5)
        weights = self._saturated(self._counts.astype(np.float64), self.lengths[self._rows]) * self.idf[terms]
        self._weights = weights.astype(np.float32)

    def scores(self, terms: Ints, unknown: int) -> Floats:
        """(size,) share of the question that each document covers."""
        terms = terms[terms < len(self.idf)]
        total = self._total(terms, unknown)
        if not len(terms) or total == 0:
            return np.zeros(self.size)
        parts = [slice(self._starts[term], self._starts[term + 1]) for term in terms]
        rows = np.concatenate([self._rows[part] for part in parts])
        weights = np.concatenate([self._weights[part] for part in parts])
        return np.bincount(rows, weights=weights, minlength=self.size) / total

    def unknown_share(self, terms: Ints, unknown: int) -> float:
        """Share of the question's distinct terms that no document holds; 0 for a question without terms."""
        held = int((self._found[terms[terms < len(self._found)]] > 0).sum())
        total = len(terms) + unknown
        return 1 - held / total if total else 0.0

    def holding(self, terms: Ints) -> Ints:
        """The documents that hold every one of `terms`."""
        held = [self._rows[self._starts[term] : self._starts[term + 1]] for term in terms if term < len(self.idf)]
        if not held or len(held) < len(terms):
            return NOTHING
        rows, counted = np.unique(np.concatenate(held), return_counts=True)
        found: Ints = rows[counted == len(terms)]
        return found

    def rarity(self, terms: Mapping[str, int]) -> dict[str, float]:
        """Of each term, how rare it is among the documents."""
        return {term: float(self.idf[number]) for term, number in terms.items() if number < len(self.idf)}

    def score_without(self, row: int, out: Sequence[tuple[Ints, Ints]], terms: Ints, unknown: int) -> float:
        """The score of one document as if the texts `out` were not part of it."""
        terms = terms[terms < len(self.idf)]
        total = self._total(terms, unknown)
        if not len(terms) or total == 0:
            return 0.0
        counts = np.array([self._count(term, row) for term in terms])
        length = self.lengths[row]
        for numbers, times in out:
            length -= times.sum()
            for number, time in zip(numbers, times, strict=True):
                counts[terms == number] -= time
        counts = np.maximum(counts, 0)
        return float((self._saturated(counts, np.full(len(counts), max(length, 1.0))) * self.idf[terms]).sum() / total)

    def _count(self, term: int, row: int) -> float:
        part = slice(self._starts[term], self._starts[term + 1])
        return float(self._counts[part][self._rows[part] == row].sum())

    def _total(self, terms: Ints, unknown: int) -> float:
        return float((self.idf[terms].sum() + unknown * self._unknown_idf) * (self.k1 + 1))

    def _saturated(self, counts: Floats, lengths: Floats) -> Floats:
        norm = self.k1 * (1 - self.b + self.b * lengths / max(self.average, 1e-9))
        saturated: Floats = counts * (self.k1 + 1) / (counts + norm)
        return saturated


def _order(numbers: Ints) -> Ints:
    """Where each of (n,) numbers goes, smallest first: numpy sorts 16 bits at a time by counting, ten times faster."""
    order = np.argsort((numbers & 0xFFFF).astype(np.uint16), kind="stable")
    if len(numbers) and int(numbers.max()) > 0xFFFF:
        order = order[np.argsort((numbers[order] >> 16).astype(np.uint16), kind="stable")]
    return order


def _summed(documents: Sequence[Sequence[tuple[Ints, Ints]]]) -> tuple[Ints, Ints, Ints]:
    """Distinct (term, row) pairs of all documents and their counts."""
    pairs = [(numbers, row, times) for row, document in enumerate(documents) for numbers, times in document]
    if not pairs:
        return NOTHING, NOTHING, NOTHING
    terms = np.concatenate([numbers for numbers, _, _ in pairs])
    numbered = np.array([row for _, row, _ in pairs], dtype=np.int32)
    rows = np.repeat(numbered, [len(numbers) for numbers, _, _ in pairs])
    counts = np.concatenate([times for _, _, times in pairs])
    if len(pairs) <= len(documents) and all(len(document) <= 1 for document in documents):
        return terms, rows, counts  # nothing to add up
    keys, where = np.unique(terms.astype(np.int64) * max(len(documents), 1) + rows, return_inverse=True)
    summed = np.bincount(where, weights=counts).astype(np.int32)
    found, places = np.divmod(keys, max(len(documents), 1))
    return found.astype(np.int32), places.astype(np.int32), summed
