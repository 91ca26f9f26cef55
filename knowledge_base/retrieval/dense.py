"""Vectors of one encoder, and the space learnt from the articles in which questions are compared with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from encoder.model import Vectors

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]
# Share of the plain identity in the covariance within articles. Between .6 and .95 every set measured was level.
SHRINKAGE = 0.85
AXES = 192  # directions of a space that are searched: as good as all of them on every set measured, and twice as fast


@dataclass(frozen=True)
class LeftOut:
    """Units to be ignored, all of one article and locale: how a question is asked of a base that does not hold it."""

    article: int
    units: Ints


@dataclass(frozen=True)
class Space:
    """Vectors seen through the articles themselves: what varies inside one counts for little.

    The covariance within articles, shrunk towards the identity, is divided out, and the mean of the texts and of
    unrelated questions subtracted. That tames hubs and stretches compressed scores, learnt from the articles alone.
    """

    centre: Vectors
    question_centre: Vectors
    transform: Vectors
    axes: Vectors  # (dimension, AXES) main directions of the texts: what is searched

    def questions(self, vectors: Vectors) -> Vectors:
        """(n, AXES) rows for questions."""
        return self.seen(vectors - self.question_centre)

    def texts(self, vectors: Vectors) -> Vectors:
        """(n, AXES) rows for texts of articles."""
        return self.seen(vectors - self.centre)

    def seen(self, centred: Vectors) -> Vectors:
        """(n, AXES) rows of length 1 before the other directions are left out."""
        return _unit(centred @ self.transform) @ self.axes


@dataclass(frozen=True)
class Dense:
    """The units (in the order of their articles) as one encoder sees them; arrays are (units, dimension)."""

    vectors: Vectors
    spaced: Vectors
    sums: Vectors
    centroids: Vectors
    space: Space

    @classmethod
    def of(cls, vectors: Vectors, owners: Ints, articles: int, space: Space) -> Dense:
        """Lay out (units, dimension) vectors as seen in a space; `owners` are the units' articles."""
        sums = _sums(vectors - space.centre, owners, articles)
        return cls(vectors, space.texts(vectors), sums, space.seen(sums), space)

    def near(self, asked: Vectors) -> Vectors:
        """(units,) similarities with a question seen in the learnt space."""
        near: Vectors = self.spaced @ asked
        return near

    def central(self, asked: Vectors, left_out: LeftOut | None = None) -> Vectors:
        """(articles,) similarities of the articles' centres with a question seen in the learnt space."""
        central: Vectors = self.centroids @ asked
        if left_out is not None:
            central[left_out.article] = self._centre_without(left_out, asked)
        return central

    def _centre_without(self, left_out: LeftOut, asked: Vectors) -> float:
        rest = self.sums[left_out.article] - (self.vectors[left_out.units] - self.space.centre).sum(axis=0)
        return float(self.space.seen(rest) @ asked)


def learnt(vectors: Vectors, owners: Ints, articles: int, unrelated: Vectors) -> Space:
    """The space of (units, dimension) vectors; `unrelated`: (n, dimension) vectors of questions from elsewhere."""
    dimension = vectors.shape[1]
    centre = vectors.mean(axis=0) if len(vectors) else np.zeros(dimension, dtype=np.float32)
    question_centre = unrelated.mean(axis=0) if len(unrelated) else centre
    centred = vectors - centre
    counts = np.maximum(np.bincount(owners, minlength=articles), 1)
    within = centred - (_sums(centred, owners, articles) / counts[:, None])[owners]
    covariance = within.T.astype(np.float64) @ within / max(len(within), 1)
    level = float(np.trace(covariance)) / dimension
    transform = np.eye(dimension, dtype=np.float32)
    if level >= 1e-9:  # below it there is one text for each article: nothing to learn from
        shrunk = (1 - SHRINKAGE) * covariance / level + SHRINKAGE * np.eye(dimension)
        values, directions = np.linalg.eigh(shrunk)
        transform = ((directions * values**-0.5) @ directions.T).astype(np.float32)
    return Space(centre, question_centre, transform, _axes(_unit(centred @ transform)))


def _sums(centred: Vectors, owners: Ints, articles: int) -> Vectors:
    """(articles, dimension) sums of rows that stand in the order of their articles."""
    sums = np.zeros((articles, centred.shape[1]), dtype=np.float32)
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    if len(firsts):
        sums[owners[firsts]] = np.add.reduceat(centred, firsts, axis=0)
    return sums


def _axes(texts: Vectors) -> Vectors:
    """(dimension, AXES) directions in which (n, dimension) unit rows vary most."""
    _, directions = np.linalg.eigh(texts.T.astype(np.float64) @ texts)
    return np.ascontiguousarray(directions[:, ::-1][:, :AXES], dtype=np.float32)


def _unit(rows: npt.NDArray[np.floating[Any]]) -> Vectors:
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: Vectors = (rows / np.maximum(norms, 1e-9)).astype(np.float32)
    return unit
