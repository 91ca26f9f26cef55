"""The figures of one engine on one set, as the field uses them, and how sure they are.

Every figure is a ratio of sums over the queries. A bootstrap resample counts each query so many times, so a figure on a
thousand resamples is one product of the (resamples, queries) counts with what each query contributes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge_base.measuring.evaluation import DEPTH, Outcome, Query

Floats = npt.NDArray[np.float64]
Json = dict[str, Any]
RANKING = ("hit@1", "hit@3", "mrr@10", "ndcg@10")
FIGURES = (*RANKING, "oos_auroc", "coverage", "false_answer_rate")
RESAMPLES = 2000
LEVEL = 95  # per cent
_SEED = 20
_TOGETHER = 200  # resamples counted at once: keeps the memory small on large sets


@dataclass(frozen=True)
class Scores:
    """What each query contributes; arrays are (queries,)."""

    inside: Floats  # 1 where an article answers the query
    answered: Floats
    right: Floats  # 1 where the first article answers the query
    confidence: Floats
    ranking: dict[str, Floats]  # name → value, 0 where nothing answers the query

    @classmethod
    def of(cls, queries: Sequence[Query], outcomes: Sequence[Outcome]) -> Scores:
        """From what an engine did, query by query."""
        asked = list(zip(queries, outcomes, strict=True))
        places = [_place(query, outcome) for query, outcome in asked]
        ranking = {
            "hit@1": [place < 1 for place in places],
            "hit@3": [place < 3 for place in places],
            "mrr@10": [1 / (place + 1) for place in places],
            "ndcg@10": [_ndcg(query, outcome) for query, outcome in asked],
        }
        return cls(
            np.array([bool(query.relevant) for query in queries], dtype=float),
            np.array([outcome.answered for outcome in outcomes], dtype=float),
            np.array(ranking["hit@1"], dtype=float),
            np.array([outcome.confidence for outcome in outcomes], dtype=float),
            {name: np.array(values, dtype=float) for name, values in ranking.items()},
        )

    def figures(self, counts: Floats) -> dict[str, Floats]:
        """Each figure for (n, queries) counts, as (n,); not a number where there is nothing to measure it on."""
        inside = counts @ self.inside
        found = {name: _ratio(counts @ values, inside) for name, values in self.ranking.items()}
        found["oos_auroc"] = self._auroc(counts)
        found["coverage"] = _ratio(counts @ (self.inside * self.answered), inside)
        found["false_answer_rate"] = _ratio(counts @ (self.answered * (1 - self.right)), counts @ self.answered)
        return found

    def _auroc(self, counts: Floats) -> Floats:
        """Chance that a question with an answer gets more confidence than one without; a tie counts half."""
        within = self.inside > 0
        ours, others = self.confidence[within][:, None], self.confidence[~within][None, :]
        wins = ((ours > others) + 0.5 * (ours == others)).astype(np.float32)
        won: Floats = (counts[:, within] @ wins * counts[:, ~within]).sum(axis=1)
        return _ratio(won, counts[:, within].sum(axis=1) * counts[:, ~within].sum(axis=1))


def figures(queries: Sequence[Query], outcomes: Sequence[Outcome]) -> Json:
    """The figures, rounded; one without queries to measure it on is null."""
    scores = Scores.of(queries, outcomes)
    found = scores.figures(np.ones((1, len(queries))))
    times = [outcome.milliseconds for outcome in outcomes]
    latency = {f"p{share}": round(float(np.percentile(times, share)), 2) if times else None for share in (50, 95)}
    return {"n": len(queries)} | {name: _shown(found[name][0]) for name in FIGURES} | {"latency_ms": latency}


def answers(scores: Scores) -> dict[str, int]:
    """Counts behind the rates: answers given and false ones, questions out of scope and those answered."""
    outside = 1 - scores.inside
    counted = {
        "given": scores.answered,
        "false": scores.answered * (1 - scores.right),
        "out_of_scope": outside,
        "out_of_scope_answered": outside * scores.answered,
    }
    return {name: int(values.sum()) for name, values in counted.items()}


def resampled(scores: Scores, resamples: int = RESAMPLES) -> dict[str, Floats]:
    """Each figure on `resamples` bootstrap resamples of the queries: the same ones for every engine on the set."""
    size, chance = len(scores.inside), np.random.default_rng(_SEED)
    parts = []
    for start in range(0, resamples, _TOGETHER):
        together = min(_TOGETHER, resamples - start)
        parts.append(scores.figures(chance.multinomial(size, np.full(size, 1 / size), together).astype(float)))
    return {name: np.concatenate([part[name] for part in parts]) for name in FIGURES}


def interval(values: Floats) -> list[float] | None:
    """[low, high] that holds LEVEL per cent of the resamples; None when the figure could not be measured."""
    measured = values[~np.isnan(values)]
    if not len(measured):
        return None
    return [round(float(np.percentile(measured, share)), 4) for share in ((100 - LEVEL) / 2, (100 + LEVEL) / 2)]


def reliability(scores: Scores, bins: int = 10) -> Json:
    """How often the first article was right, by confidence; and the expected calibration error."""
    places = np.minimum((scores.confidence * bins).astype(int), bins - 1)
    rows, error = [], 0.0
    for number in range(bins):
        held = places == number
        row: Json = {"from": number / bins, "to": (number + 1) / bins, "n": int(held.sum())}
        if row["n"]:
            confidence, right = float(scores.confidence[held].mean()), float(scores.right[held].mean())
            error += row["n"] / len(places) * abs(confidence - right)
            row |= {"confidence": round(confidence, 4), "right": round(right, 4)}
        else:
            row |= {"confidence": None, "right": None}
        rows.append(row)
    return {"bins": rows, "expected_calibration_error": round(error, 4)}


def _place(query: Query, outcome: Outcome) -> float:
    """Place of the first article that answers, from 0; infinite when none of the first ten does."""
    places = (place for place, identity in enumerate(outcome.ranked[:DEPTH]) if identity in query.relevant)
    return next(places, math.inf)


def _ndcg(query: Query, outcome: Outcome) -> float:
    found = [place for place, identity in enumerate(outcome.ranked[:DEPTH]) if identity in query.relevant]
    ideal = sum(1 / math.log2(place + 2) for place in range(min(len(query.relevant), DEPTH)))
    return sum(1 / math.log2(place + 2) for place in found) / ideal if ideal else 0.0


def _ratio(above: Floats, below: Floats) -> Floats:
    ratio: Floats = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return ratio


def _shown(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 4)
