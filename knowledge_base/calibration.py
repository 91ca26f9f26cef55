"""The probability that the first article answers the question, learnt from the articles themselves.

It is a product: the chance that the question is about something the articles hold at all, and, if so, that the first
article is the right one. Examples of questions with an answer are the articles' own questions, once left out of the
index (what a new wording meets) and once kept but mistyped (what a known wording meets). Examples without are a
shipped bank of questions from elsewhere. The accepted false-answer rate sets how high the product must be.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from encoder.model import Vectors
from knowledge_base.engine import HybridEngine, LeftOut, Ranking
from knowledge_base.index import Index
from knowledge_base.lexical import Floats
from knowledge_base.logistic import Logistic
from knowledge_base.spelling import spelt_out
from knowledge_base.vectors import VectorCache

LOCALES = ("fr", "en")
IN_SCOPE_SHARE = 0.8  # of the questions customers ask; the rest has no answer here
MOST_QUESTIONS = 400
FEWEST_QUESTIONS = 40
# Of the unrelated questions, how many may be answered, and asked back, whatever the accepted rate says.
MOST_UNRELATED_ANSWERED = 0.01
MOST_UNRELATED_ASKED_BACK = 0.05
COSINE, NEARER, DENSE, STEMS, NGRAMS, LEAD, NEARER_IN_SPACE = range(7)
SCOPE = (COSINE, NEARER, DENSE, STEMS, NGRAMS, NEARER_IN_SPACE)
RIGHT = (DENSE, STEMS, NGRAMS, LEAD)
WIDEST_LEAD = 0.3
_BANK = Path(__file__).parent / "negatives"


@lru_cache(maxsize=1)
def unrelated_questions() -> tuple[tuple[str, str], ...]:
    """(locale, question) pairs of the shipped bank."""
    found: list[tuple[str, str]] = []
    for locale in LOCALES:
        lines = (_BANK / f"{locale}.txt").read_text("utf-8").splitlines()
        found += [(locale, line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    return tuple(found)


def bank_vectors(cache: VectorCache) -> Vectors:
    """(n, dimension) query vectors of the shipped bank."""
    return cache.encode([question for _, question in unrelated_questions()], "query")


class Evidence:
    """What speaks for the first article of a ranking, as seven numbers."""

    def __init__(self, index: Index, bank: Vectors) -> None:
        self.space, self.bank = index.space, bank
        self._spaced_bank = index.space.questions(bank)

    def of(self, ranking: Ranking, vector: Vectors, left_out: int | None = None) -> Floats:
        """Similarity, how much nearer it is than unrelated questions (raw and in the learnt space), words, lead.

        `left_out` is the number of an unrelated question to be ignored: the one being asked.
        """
        first = ranking.order[0]
        score = float(ranking.scores[first])
        second = float(ranking.scores[ranking.order[1]]) if len(ranking.order) > 1 else score - WIDEST_LEAD
        cosine, dense = float(ranking.cosine[first]), float(ranking.dense[first])
        raw = self._nearest(self.bank @ vector, left_out)
        spaced = self._nearest(self._spaced_bank @ self.space.questions(vector), left_out)
        words = (float(ranking.stems[first]), float(ranking.ngrams[first]))
        return np.array([cosine, cosine - raw, dense, *words, min(score - second, WIDEST_LEAD), dense - spaced])

    @staticmethod
    def _nearest(similarities: Vectors, left_out: int | None) -> float:
        if left_out is not None:
            similarities[left_out] = -1.0
        return float(np.partition(similarities, -3)[-3:].mean())


@dataclass(frozen=True)
class Model:
    """The two regressions and the thresholds on what they say."""

    scope: Logistic
    right: Logistic
    answer_from: float  # of the product
    scope_from: float  # of the scope alone, for an answer
    clarify_from: float  # of the scope alone, for asking back

    def probability(self, evidence: Floats) -> Floats:
        """(n,) probabilities that the first article answers, for (n, 7) evidence."""
        product: Floats = self.in_scope(evidence) * self.right.probability(np.atleast_2d(evidence)[:, RIGHT])
        return product

    def answers(self, evidence: Floats) -> bool:
        """Whether the first article is shown as the answer, for (7,) evidence: two gates, each with its own risk."""
        return bool(self.in_scope(evidence)[0] >= self.scope_from and self.probability(evidence)[0] >= self.answer_from)

    def in_scope(self, evidence: Floats) -> Floats:
        """(n,) probabilities that any article answers."""
        return self.scope.probability(np.atleast_2d(evidence)[:, SCOPE])


def calibrate(engine: HybridEngine, cache: VectorCache, bank: Vectors, false_answer_rate: float) -> Model | None:
    """Fit to the engine's own articles; None when they hold too few questions to learn from."""
    samples = _samples(engine)
    if len(samples) < 2 * FEWEST_QUESTIONS:
        return None
    evidence = Evidence(engine.index, bank)
    inside: list[Floats] = []
    right: list[bool] = []
    spelt = [spelt_out(question, engine.index.units[unit].locale) for unit, question, _ in samples]
    for (number, question, left_out), vector in zip(samples, cache.encode(spelt, "query"), strict=True):
        unit = engine.index.units[number]
        gap = LeftOut(unit.article, np.array([number])) if left_out else None
        ranking = engine.rank(question, vector, unit.locale, gap)
        inside.append(evidence.of(ranking, vector))
        right.append(bool(ranking.order[0] == unit.article))
    outside = [
        evidence.of(engine.rank(question, bank[number], locale), bank[number], left_out=number)
        for number, (locale, question) in enumerate(unrelated_questions())
    ]
    return _fit(np.array(inside), np.array(right), np.array(outside), false_answer_rate)


def _samples(engine: HybridEngine) -> list[tuple[int, str, bool]]:
    """(unit, question as asked, whether the unit is left out): each question twice, at most MOST_QUESTIONS of them."""
    chance = random.Random(7)  # noqa: S311 - a sample that is the same each time
    units = [number for number, unit in enumerate(engine.index.units) if unit.field == "question"]
    if len(units) > MOST_QUESTIONS:
        units = sorted(chance.sample(units, MOST_QUESTIONS))
    questions = [(unit, engine.index.units[unit].text) for unit in units]
    mistaken = [(unit, mistyped(text, random.Random(text)), False) for unit, text in questions]  # noqa: S311
    return [(unit, text, True) for unit, text in questions] + mistaken


def mistyped(question: str, chance: random.Random) -> str:
    """The question as somebody in a hurry types it: a word lost, letters dropped or doubled."""
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


def _fit(inside: Floats, right: Floats, outside: Floats, false_answer_rate: float) -> Model:
    rows = np.concatenate([inside, outside])
    weights = np.concatenate(
        [
            np.full(len(inside), IN_SCOPE_SHARE / len(inside)),
            np.full(len(outside), (1 - IN_SCOPE_SHARE) / len(outside)),
        ]
    )
    weights *= len(rows)
    answerable = np.arange(len(rows)) < len(inside)
    scope = Logistic.fit(rows[:, SCOPE], answerable.astype(float), weights)
    best = Logistic.fit(inside[:, RIGHT], right.astype(float), np.ones(len(inside)))
    model = Model(scope, best, 1.0, 1.0, 1.0)
    chances, scopes = model.probability(rows), model.in_scope(rows)
    truth = np.concatenate([right.astype(float), np.zeros(len(outside))])
    scope_from, clarify_from = (
        float(np.quantile(scopes[~answerable], 1 - most))
        for most in (MOST_UNRELATED_ANSWERED, MOST_UNRELATED_ASKED_BACK)
    )
    near = scopes >= scope_from
    answer_from = _threshold(chances[near], truth[near], weights[near], false_answer_rate)
    return Model(scope, best, answer_from, scope_from, clarify_from)


def _threshold(chances: Floats, truth: Floats, weights: Floats, accepted: float) -> float:
    """The lowest probability at which the share of false answers among the answers stays within `accepted`."""
    order = np.argsort(-chances)
    false = np.cumsum((weights * (1 - truth))[order]) / np.cumsum(weights[order])
    fine = np.flatnonzero(false <= accepted)
    return float(chances[order[fine[-1]]]) if len(fine) else 1.0
