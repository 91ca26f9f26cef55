"""The probability that the first article answers the question, learnt from the articles themselves.

Examples of questions with an answer: the articles' own questions, once left out of the index (what a new wording
meets) and once kept but mistyped (what a known wording meets). Examples without: a shipped bank of questions from
elsewhere. A logistic regression over a handful of evidences turns a ranking into a probability; the accepted
false-answer rate then sets how high it must be.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from encoder.model import Vectors
from knowledge_base.engine import HybridEngine, LeftOut, Ranking
from knowledge_base.lexical import Floats
from knowledge_base.spelling import spelt_out
from knowledge_base.vectors import VectorCache

LOCALES = ("fr", "en")
IN_SCOPE_SHARE = 0.8  # of the questions customers ask; the rest has no answer here
MOST_QUESTIONS = 400
FEWEST_QUESTIONS = 40
CLARIFY_SHARE = 0.3
_BANK = Path(__file__).parent / "negatives"


@lru_cache(maxsize=1)
def unrelated_questions() -> tuple[tuple[str, str], ...]:
    """(locale, question) pairs of the shipped bank."""
    found: list[tuple[str, str]] = []
    for locale in LOCALES:
        lines = (_BANK / f"{locale}.txt").read_text("utf-8").splitlines()
        found += [(locale, line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    return tuple(found)


@dataclass(frozen=True)
class Model:
    """Logistic regression over the evidences of a ranking, and the two thresholds."""

    means: Floats
    scales: Floats
    weights: Floats  # the last one is the constant
    answer_from: float
    clarify_from: float

    def probability(self, evidence: Floats) -> Floats:
        """(n,) probabilities for (n, evidences) rows."""
        rows = (np.atleast_2d(evidence) - self.means) / self.scales
        chance: Floats = 1.0 / (1.0 + np.exp(-(rows @ self.weights[:-1] + self.weights[-1])))
        return chance


def evidence_of(ranking: Ranking, vector: Vectors, bank: Vectors, left_out: int | None = None) -> Floats:
    """What speaks for the first article: similarity, also against unrelated questions; shared words; its lead."""
    first = ranking.order[0]
    second = ranking.scores[ranking.order[1]] if len(ranking.order) > 1 else ranking.scores[first] - 0.3
    unrelated = bank @ vector
    if left_out is not None:
        unrelated[left_out] = -1.0
    nearest_unrelated = np.partition(unrelated, -3)[-3:].mean() if len(unrelated) > 3 else 0.0
    cosine = ranking.cosine[first]
    lead = min(float(ranking.scores[first] - second), 0.3)
    return np.array(
        [cosine, cosine - nearest_unrelated, ranking.dense[first], ranking.stems[first], ranking.ngrams[first], lead]
    )


def calibrate(engine: HybridEngine, cache: VectorCache, bank: Vectors, false_answer_rate: float) -> Model | None:
    """Fit to the engine's own articles; None when they hold too few questions to learn from."""
    samples = _samples(engine)
    if len(samples) < FEWEST_QUESTIONS:
        return None
    rows: list[Floats] = []
    right: list[bool] = []
    spelt = [spelt_out(question, engine.index.units[unit].locale) for unit, question, _ in samples]
    for (unit, question, left_out), vector in zip(samples, cache.encode(spelt, "query"), strict=True):
        owner, locale = engine.index.units[unit].article, engine.index.units[unit].locale
        ranking = engine.rank(question, vector, locale, _leave_out(engine, unit) if left_out else None)
        rows.append(evidence_of(ranking, vector, bank))
        right.append(bool(ranking.order[0] == owner))
    inside = np.array(rows)
    outside = np.array(
        [
            evidence_of(engine.rank(question, bank[number], locale), bank[number], bank, left_out=number)
            for number, (locale, question) in enumerate(unrelated_questions())
        ]
    )
    return _fit(inside, np.array(right), outside, false_answer_rate)


def _samples(engine: HybridEngine) -> list[tuple[int, str, bool]]:
    """(unit, question as asked, whether the unit is left out): each question twice, at most MOST_QUESTIONS of them."""
    chance = random.Random(7)  # noqa: S311 - a sample that is the same each time
    units = [number for number, unit in enumerate(engine.index.units) if unit.field == "question"]
    if len(units) > MOST_QUESTIONS:
        units = sorted(chance.sample(units, MOST_QUESTIONS))
    questions = [(unit, engine.index.units[unit].text) for unit in units]
    return [(unit, text, True) for unit, text in questions] + [
        (unit, mistyped(text, chance), False) for unit, text in questions
    ]


def mistyped(question: str, chance: random.Random) -> str:
    """The question as somebody in a hurry types it: a word lost, a letter dropped or doubled, no accents lost by us."""
    words = question.split()
    if len(words) > 3:
        del words[chance.randrange(len(words))]
    for _ in range(max(1, len(words) // 3)):
        place = chance.randrange(len(words)) if words else 0
        word = words[place] if words else ""
        if len(word) > 3:
            at = chance.randrange(1, len(word) - 1)
            words[place] = word[:at] + word[at + 1 :] if chance.random() < 0.6 else word[:at] + word[at] + word[at:]
    return " ".join(words) or question


def _leave_out(engine: HybridEngine, unit: int) -> LeftOut:
    return LeftOut(engine.index.units[unit].article, np.array([unit]))


def _fit(inside: Floats, right: Floats, outside: Floats, false_answer_rate: float) -> Model:
    rows = np.concatenate([inside, outside])
    labels = np.concatenate([right.astype(float), np.zeros(len(outside))])
    shares = [(IN_SCOPE_SHARE, len(inside)), (1 - IN_SCOPE_SHARE, len(outside))]
    weights = np.concatenate([np.full(count, share / count) for share, count in shares]) * len(rows)
    means, scales = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    fitted = _logistic((rows - means) / scales, labels, weights)
    model = Model(means, scales, fitted, 1.0, 1.0)
    chances = model.probability(rows)
    answer_from = _threshold(chances, labels, weights, false_answer_rate)
    answer_from = max(answer_from, float(np.quantile(chances[len(inside) :], 0.995)) + 0.02)
    clarify_from = max(CLARIFY_SHARE * answer_from, float(np.quantile(chances[len(inside) :], 0.95)))
    return Model(means, scales, fitted, min(answer_from, 0.99), min(clarify_from, answer_from))


def _logistic(rows: Floats, labels: Floats, weights: Floats, ridge: float = 1.0) -> Floats:
    """Newton's method; the constant comes last and is not held back."""
    design = np.c_[rows, np.ones(len(rows))]
    held = np.diag([*([ridge] * rows.shape[1]), 1e-6])
    beta: Floats = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1.0 / (1.0 + np.exp(-design @ beta))
        slope = design.T @ (weights * (labels - chance)) - held @ beta
        curve = (design * (weights * chance * (1 - chance))[:, None]).T @ design + held
        step = np.linalg.solve(curve, slope)
        beta = beta + step
        if float(np.abs(step).max()) < 1e-6:
            break
    return beta


def _threshold(chances: Floats, labels: Floats, weights: Floats, accepted: float) -> float:
    """The lowest probability at which the share of false answers among the answers stays within `accepted`."""
    order = np.argsort(-chances)
    false = np.cumsum((weights * (1 - labels))[order]) / np.cumsum(weights[order])
    fine = np.flatnonzero(false <= accepted)
    return float(chances[order[fine[-1]]]) if len(fine) else 1.0


def bank_vectors(cache: VectorCache, questions: Sequence[tuple[str, str]] | None = None) -> Vectors:
    """(n, dimension) query vectors of the shipped bank."""
    return cache.encode([question for _, question in questions or unrelated_questions()], "query")
