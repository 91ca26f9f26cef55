"""Ranks the articles for a question: dense and lexical together. What it says is a ranking; deciding is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from encoder.model import Vectors
from knowledge_base.index import Index
from knowledge_base.lexical import Floats
from knowledge_base.spelling import spelt_out

LEXICAL_WEIGHT = 0.3
NEAREST = 3  # texts of an article that are averaged beside the nearest one


@dataclass(frozen=True)
class Scored:
    """An article's place in a ranking."""

    article_id: str
    score: float


class Engine(Protocol):
    """What an evaluation compares."""

    def rank(self, question: str, locale: str) -> list[Scored]:
        """All articles, best first."""


@dataclass(frozen=True)
class Ranking:
    """Every article's evidence for one question; arrays are (articles,), `units` is (units,)."""

    scores: Floats
    cosine: Floats
    dense: Floats
    stems: Floats
    ngrams: Floats
    units: Vectors
    order: npt.NDArray[np.int64]


@dataclass(frozen=True)
class LeftOut:
    """Units to be ignored, all of one article and locale: how a question is asked of a base that does not hold it."""

    article: int
    units: npt.NDArray[np.int64]


class HybridEngine:
    """Similarity in the space learnt from the articles, plus BM25 over stems, plus character n-grams."""

    def __init__(self, index: Index) -> None:
        self.index = index

    def rank(self, question: str, vector: Vectors, locale: str, left_out: LeftOut | None = None) -> Ranking:
        """Rank for a question and its (dimension,) vector; `locale` is the likely language of the question."""
        index = self.index
        asked = index.space.questions(vector)
        near, cosine_units = index.spaced @ asked, index.vectors @ vector
        centre = index.centroids @ asked
        stems, ngram_units = self._lexical(question, locale, left_out)
        if left_out is not None:
            near[left_out.units] = cosine_units[left_out.units] = -1.0
            ngram_units[left_out.units] = 0.0
            centre[left_out.article] = self._centre_without(left_out, asked)
        nearest = np.maximum.reduceat(near, index.starts)
        dense = 0.25 * nearest + 0.25 * self._mean_of_nearest(near) + 0.5 * centre
        ngrams = np.maximum.reduceat(ngram_units, index.starts)
        scores = dense + LEXICAL_WEIGHT * (stems + ngrams)
        cosine = np.maximum.reduceat(cosine_units, index.starts)
        order = np.argsort(-scores, kind="stable")
        return Ranking(scores, cosine, dense, stems, ngrams, near, order)

    def _mean_of_nearest(self, near: Vectors) -> Floats:
        """Mean of an article's NEAREST best units (or of all it has)."""
        index = self.index
        order = np.lexsort((-near, index.owners))
        place = np.arange(len(near)) - index.starts[index.owners]
        kept = (place < NEAREST) & (near[order] > -1.0)
        totals = np.bincount(index.owners[kept], weights=near[order][kept], minlength=index.size)
        counts = np.bincount(index.owners[kept], minlength=index.size)
        mean: Floats = totals / np.maximum(counts, 1)
        return mean

    def _lexical(self, question: str, locale: str, left_out: LeftOut | None) -> tuple[Floats, Floats]:
        """Stem scores (articles,) and n-gram scores (units,), each text scored in its own language."""
        index = self.index
        stems, ngrams = np.zeros(index.size), np.zeros(len(index.units))
        for language, part in index.lexical.items():
            asked = spelt_out(question, language) if language == locale else question
            terms, unknown = index.lexicon.stems.known(asked, language)
            found = part.stems.scores(terms, unknown)
            if left_out is not None and index.units[left_out.units[0]].locale == language:
                out = [index.lexicon.stems.count(index.units[unit].text, language) for unit in left_out.units]
                found[left_out.article] = part.stems.score_without(left_out.article, out, terms, unknown)
            stems = np.maximum(stems, found)
            ngrams[part.units] = part.ngrams.scores(*index.lexicon.ngrams.known(asked, language))
        return stems, ngrams

    def _centre_without(self, left_out: LeftOut, asked: Vectors) -> float:
        index = self.index
        rest = index.sums[left_out.article] - (index.vectors[left_out.units] - index.space.centre).sum(axis=0)
        moved = rest @ index.space.transform
        return float(moved @ asked / max(float(np.linalg.norm(moved)), 1e-9))
