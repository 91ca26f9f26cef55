"""The probability that the first article answers the question, learnt from the articles themselves.

It is a product: the chance that the question is about something the articles hold at all, and, if so, that the first
article is the right one. Examples of questions with an answer are the articles' own questions, once left out of the
index (what a new wording meets) and once kept but mistyped (what a known wording meets). Examples without are a
shipped bank of questions from elsewhere, and the articles' own questions with the whole article taken away: what is
left then looks like an answer and is none. The accepted false-answer rate sets how high the product must be.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from encoder.model import Vectors
from knowledge_base.retrieval import following
from knowledge_base.retrieval.dense import Dense, Floats, LeftOut
from knowledge_base.retrieval.engine import NOWHERE, HybridEngine, Question, Ranking
from knowledge_base.retrieval.index import Index
from knowledge_base.retrieval.logistic import Logistic
from knowledge_base.retrieval.unrelated import unrelated_questions
from knowledge_base.retrieval.vectors import VectorCache

# Of what customers ask: questions with an answer here, from elsewhere, and near what is here but without an answer.
IN_SCOPE_SHARE, UNRELATED_SHARE, NEAR_SHARE = 0.8, 0.1, 0.1
MOST_QUESTIONS = 400
FEWEST_QUESTIONS = 40
# Of the unrelated questions, how many may be answered, and asked back, whatever the accepted rate says.
MOST_UNRELATED_ANSWERED = 0.01
MOST_UNRELATED_ASKED_BACK = 0.05
COSINE, NEARER, DENSE, STEMS, NGRAMS, LEAD, NEARER_IN_FIRST, NEARER_IN_LAST, LIKENESS, UNKNOWN = range(10)
SCOPE = (COSINE, NEARER, DENSE, STEMS, NGRAMS, NEARER_IN_FIRST, NEARER_IN_LAST, LIKENESS, UNKNOWN)
RIGHT = (DENSE, STEMS, NGRAMS, LEAD, LIKENESS)
WIDEST_LEAD = 0.3


def bank(cache: VectorCache) -> list[Question]:
    """The shipped questions from elsewhere, encoded."""
    return encoded_questions(cache, [(question, locale) for locale, question in unrelated_questions()])


def encoded_questions(cache: VectorCache, read: Sequence[tuple[str, str]]) -> list[Question]:
    """(text, locale) pairs of questions that were read, encoded by way of the cache."""
    encoded = cache.encode([text for text, _ in read], "query")
    parts = zip(read, encoded.vectors, encoded.tokens, strict=True)
    return [Question(text, locale, vector, tokens) for (text, locale), vector, tokens in parts]


def vectors_of(questions: Sequence[Question]) -> Vectors:
    """(n, dimension) vectors of questions."""
    return np.stack([question.vector for question in questions])


class Evidence:
    """What speaks for the first article of a ranking, as ten numbers."""

    def __init__(self, index: Index, unrelated: Vectors) -> None:
        self._index = index
        self._bank = np.ascontiguousarray(unrelated[:, index.parts[0]])
        spaces = zip(index.dense, index.parts, strict=True)
        self._spaced_banks = [dense.space.questions(unrelated[:, part]) for dense, part in spaces]

    def of(self, ranking: Ranking, vector: Vectors, left_out: int | None = None) -> Floats:
        """Similarity, how much nearer it is than unrelated questions (raw and in each learnt space), words, lead,
        tokens, words that no article knows.

        `left_out` is the number of an unrelated question to be ignored: the one being asked.
        """
        index, first = self._index, int(ranking.order[0])
        score = float(ranking.scores[first])
        second = float(ranking.scores[ranking.order[1]]) if len(ranking.order) > 1 else score - WIDEST_LEAD
        own = slice(index.starts[first], index.starts[first] + index.counts[first])
        kept = ranking.units[own] > NOWHERE
        raw = vector[index.parts[0]]
        cosine = float((index.dense[0].vectors[own] @ raw)[kept].max(initial=-1.0))
        nearer = [
            self._best(dense, first, own, kept, asked) - self._nearest(bank @ asked, left_out)
            for dense, bank, asked in zip(index.dense, self._spaced_banks, ranking.asked, strict=True)
        ]
        far = self._nearest(self._bank @ raw, left_out)
        # Not known, as across languages, is neither like nor unlike: the regressions take nan for what is usual.
        likeness = float(ranking.likeness[first]) or math.nan
        words = (float(ranking.stems[first]), float(ranking.ngrams[first]))
        found = (cosine, cosine - far, float(ranking.dense[first]), *words, min(score - second, WIDEST_LEAD))
        return np.array([*found, nearer[0], nearer[-1], likeness, ranking.unknown])

    @staticmethod
    def _best(dense: Dense, article: int, own: slice, kept: npt.NDArray[np.bool_], asked: Vectors) -> float:
        """Half the nearest text of the article, half its centre."""
        nearest = float((dense.spaced[own] @ asked)[kept].max(initial=-1.0))
        return 0.5 * nearest + 0.5 * float(dense.centroids[article] @ asked)

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
        """(n,) probabilities that the first article answers, for (n, 10) evidence."""
        product: Floats = self.in_scope(evidence) * self.right.probability(np.atleast_2d(evidence)[:, RIGHT])
        return product

    def answers(self, evidence: Floats) -> bool:
        """Whether the first article is shown as the answer, for (10,) evidence: two gates, each with its own risk."""
        return bool(self.in_scope(evidence)[0] >= self.scope_from and self.probability(evidence)[0] >= self.answer_from)

    def in_scope(self, evidence: Floats) -> Floats:
        """(n,) probabilities that any article answers."""
        return self.scope.probability(np.atleast_2d(evidence)[:, SCOPE])


def calibrate(
    engine: HybridEngine, cache: VectorCache, unrelated: Sequence[Question], false_answer_rate: float
) -> Model | None:
    """Fit to the engine's own articles; None when they hold too few questions to learn from."""
    samples = _samples(engine)
    if len(samples) < 2 * FEWEST_QUESTIONS:
        return None
    evidence = Evidence(engine.index, vectors_of(unrelated))
    inside: list[Floats] = []
    right: list[bool] = []
    near: list[Floats] = []
    locales = [engine.index.units[unit].locale for unit, _, _ in samples]
    read = [(engine.read(question, locale), locale) for (_, question, _), locale in zip(samples, locales, strict=True)]
    for (number, _, left_out), question in zip(samples, encoded_questions(cache, read), strict=True):
        unit = engine.index.units[number]
        gap = LeftOut(unit.article, np.array([number])) if left_out else None
        ranking = following.ordinary(engine.rank(question, gap), engine.index)
        inside.append(evidence.of(ranking, question.vector))
        right.append(bool(ranking.order[0] == unit.article))
        others = ranking.order[ranking.order != unit.article]
        if left_out and len(others):
            near.append(evidence.of(replace(ranking, order=others), question.vector))
    outside = [
        evidence.of(following.ordinary(engine.rank(question), engine.index), question.vector, left_out=number)
        for number, question in enumerate(unrelated)
    ]
    without = np.array(near) if near else np.zeros((0, len(inside[0])))
    return _fit(np.array(inside), np.array(right), np.array(outside), without, false_answer_rate)


def _samples(engine: HybridEngine) -> list[tuple[int, str, bool]]:
    """(unit, question as asked, whether the unit is left out): each question twice, at most MOST_QUESTIONS of them."""
    chance = random.Random(7)  # noqa: S311 - a sample that is the same each time
    special = engine.index.special
    units = [n for n, unit in enumerate(engine.index.units) if unit.field == "question" and not special[unit.article]]
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


def _fit(inside: Floats, right: Floats, outside: Floats, near: Floats, false_answer_rate: float) -> Model:
    """(n, 10) evidence of questions with an answer, from elsewhere, near ones; `right`: (n,) of the first."""
    rows = np.concatenate([inside, outside, near])
    shares = ((len(inside), IN_SCOPE_SHARE), (len(outside), UNRELATED_SHARE), (len(near), NEAR_SHARE))
    weights = np.concatenate([np.full(count, share / max(count, 1)) for count, share in shares]) * len(rows)
    answerable = np.arange(len(rows)) < len(inside)
    scope = Logistic.fit(rows[:, SCOPE], answerable.astype(float), weights)
    best = Logistic.fit(inside[:, RIGHT], right.astype(float), np.ones(len(inside)))
    model = Model(scope, best, 1.0, 1.0, 1.0)
    chances, scopes = model.probability(rows), model.in_scope(rows)
    truth = np.concatenate([right.astype(float), np.zeros(len(outside) + len(near))])
    scope_from, clarify_from = (
        float(np.quantile(model.in_scope(outside), 1 - most))
        for most in (MOST_UNRELATED_ANSWERED, MOST_UNRELATED_ASKED_BACK)
    )
    passed = scopes >= scope_from
    answer_from = _threshold(chances[passed], truth[passed], weights[passed], false_answer_rate)
    return Model(scope, best, answer_from, scope_from, clarify_from)


def _threshold(chances: Floats, truth: Floats, weights: Floats, accepted: float) -> float:
    """The lowest probability at which the share of false answers among the answers stays within `accepted`."""
    order = np.argsort(-chances)
    false = np.cumsum((weights * (1 - truth))[order]) / np.cumsum(weights[order])
    fine = np.flatnonzero(false <= accepted)
    return float(chances[order[fine[-1]]]) if len(fine) else 1.0
