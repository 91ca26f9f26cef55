"""The knowledge base at work: follows the folder of articles and answers questions from what was last swapped in."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import structlog

from encoder import Encoder
from encoder.model import Vectors
from knowledge_base import calibration, language
from knowledge_base.article import Article
from knowledge_base.calibration import Evidence, Model
from knowledge_base.engine import HybridEngine, Ranking
from knowledge_base.index import EXACT_SEARCH_LIMIT, Index, Lexicon, build
from knowledge_base.lexical import Floats
from knowledge_base.prior import PRIOR
from knowledge_base.spelling import spelt_out
from knowledge_base.store import ArticleStore, Contents
from knowledge_base.vectors import Progress, VectorCache

log = structlog.get_logger()
Decision = Literal["answer", "clarify", "abstain"]
MAX_QUESTION = 10_000
READ_CHARACTERS = 1_000  # of a long question: its beginning, which is as much as the encoder can weigh


@dataclass(frozen=True)
class Result:
    """An article found, in the language it will be shown in."""

    article: Article
    passage: str
    score: float

    def as_json(self) -> dict[str, object]:
        """As `POST /search` returns it."""
        article = self.article
        return {
            "article_id": article.id,
            "version": article.version,
            "locale": article.locale,
            "title": article.title,
            "answer": article.answer,
            "passage": self.passage,
            "url": article.url,
            "score": round(self.score, 4),
            "topic": article.topic,
        }


@dataclass(frozen=True)
class Found:
    """The decision on a question, the probability that the first article answers it, the best articles."""

    decision: Decision
    confidence: float
    results: list[Result] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """As `POST /search` returns it."""
        results = [result.as_json() for result in self.results]
        return {"decision": self.decision, "confidence": round(self.confidence, 4), "results": results}


@dataclass(frozen=True)
class Snapshot:
    """Everything a search needs, replaced as a whole."""

    contents: Contents = field(default_factory=Contents)
    engine: HybridEngine | None = None
    evidence: Evidence | None = None
    model: Model = PRIOR


class KnowledgeBase:
    """One writer thread calls `refresh`; `search` may run beside it and sees one snapshot from end to end."""

    def __init__(self, folder: Path, encoder: Encoder, cache_folder: Path | None, false_answer_rate: float) -> None:
        self._store = ArticleStore(folder)
        self._cache = VectorCache(encoder, cache_folder)
        self._rate = false_answer_rate
        self._lexicon = Lexicon()
        self._bank: Vectors | None = None
        self._writing = threading.Lock()
        self.snapshot: Snapshot | None = None

    @property
    def dimension(self) -> int:
        """Length of a question's vector."""
        return self._cache.encoder.dimension

    def refresh(self, progress: Progress | None = None) -> bool:
        """Take in what changed in the folder; True when the snapshot was replaced. Searches go on meanwhile."""
        with self._writing:
            contents = self._store.scan()
            if contents is None and self.snapshot is not None:
                return False
            self._swap(contents or Contents(), progress)
            return True

    def close(self) -> None:
        """Close the file of vectors."""
        self._cache.close()

    def _swap(self, contents: Contents, progress: Progress | None) -> None:
        known = self.snapshot
        if known is not None and known.contents.revision == contents.revision:
            self.snapshot = replace(known, contents=contents)
            return
        if not contents.articles:
            self.snapshot = Snapshot(contents)
            return
        if self._bank is None:
            self._bank = calibration.bank_vectors(self._cache)
        index = build(contents.articles, self._cache, self._bank, self._lexicon, progress)
        _warn_beyond_exact_search(index)
        engine, evidence = HybridEngine(index), Evidence(index, self._bank)
        if known is not None:  # found at once, under the last calibration; the new one follows
            self.snapshot = Snapshot(contents, engine, evidence, known.model)
        model = calibration.calibrate(engine, self._cache, self._bank, self._rate)
        self.snapshot = Snapshot(contents, engine, evidence, model or PRIOR)
        log.info("articles_loaded", articles=index.size, revision=contents.revision, broken=len(contents.broken))

    def prepare(self, question: str, locale: str | None = None) -> str | None:
        """The text to encode for a question, for `encode`; None when a search for it needs no vector."""
        snapshot, asked = self.snapshot, clean(question)
        if snapshot is None or snapshot.engine is None or not _has_words(asked):
            return None
        return spelt_out(asked, locale or language.detect(asked))

    def encode(self, prepared: Sequence[str]) -> Vectors:
        """(n, dimension) unit rows for prepared questions, to be handed to `search` as `vector`."""
        return self._cache.encoder.encode(prepared, "query")

    def search(
        self,
        question: str,
        locale: str | None = None,
        *,
        limit: int = 3,
        audience: str | None = None,
        vector: Vectors | None = None,
    ) -> Found:
        """Decide on a question. `locale` is the language to show; `vector` its unit vector, if the caller has it.

        A question without a letter or digit, and an empty knowledge base, abstain.
        """
        snapshot = self.snapshot
        asked = clean(question)
        if snapshot is None or snapshot.engine is None or snapshot.evidence is None or not _has_words(asked):
            return Found("abstain", 0.0)
        shown = locale or language.detect(asked)
        if vector is None:
            vector = self.encode([spelt_out(asked, shown)])[0]
        ranking = snapshot.engine.rank(asked, vector, shown)
        ranking = _for_audience(ranking, snapshot.engine.index, audience)
        if not len(ranking.order):
            return Found("abstain", 0.0)
        evidence = snapshot.evidence.of(ranking, vector)
        confidence = float(snapshot.model.probability(evidence)[0])
        decision = _decide(snapshot.model, evidence)
        results = [_result(snapshot.engine.index, ranking, number, shown) for number in ranking.order[:limit]]
        return Found(decision, confidence, results)


def clean(question: str) -> str:
    """Without control characters, spaces run together; of a very long question its beginning."""
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co") else c for c in question[:MAX_QUESTION])
    return " ".join(visible.split())[:READ_CHARACTERS]


def _has_words(question: str) -> bool:
    return any(character.isalnum() for character in question)


def _decide(model: Model, evidence: Floats) -> Decision:
    if model.answers(evidence):
        return "answer"
    return "clarify" if model.in_scope(evidence)[0] >= model.clarify_from else "abstain"


def _for_audience(ranking: Ranking, index: Index, audience: str | None) -> Ranking:
    """Leave out articles written for another audience; without an audience everybody's and each one's are there."""
    if audience is None:
        return ranking
    kept = [number for number in ranking.order if _meant_for(index.by_locale[number], audience)]
    return Ranking(**{**vars(ranking), "order": np.array(kept, dtype=np.int64)})


def _meant_for(versions: dict[str, Article], audience: str) -> bool:
    return any(not article.audience or audience in article.audience for article in versions.values())


def _result(index: Index, ranking: Ranking, number: int, locale: str) -> Result:
    """The article in the language asked for if it exists, with its passage nearest to the question."""
    versions = index.by_locale[number]
    article = versions.get(locale) or next(iter(versions.values()))
    span = range(index.starts[number], index.starts[number] + index.counts[number])
    passages = [u for u in span if index.units[u].field == "passage" and index.units[u].locale == article.locale]
    best = max(passages, key=lambda unit: float(ranking.units[unit]), default=None)
    passage = index.units[best].shown if best is not None else article.answer
    return Result(article, passage, min(1.0, max(0.0, float(ranking.scores[number]))))


def _warn_beyond_exact_search(index: Index) -> None:
    if len(index.units) > EXACT_SEARCH_LIMIT:
        log.warning("index_beyond_exact_search", vectors=len(index.units), limit=EXACT_SEARCH_LIMIT)
