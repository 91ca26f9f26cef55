"""Logistic regression on a handful of numbers: small enough not to need a library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knowledge_base.retrieval.dense import Floats

RIDGE = 1.0
STEPS = 30


@dataclass(frozen=True)
class Logistic:
    """Weights over standardised columns; the last weight is the constant."""

    means: Floats
    scales: Floats
    weights: Floats

    @classmethod
    def fit(cls, rows: Floats, labels: Floats, sample_weights: Floats) -> Logistic:
        """Newton's method; the constant is not held back by the ridge. A number not known (nan) counts as average."""
        known = ~np.isnan(rows)
        means = np.where(known, rows, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        rows = np.where(known, rows, means)
        scales = rows.std(axis=0) + 1e-6
        design = np.c_[(rows - means) / scales, np.ones(len(rows))]
        held = np.diag([*([RIDGE] * rows.shape[1]), 1e-6])
        beta: Floats = np.zeros(design.shape[1])
        for _ in range(STEPS):
            chance = _chance(design @ beta)
            slope = design.T @ (sample_weights * (labels - chance)) - held @ beta
            curve = (design * (sample_weights * chance * (1 - chance))[:, None]).T @ design + held
            step = np.linalg.solve(curve, slope)
            beta = beta + step
            if float(np.abs(step).max()) < 1e-6:
                break
        return cls(means, scales, beta)

    def probability(self, rows: Floats) -> Floats:
        """(n,) probabilities for (n, columns) rows."""
        rows = np.where(np.isnan(rows), self.means, rows)
        return _chance((rows - self.means) / self.scales @ self.weights[:-1] + self.weights[-1])


def _chance(logits: Floats) -> Floats:
    chance: Floats = 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))
    return chance
