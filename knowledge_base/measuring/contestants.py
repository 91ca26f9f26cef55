"""The engines under measurement: the product's own and the baselines it must beat."""

from __future__ import annotations

import time
from collections.abc import Sequence

import bm25s
import numpy as np

from knowledge_base.content.article import Article
from knowledge_base.measuring.evaluation import DEPTH, Outcome, Query
from knowledge_base.retrieval import calibration, language
from knowledge_base.retrieval.engine import HybridEngine, Question
from knowledge_base.retrieval.index import build
from knowledge_base.retrieval.prior import PRIOR
from knowledge_base.retrieval.text import passages, stems
from knowledge_base.retrieval.vectors import Progress, VectorCache


class Hybrid:
    """The product's engine with its decision, calibrated on the set's own articles."""

    def __init__(
        self, articles: Sequence[Article], cache: VectorCache, rate: float, progress: Progress | None = None
    ) -> None:
        bank = calibration.bank(cache)
        unrelated = calibration.vectors_of(bank)
        self._cache = cache
        self._engine = HybridEngine(build(articles, cache, unrelated, progress=progress))
        self._evidence = calibration.Evidence(self._engine.index, unrelated)
        self.model = calibration.calibrate(self._engine, cache, bank, rate) or PRIOR

    def ask(self, query: Query) -> Outcome:
        """Encode, rank, decide."""
        started = time.perf_counter()
        locale = query.locale or language.detect(query.text)
        text = self._engine.read(query.text, locale)
        encoded = self._cache.encode_now([text], "query")
        ranking = self._engine.rank(Question(text, locale, encoded.vectors[0], encoded.tokens[0]))
        evidence = self._evidence.of(ranking, encoded.vectors[0])
        confidence = float(self.model.probability(evidence)[0])
        elapsed = (time.perf_counter() - started) * 1000
        ranked = [self._engine.index.ids[number] for number in ranking.order[:DEPTH]]
        return Outcome(ranked, confidence, self.model.answers(evidence), elapsed)


class Plain:
    """The encoder alone: the nearest of an article's title, questions and passages. It always answers."""

    def __init__(self, articles: Sequence[Article], cache: VectorCache, progress: Progress | None = None) -> None:
        owned = [(article.id, text) for article in articles for text in _texts(article)]
        numbers = {identity: number for number, identity in enumerate(dict.fromkeys(identity for identity, _ in owned))}
        self._ids = list(numbers)
        self._owners = np.array([numbers[identity] for identity, _ in owned])
        self._encoder, part = cache.encoder.encoders[0], cache.encoder.parts[0]
        self._vectors = np.ascontiguousarray(
            cache.encode([text for _, text in owned], "passage", progress).vectors[:, part]
        )

    def ask(self, query: Query) -> Outcome:
        """Encode and take the nearest."""
        started = time.perf_counter()
        cosine = self._vectors @ self._encoder.encode([query.text], "query")[0]
        best = np.full(len(self._ids), -1.0)
        np.maximum.at(best, self._owners, cosine)
        order = np.argsort(-best, kind="stable")[:DEPTH]
        elapsed = (time.perf_counter() - started) * 1000
        return Outcome([self._ids[number] for number in order], float(best[order[0]]), True, elapsed)


def _texts(article: Article) -> list[str]:
    parts = [f"{article.title} {part}".strip() for part in passages(article.body or article.answer)]
    return [text for text in (article.title, *article.questions, *parts) if text] or [article.id]


class LexicalBaseline:
    """BM25 over stems of the whole article, by bm25s. It always answers."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self._articles = articles
        texts = [" ".join([a.title, *a.questions, a.answer, a.body]) for a in articles]
        self._index = bm25s.BM25()
        tokens = [stems(text, article.locale) for text, article in zip(texts, articles, strict=True)]
        self._known = {term for terms in tokens for term in terms}
        if self._known:
            self._index.index(tokens, show_progress=False)

    def ask(self, query: Query) -> Outcome:
        """Score every article by the words it shares."""
        started = time.perf_counter()
        locale = query.locale or language.detect(query.text)
        terms = [term for term in stems(query.text, locale) if term in self._known]
        scores = self._index.get_scores(terms) if terms else np.zeros(len(self._articles))
        order = np.argsort(-scores, kind="stable")
        elapsed = (time.perf_counter() - started) * 1000
        ranked = list(dict.fromkeys(self._articles[number].id for number in order[: DEPTH * 3]))[:DEPTH]
        return Outcome(ranked, float(scores[order[0]]), True, elapsed)
