"""Messages as rows of numbers in which intents are easily told apart: vectors seen through the intents, and letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# Share of the plain identity in the covariance within intents; level between .4 and .8 on every set measured.
SHRINKAGE = 0.6
# Length of the n-grams' part of a row, where a vector's part is 1; level between .4 and 1.
LETTERS = 0.7
# Places of the n-grams. They are hashed: nothing to learn or keep, and what training never saw does no harm.
PLACES = 4096
WORDS = {"token_pattern": r"(?u)\b\w+\b"}  # also those of one letter


@dataclass(frozen=True)
class View:
    """One encoder's vectors with what varies inside an intent divided out (as in the search's own spaces)."""

    centre: Floats
    transform: Floats

    @classmethod
    def learnt(cls, vectors: Floats, intents: Ints) -> View:
        """From (n, d) vectors and the n numbers of their intents."""
        centre = vectors.mean(axis=0)
        centred = vectors - centre
        sums = np.zeros((int(intents.max()) + 1, vectors.shape[1]), dtype=np.float32)
        np.add.at(sums, intents, centred)
        counts = np.maximum(np.bincount(intents, minlength=len(sums)), 1).astype(np.float32)
        within = centred - (sums / counts[:, None])[intents]
        covariance = within.T @ within / max(len(within), 1)
        level = float(np.trace(covariance)) / len(covariance)
        if level < 1e-9:  # one example for each intent: nothing varies
            return cls(centre, np.eye(len(covariance), dtype=np.float32))
        shrunk = (1 - SHRINKAGE) * covariance / level + SHRINKAGE * np.eye(len(covariance))
        values, directions = np.linalg.eigh(shrunk)
        return cls(centre, ((directions * values**-0.5) @ directions.T).astype(np.float32))

    def seen(self, vectors: Floats) -> Floats:
        """(n, d) rows of length 1."""
        moved = (vectors - self.centre) @ self.transform
        unit: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
        return unit.astype(np.float32)


class Letters:
    """Character and word n-grams, counted, damped and scaled to length LETTERS. Learns nothing."""

    def __init__(self) -> None:
        plain: dict[str, Any] = {"strip_accents": "unicode", "norm": None, "alternate_sign": False, "dtype": np.float32}
        self._parts = (
            HashingVectorizer(analyzer="char_wb", ngram_range=(2, 4), n_features=PLACES, **plain),
            HashingVectorizer(ngram_range=(1, 2), n_features=PLACES, **plain, **WORDS),
        )

    def seen(self, texts: Sequence[str]) -> csr_matrix:
        """(n, 2 * PLACES), sparse."""
        counts = hstack([part.transform(texts) for part in self._parts], format="csr").log1p()
        lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        counts.data *= np.repeat((LETTERS / np.maximum(lengths, 1e-9)).astype(np.float32), np.diff(counts.indptr))
        return counts


@dataclass(frozen=True)
class Rows:
    """Messages as the models see them: dense (n, d) and sparse (n, p)."""

    dense: Floats
    sparse: csr_matrix

    def __len__(self) -> int:
        return len(self.dense)

    def some(self, places: Ints) -> Rows:
        """Those at `places`."""
        return Rows(self.dense[places], self.sparse[places])


@dataclass(frozen=True)
class Space:
    """All views side by side, and the letters."""

    views: tuple[View, ...]

    @classmethod
    def learnt(cls, vectors: Sequence[Floats], intents: Ints) -> Space:
        """From (n, d) vectors of each encoder."""
        return cls(tuple(View.learnt(part, intents) for part in vectors))

    def seen(self, vectors: Sequence[Floats], texts: Sequence[str]) -> Rows:
        """`vectors`: those of each encoder, in the order learnt with."""
        parts = [view.seen(part) for view, part in zip(self.views, vectors, strict=True)]
        dense = np.hstack(parts) if parts else np.zeros((len(texts), 0), dtype=np.float32)
        return Rows(dense, Letters().seen(texts))
