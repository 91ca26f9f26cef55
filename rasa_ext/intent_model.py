"""Which intent, and how surely: a regression, the nearest examples, and a probability learnt by leaving intents out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from rasa_ext.descent import lowest
from rasa_ext.intent_space import Floats, Ints, Rows, Space

INVERSE_REGULARISATION = 20.0
STEPS = 60
NEAREST = 3
# Weight of the nearest examples beside the regression. They help where an intent has few examples, and hinder where it
# has a hundred: from TYPICAL examples on, the weight falls.
NEARNESS, TYPICAL = 5.0, 20.0
# One message in so many is taken to be out of scope. People write otherwise than the examples do, so what leaving them
# out teaches is taken to be half as sure.
ONE_OUTSIDE_IN, TEMPERATURE = 4, 2.0
MOST_KEPT = 4000  # examples that are compared with: beyond it, a sample of each intent
SEED = 7


@dataclass(frozen=True)
class Regression:
    """Multinomial logistic regression over dense and sparse columns."""

    dense: Floats
    sparse: Floats
    bias: Floats

    @classmethod
    def learnt(cls, rows: Rows, intents: Ints, count: int) -> Regression:
        """`intents`: numbers below `count`, one a row."""
        width, letters = rows.dense.shape[1], rows.sparse.shape[1]
        turned = rows.sparse.T.tocsr()
        wanted = np.zeros((len(rows), count), dtype=np.float32)
        wanted[np.arange(len(rows)), intents] = 1

        def loss(weights: Floats) -> tuple[float, Floats]:
            told = _softmax(cls._of(weights, width).scores(rows))
            missed = -np.log(np.maximum(told[np.arange(len(rows)), intents], 1e-12)).sum(dtype=np.float64)
            away = told - wanted
            slope = np.vstack([rows.dense.T @ away, turned @ away, away.sum(axis=0, keepdims=True)])
            slope[:-1] += weights[:-1] / INVERSE_REGULARISATION
            size = float(np.vdot(weights[:-1], weights[:-1])) / (2 * INVERSE_REGULARISATION)
            return float(missed) + size, slope

        start = np.zeros((width + letters + 1, count), dtype=np.float32)
        return cls._of(lowest(loss, start, STEPS), width)

    @classmethod
    def _of(cls, weights: Floats, width: int) -> Regression:
        return cls(weights[:width], weights[width:-1], weights[-1])

    def scores(self, rows: Rows) -> Floats:
        """(n, intents)."""
        scores: Floats = rows.dense @ self.dense + rows.sparse @ self.sparse + self.bias
        return scores


@dataclass(frozen=True)
class Nearness:
    """Likeness with the nearest examples of each intent."""

    examples: Floats  # (n, d), sorted by intent
    starts: Ints  # where each intent's examples begin

    @classmethod
    def learnt(cls, dense: Floats, intents: Ints, count: int) -> Nearness:
        """From rows of several unit vectors side by side; of an intent with very many examples, a sample."""
        chance = np.random.default_rng(SEED)
        most = max(NEAREST, MOST_KEPT // count)
        groups = [np.flatnonzero(intents == intent) for intent in range(count)]
        kept = [chance.permutation(group)[:most] for group in groups]
        starts = np.cumsum([0, *(len(group) for group in kept)])[:-1]
        return cls(_unit(dense[np.concatenate(kept)]), starts)

    def likeness(self, dense: Floats) -> Floats:
        """(n, intents): mean cosine with each intent's nearest NEAREST examples."""
        cosines = _unit(dense) @ self.examples.T
        groups = np.split(cosines, self.starts[1:].tolist(), axis=1)
        best = [np.sort(group, axis=1)[:, -NEAREST:].mean(axis=1) for group in groups]
        return np.stack(best, axis=1).astype(np.float32)


@dataclass(frozen=True)
class Scorer:
    """The two together."""

    regression: Regression
    nearness: Nearness
    weight: float

    @classmethod
    def learnt(cls, rows: Rows, intents: Ints, count: int) -> Scorer:
        """`intents`: numbers below `count`, each of which occurs."""
        size = float(np.median(np.bincount(intents, minlength=count)))
        weight = NEARNESS * min(1.0, TYPICAL / size)
        nearness = Nearness.learnt(rows.dense, intents, count)
        return cls(Regression.learnt(rows, intents, count), nearness, weight)

    def told(self, rows: Rows) -> tuple[Floats, Floats]:
        """(n, intents) scores, and the (n, SIGNS) figures from which it is told how sure they are."""
        likeness = self.nearness.likeness(rows.dense)
        scores = self.regression.scores(rows) + self.weight * likeness
        first = scores.argmax(axis=1)
        ranked = np.sort(scores, axis=1)
        margin = ranked[:, -1] - ranked[:, -2]
        near = likeness[np.arange(len(rows)), first]
        signs = [ranked[:, -1], np.minimum(margin, 5.0), np.log(np.exp(scores).sum(axis=1)), near, likeness.max(axis=1)]
        return scores, np.stack(signs, axis=1).astype(np.float32)


@dataclass(frozen=True)
class Calibration:
    """From the signs to the probability that the first intent is meant: a logistic curve over a weighted sum."""

    weights: Floats
    bias: float

    @classmethod
    def learnt(cls, rows: Rows, intents: Ints, count: int) -> Calibration:
        """Every example is asked twice of models that have not seen it: once of one that knows its intent, once of one
        that does not. The second stands for what is out of scope.
        """
        signs: list[Floats] = []
        rights: list[npt.NDArray[np.bool_]] = []
        outside: list[npt.NDArray[np.bool_]] = []
        for known, asked, strange in _parts(rows.dense, intents, count):
            numbers = np.unique(intents[known])
            scorer = Scorer.learnt(rows.some(known), np.searchsorted(numbers, intents[known]), len(numbers))
            scores, inside = scorer.told(rows.some(asked))
            signs += [inside, scorer.told(rows.some(strange))[1]]
            rights += [numbers[scores.argmax(axis=1)] == intents[asked], np.zeros(len(strange), dtype=bool)]
            outside += [np.zeros(len(asked), dtype=bool), np.ones(len(strange), dtype=bool)]
        if not signs:
            return cls(np.asarray([1, 0, 0, 0, 0], dtype=np.float32), 0.0)
        return cls._fitted(np.vstack(signs), np.concatenate(rights), np.concatenate(outside))

    @classmethod
    def _fitted(cls, signs: Floats, rights: npt.NDArray[np.bool_], outside: npt.NDArray[np.bool_]) -> Calibration:
        share = (~outside).sum() / max(outside.sum(), 1) / (ONE_OUTSIDE_IN - 1)
        weights = np.where(outside, share, 1.0)
        centre, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-6
        if rights.all() or not rights.any():
            return cls(np.asarray([1, 0, 0, 0, 0], dtype=np.float32), float(-centre[0]))
        curve = LogisticRegression(C=1.0, max_iter=500).fit((signs - centre) / spread, rights, sample_weight=weights)
        scaled = curve.coef_[0] / spread / TEMPERATURE
        return cls(scaled.astype(np.float32), float(curve.intercept_[0] / TEMPERATURE - scaled @ centre))

    def probability(self, signs: Floats) -> Floats:
        """(n,) between 0 and 1."""
        sure: Floats = 1 / (1 + np.exp(-np.clip(signs @ self.weights + self.bias, -30, 30)))
        return sure


@dataclass(frozen=True)
class IntentModel:
    """What is kept of training."""

    intents: tuple[str, ...]
    space: Space
    scorer: Scorer
    calibration: Calibration

    @classmethod
    def learnt(cls, vectors: Sequence[Floats], texts: Sequence[str], intents: Sequence[str]) -> IntentModel:
        """`vectors`: (n, d) of each encoder; at least two different intents."""
        names = sorted(set(intents))
        numbers = np.searchsorted(names, intents)
        space = Space.learnt(vectors, numbers)
        rows = space.seen(vectors, texts)
        scorer = Scorer.learnt(rows, numbers, len(names))
        return cls(tuple(names), space, scorer, Calibration.learnt(rows, numbers, len(names)))

    def told(self, vectors: Sequence[Floats], texts: Sequence[str]) -> Floats:
        """(n, intents): the first one's is the probability that it is meant, the others keep their proportion to it."""
        scores, signs = self.scorer.told(self.space.seen(vectors, texts))
        shares = _softmax(scores)
        shares *= (self.calibration.probability(signs) / shares.max(axis=1))[:, None]
        return shares


def _parts(dense: Floats, intents: Ints, count: int) -> list[tuple[Ints, Ints, Ints]]:
    """(known, asked, strange): in each part some intents are unknown, and of the others some examples are asked."""
    parts = min(count, 5 if len(intents) < 2500 else 3 if len(intents) < 6000 else 2)
    cut = max(parts, 5)
    group = np.random.default_rng(SEED).permutation(count) % cut
    fold = np.zeros(len(intents), dtype=np.int64)
    for intent in range(count):
        own = np.flatnonzero(intents == intent)
        fold[_in_line(dense, own)] = np.arange(len(own)) * cut // max(len(own), cut) + intent
    fold %= cut
    found = []
    for part in range(parts):
        gone = group[intents] == part
        known = np.flatnonzero(~gone & (fold != part))
        asked = np.flatnonzero(~gone & (fold == part) & np.isin(intents, intents[known]))
        if len(set(intents[known].tolist())) >= 2 and len(asked):
            found.append((known, asked, np.flatnonzero(gone)))
    return found


def _in_line(dense: Floats, own: Ints) -> Ints:
    """An intent's examples along the direction in which they differ most: cut there, a part differs from the rest.

    People write otherwise than those who wrote the examples; a part taken at random would be told too easily.
    """
    if len(own) < 3:
        return own
    centred = dense[own] - dense[own].mean(axis=0)
    _, directions = np.linalg.eigh(centred @ centred.T)
    return own[np.argsort(directions[:, -1], kind="stable")]


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit
