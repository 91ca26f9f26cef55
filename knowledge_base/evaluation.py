"""Measures an engine on a set of articles and queries; the figures are those that the field uses."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from knowledge_base import language
from knowledge_base.article import Article

DEPTH = 10


class EvaluationError(ValueError):
    """A file of the set cannot be read; the message names file and line."""


@dataclass(frozen=True)
class Query:
    """A question and the ids of the articles that answer it; none: out of scope."""

    text: str
    relevant: frozenset[str]
    locale: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What an engine did with one query."""

    ranked: list[str]
    confidence: float
    answered: bool
    milliseconds: float


class Contestant(Protocol):
    """An engine under measurement."""

    def ask(self, query: Query) -> Outcome:
        """Rank and decide."""


def read_articles(path: Path) -> tuple[list[Article], dict[str, str]]:
    """Articles, and id → id of the article it was merged into when two are identical."""
    merged: dict[str, str] = {}
    seen: dict[tuple[object, ...], str] = {}
    articles: list[Article] = []
    for line, row in _rows(path):
        try:
            identity, locale = str(row["id"]), str(row.get("locale") or language.DEFAULT)
            questions = tuple(str(question) for question in row.get("questions") or [])
            texts = (str(row.get("title") or ""), questions, str(row.get("body") or ""))
        except (KeyError, TypeError) as error:
            raise EvaluationError(f"{path}:{line}: an article needs at least an id and lists as questions.") from error
        first = seen.setdefault((locale, *texts), identity)
        if first != identity or identity in merged:
            merged.setdefault(identity, first)
            continue
        merged[identity] = identity
        articles.append(Article(identity, locale, texts[0], questions, str(row.get("answer") or ""), texts[2]))
    return articles, merged


def read_queries(path: Path, merged: dict[str, str]) -> list[Query]:
    """Queries, their relevant ids mapped to the merged articles."""
    queries: list[Query] = []
    for line, row in _rows(path):
        relevant = row.get("relevant")
        if not isinstance(row.get("query"), str) or not isinstance(relevant, list):
            raise EvaluationError(f'{path}:{line}: a query needs "query" (a text) and "relevant" (a list).')
        ids = frozenset(merged.get(str(identity), str(identity)) for identity in relevant)
        queries.append(Query(row["query"], ids, row.get("locale")))
    return queries


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = data.decode("utf-8-sig").split("\n")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}.") from error
    rows: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise EvaluationError(f"{path}:{number}: is not JSON ({error.msg}).") from error
        if not isinstance(row, dict):
            raise EvaluationError(f"{path}:{number}: is not a JSON object.")
        rows.append((number, row))
    return rows


def measure(
    contestant: Contestant, queries: Sequence[Query], tick: Callable[[], object] | None = None
) -> dict[str, Any]:
    """Ask every query and return the figures, rounded."""
    outcomes: list[Outcome] = []
    for query in queries:
        outcomes.append(contestant.ask(query))
        if tick:
            tick()
    return figures(queries, outcomes)


def figures(queries: Sequence[Query], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Ranking figures over the queries with an answer; a figure without queries to measure it on is null."""
    asked = list(zip(queries, outcomes, strict=True))
    inside = [(query, outcome) for query, outcome in asked if query.relevant]
    places = [_place(query, outcome) for query, outcome in inside]
    answers = [(query, outcome) for query, outcome in asked if outcome.answered]
    false = sum(1 for query, outcome in answers if not outcome.ranked or outcome.ranked[0] not in query.relevant)
    times = [outcome.milliseconds for outcome in outcomes]
    result = {
        "n": len(queries),
        "hit@1": _mean([place is not None and place < 1 for place in places]),
        "hit@3": _mean([place is not None and place < 3 for place in places]),
        "mrr@10": _mean([1 / (place + 1) if place is not None else 0.0 for place in places]),
        "ndcg@10": _mean([_ndcg(query, outcome) for query, outcome in inside]),
        "oos_auroc": _auroc(asked),
        "coverage": _mean([outcome.answered for _, outcome in inside]),
        "false_answer_rate": false / len(answers) if answers else None,
    }
    rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in result.items()}
    return rounded | {"latency_ms": {"p50": _percentile(times, 50), "p95": _percentile(times, 95)}}


def _place(query: Query, outcome: Outcome) -> int | None:
    return next((place for place, identity in enumerate(outcome.ranked) if identity in query.relevant), None)


def _ndcg(query: Query, outcome: Outcome) -> float:
    gains = [1 / math.log2(place + 2) for place, identity in enumerate(outcome.ranked) if identity in query.relevant]
    return sum(gains) / sum(1 / math.log2(place + 2) for place in range(min(len(query.relevant), DEPTH)))


def _auroc(asked: Sequence[tuple[Query, Outcome]]) -> float | None:
    """Chance that a question with an answer gets more confidence than one without."""
    inside = np.array([outcome.confidence for query, outcome in asked if query.relevant])
    outside = np.array([outcome.confidence for query, outcome in asked if not query.relevant])
    if not len(inside) or not len(outside):
        return None
    wins = (inside[:, None] > outside[None, :]).mean() + 0.5 * (inside[:, None] == outside[None, :]).mean()
    return float(wins)


def _mean(values: Sequence[float | bool]) -> float | None:
    return float(np.mean(values)) if values else None


def _percentile(values: Sequence[float], share: int) -> float | None:
    return round(float(np.percentile(values, share)), 2) if values else None
