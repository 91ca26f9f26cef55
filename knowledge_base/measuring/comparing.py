"""Several engines on one set in one run: the same questions, the same resamples, and what the engine adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from knowledge_base.content.article import Article
from knowledge_base.measuring.contestants import Hybrid, LexicalBaseline, Plain
from knowledge_base.measuring.evaluation import Contestant, Outcome, Query
from knowledge_base.measuring.figures import (
    FIGURES,
    RANKING,
    Floats,
    Json,
    Scores,
    answers,
    figures,
    interval,
    reliability,
    resampled,
)
from knowledge_base.retrieval.vectors import Progress, VectorCache
from knowledge_base.retrieval.warming import texts_of, warm
from knowledge_base.settings import KnowledgeBaseSettings

ENGINES = ("bm25", "plain", "hybrid")
OURS = "hybrid"
CALIBRATED = ("hybrid",)  # their confidence is a probability, so that it can be held against what happened


class Entrants:
    """Makes the engines for one set; the encoder is loaded once, and only for those that need it."""

    def __init__(self, articles: Sequence[Article], settings: KnowledgeBaseSettings, rate: float) -> None:
        self._articles, self._settings, self._rate = articles, settings, rate
        self._cache: VectorCache | None = None

    def enter(self, name: str, progress: Progress | None = None) -> Contestant:
        """One of ENGINES, ready to be asked."""
        if name == "bm25":
            return LexicalBaseline(self._articles)
        if self._cache is None:
            made = self._settings.encoder(threads=self._settings.knowledge_base_threads)
            self._cache = VectorCache(made, self._settings.vector_folder)
            warm(self._cache, texts_of(self._articles), progress)
        if name == "plain":
            return Plain(self._articles, self._cache, progress)
        return Hybrid(self._articles, self._cache, self._rate, progress)


def ask_all(
    contestant: Contestant, queries: Sequence[Query], progress: Callable[[int, int], object] | None = None
) -> list[Outcome]:
    """One query after the other, after a first one that is not timed: it pays for what is loaded late."""
    contestant.ask(queries[0])
    outcomes: list[Outcome] = []
    for query in queries:
        outcomes.append(contestant.ask(query))
        if progress:
            progress(len(outcomes), len(queries))
    return outcomes


def result(name: str, queries: Sequence[Query], outcomes: Sequence[Outcome]) -> Json:
    """Figures of one engine with their intervals; by language when the queries name several."""
    scores = Scores.of(queries, outcomes)
    spread = resampled(scores)
    found = figures(queries, outcomes)
    found["answers"] = answers(scores)
    found["intervals"] = {figure: interval(spread[figure]) for figure in FIGURES}
    if name in CALIBRATED:
        found["reliability"] = reliability(scores)
    locales = sorted({query.locale for query in queries if query.locale})
    if len(locales) > 1:
        found["by_locale"] = {locale: _part(queries, outcomes, locale) for locale in locales}
    return found


def _part(queries: Sequence[Query], outcomes: Sequence[Outcome], locale: str) -> Json:
    kept = [number for number, query in enumerate(queries) if query.locale == locale]
    asked, done = [queries[number] for number in kept], [outcomes[number] for number in kept]
    scores = Scores.of(asked, done)
    spread = resampled(scores)
    found = figures(asked, done) | {"answers": answers(scores)}
    return found | {"intervals": {figure: interval(spread[figure]) for figure in FIGURES}}


def compare(queries: Sequence[Query], outcomes: dict[str, list[Outcome]]) -> Json:
    """{"engines": {name: figures}} and, with our engine among them, what it adds to the best of the others."""
    found: Json = {"engines": {name: result(name, queries, done) for name, done in outcomes.items()}}
    baselines = [name for name in outcomes if name != OURS]
    if OURS in outcomes and baselines:
        spread = {name: resampled(Scores.of(queries, done)) for name, done in outcomes.items()}
        differences = {figure: _difference(figure, found["engines"], spread, baselines) for figure in RANKING}
        differences["oos_auroc"] = _difference("oos_auroc", found["engines"], spread, baselines)
        found["differences"] = {figure: row for figure, row in differences.items() if row is not None}
    return found


def _difference(
    figure: str, engines: dict[str, Json], spread: dict[str, dict[str, Floats]], baselines: Sequence[str]
) -> dict[str, Any] | None:
    """Our engine less the best baseline in this figure, query by query on the same resamples."""
    measured = [name for name in baselines if engines[name][figure] is not None]
    if not measured:
        return None
    best = max(measured, key=lambda name: float(engines[name][figure]))
    return {
        "baseline": best,
        "difference": round(engines[OURS][figure] - engines[best][figure], 4),
        "interval": interval(spread[OURS][figure] - spread[best][figure]),
    }
