"""Ranks the articles for a question: dense and lexical together. What it says is a ranking; deciding is elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from encoder.model import Vectors
from knowledge_base.retrieval.dense import Floats, Ints, LeftOut
from knowledge_base.retrieval.index import Index
from knowledge_base.retrieval.tokens import Codes

# Fixed, and the same for every knowledge base; docs/decisions/0006 tells what was tried.
DENSE_WEIGHTS = {1: (1.0,), 2: (0.65, 0.35)}
LEXICAL_WEIGHT = 0.2
TOKEN_WEIGHT = 0.6
NEAREST = 3  # texts of an article that are averaged beside the nearest one
NEARBY = 8  # texts of an article that are compared token by token
NOWHERE = -9.0  # similarity of a unit that is left out
COMPARED = 10  # first articles that are compared token by token


@dataclass(frozen=True)
class Seen:
    """One question in the space of each encoder, and its similarities there with all texts and all centres."""

    asked: tuple[Vectors, ...]
    near: tuple[Vectors, ...]  # (units,) each
    central: tuple[Vectors, ...]  # (articles,) each


@dataclass(frozen=True)
class Question:
    """A question that was read: its words and likely language, its (dimension,) vector, its coded tokens."""

    text: str
    locale: str
    vector: Vectors
    tokens: Codes
    seen: Seen | None = None  # by the engine that it is to be ranked by, when that was asked of many together


@dataclass(frozen=True)
class Ranking:
    """Every article's evidence for one question; arrays are (articles,), `units` is (units,)."""

    scores: Floats
    dense: Floats
    stems: Floats
    ngrams: Floats
    likeness: Floats  # token by token; 0 beyond the first COMPARED
    units: Floats
    asked: tuple[Vectors, ...]  # the question in the space of each encoder
    unknown: float  # of the content words, the share that no article in the language holds; or nan
    order: Ints


class HybridEngine:
    """Similarity in the spaces learnt from the articles, plus BM25 over stems, plus character n-grams."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._weights = DENSE_WEIGHTS[len(index.dense)]

    def read(self, question: str, locale: str) -> str:
        """The question as it is to be encoded and ranked: spelt out, its mistakes mended."""
        speller = self.index.spellers.get(locale)
        return speller.read(question) if speller else question

    def together(self, questions: Sequence[Question]) -> list[Question]:
        """The questions with what the encoders say to them, by one product for all: each alone reads every vector."""
        if not questions:
            return []
        index, parts = self.index, []
        for dense, part in zip(index.dense, index.parts, strict=True):
            asked = dense.space.questions(np.array([question.vector[part] for question in questions]))
            parts.append((asked, asked @ dense.spaced.T, asked @ dense.centroids.T))
        seen = [Seen(*(tuple(part[kind][row] for part in parts) for kind in range(3))) for row in range(len(questions))]
        return [replace(question, seen=one) for question, one in zip(questions, seen, strict=True)]

    def rank(self, question: Question, left_out: LeftOut | None = None) -> Ranking:
        """Rank for a question that was read."""
        index, seen = self.index, question.seen
        if seen is None or left_out is not None:
            seen = self._seen(question, left_out)
        asked = seen.asked
        units, central = self.mixed(seen.near), self.mixed(seen.central)
        if left_out is not None:
            units[left_out.units] = NOWHERE
        nearest, mean = self._nearest(units)
        dense = 0.25 * nearest + 0.25 * mean + 0.5 * central
        stems, ngram_units = self._lexical(question.text, left_out)
        ngrams = np.maximum.reduceat(ngram_units, index.starts)
        scores = dense + LEXICAL_WEIGHT * (stems + ngrams)
        likeness = self._likeness(question, scores, units)
        first = likeness > 0
        if first.any():
            scores[first] += TOKEN_WEIGHT * (likeness[first] - likeness[first].min())
        order = np.argsort(-scores, kind="stable")
        return Ranking(scores, dense, stems, ngrams, likeness, units, asked, self._unknown(question), order)

    def _seen(self, question: Question, left_out: LeftOut | None) -> Seen:
        fields = list(zip(self.index.dense, self.index.parts, strict=True))
        asked = tuple(dense.space.questions(question.vector[part]) for dense, part in fields)
        near = tuple(dense.near(one) for dense, one in zip(self.index.dense, asked, strict=True))
        central = tuple(dense.central(one, left_out) for dense, one in zip(self.index.dense, asked, strict=True))
        return Seen(asked, near, central)

    def _unknown(self, question: Question) -> float:
        part = self.index.lexical.get(question.locale)
        if part is None:  # no article speaks the language: that its words are not there says nothing
            return math.nan
        return part.stems.unknown_share(*self.index.lexicon.stems.known(question.text, question.locale))

    def mixed(self, parts: Sequence[Floats | Vectors]) -> Floats:
        """One number for what each encoder says."""
        weighted = [weight * part.astype(np.float64) for weight, part in zip(self._weights, parts, strict=True)]
        mixed: Floats = np.sum(weighted, axis=0)
        return mixed

    def _nearest(self, units: Floats) -> tuple[Floats, Floats]:
        """Of each article: its nearest unit, and the mean of its NEAREST units."""
        index = self.index
        left = units.copy()
        total, counted = np.zeros(index.size), np.zeros(index.size)
        for _ in range(NEAREST):
            best = np.maximum.reduceat(left, index.starts)
            there = best > NOWHERE
            total += np.where(there, best, 0.0)
            counted += there
            places = np.flatnonzero(left == best[index.owners])
            left[places[np.diff(index.owners[places], prepend=-1) > 0]] = NOWHERE
        return np.maximum.reduceat(units, index.starts), total / np.maximum(counted, 1)

    def _likeness(self, question: Question, scores: Floats, units: Floats) -> Floats:
        """(articles,): how like the question an article's nearest texts are at best, for the first COMPARED.

        Across languages tokens say little: an article without a text in the question's language gets the median.
        """
        index = self.index
        likeness = np.zeros(index.size)
        first = np.argpartition(-scores, COMPARED - 1)[:COMPARED] if index.size > COMPARED else np.arange(index.size)
        spans = [np.arange(index.starts[one], index.starts[one] + index.counts[one]) for one in first]
        chosen = [_best(span[index.languages[span] == question.locale], units) for span in spans]
        near = np.concatenate(chosen)
        found = index.tokens.likeness(question.tokens, near)
        np.maximum.at(likeness, index.owners[near], found)
        if found.any():
            likeness[first[likeness[first] == 0]] = np.median(likeness[likeness > 0])
        return likeness

    def _lexical(self, question: str, left_out: LeftOut | None) -> tuple[Floats, Floats]:
        """Stem scores (articles,) and n-gram scores (units,), each text scored in its own language."""
        index = self.index
        stems, ngrams = np.zeros(index.size), np.zeros(len(index.units))
        for language, part in index.lexical.items():
            terms, unknown = index.lexicon.stems.known(question, language)
            found = part.stems.scores(terms, unknown)
            if left_out is not None and index.units[left_out.units[0]].locale == language:
                out = [index.lexicon.stems.count(index.units[unit].text, language) for unit in left_out.units]
                found[left_out.article] = part.stems.score_without(left_out.article, out, terms, unknown)
            stems = np.maximum(stems, found)
            ngrams[part.units] = part.ngrams.scores(*index.lexicon.ngrams.known(question, language))
        if left_out is not None:
            ngrams[left_out.units] = 0.0
        return stems, ngrams


def _best(span: Ints, units: Floats) -> Ints:
    """The NEAREST nearest of some units, those left out not among them."""
    best: Ints = span[np.argsort(-units[span], kind="stable")[:NEARBY]]
    return best[units[best] > NOWHERE]
