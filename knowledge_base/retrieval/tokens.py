"""Texts compared token by token, for the first articles of a ranking.

Late interaction (Khattab and Zaharia, ColBERT, SIGIR 2020): each token of the question looks for its nearest token of
the text, and the similarities are averaged. The states are the encoder's own, without training: the mean of unrelated
questions' tokens is taken off, which e5's crowded states need, and their main directions kept, as 8-bit numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from encoder.model import Kind, Vectors
from knowledge_base.retrieval.dense import Floats, Ints

DIRECTIONS = 64
LEVELS = 127.0
Codes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Lens:
    """How token states are seen: a (dimension,) mean for each kind, and (dimension, DIRECTIONS) main directions."""

    means: dict[Kind, Vectors]
    directions: Vectors

    @classmethod
    def of(cls, states: dict[Kind, list[Vectors]]) -> Lens:
        """Learn it from the token states of some texts, encoded as each kind."""
        means = {kind: np.concatenate(rows).mean(axis=0) for kind, rows in states.items()}
        unit = _unit(np.concatenate(states["passage"]) - means["passage"])
        _, directions = np.linalg.eigh(unit.T.astype(np.float64) @ unit)
        return cls(means, np.ascontiguousarray(directions[:, ::-1][:, :DIRECTIONS], dtype=np.float32))

    def codes(self, states: Vectors, kind: Kind) -> Codes:
        """(tokens, DIRECTIONS) unit rows in 8 bits."""
        seen = _unit(_unit(states - self.means[kind]) @ self.directions)
        codes: Codes = np.rint(seen * LEVELS).astype(np.int8)
        return codes


@dataclass(frozen=True)
class Tokens:
    """The coded tokens of all units, one after the other; unit u has rows starts[u] to starts[u + 1]."""

    codes: Codes
    starts: Ints

    @classmethod
    def of(cls, coded: Sequence[Codes]) -> Tokens:
        """Lay them out."""
        starts = np.concatenate([[0], np.cumsum([len(codes) for codes in coded])]).astype(np.int64)
        return cls(np.concatenate(coded) if coded else np.zeros((0, DIRECTIONS), dtype=np.int8), starts)

    def each(self) -> list[Codes]:
        """The coded tokens of each unit."""
        return [self.codes[start:end] for start, end in zip(self.starts[:-1], self.starts[1:], strict=True)]

    def likeness(self, question: Codes, units: Ints) -> Floats:
        """(len(units),) mean over the question's tokens of the nearest token of each unit."""
        likeness = np.zeros(len(units))
        sizes = self.starts[units + 1] - self.starts[units]
        held = units[sizes > 0]
        if not len(held) or not len(question):
            return likeness
        rows = np.concatenate([self.codes[self.starts[unit] : self.starts[unit + 1]] for unit in held])
        near = rows.astype(np.float32) @ (question.T.astype(np.float32) / LEVELS**2)
        firsts = np.concatenate([[0], np.cumsum(sizes[sizes > 0])[:-1]])
        likeness[sizes > 0] = np.maximum.reduceat(near, firsts, axis=0).mean(axis=1)
        return likeness


def _unit(rows: Vectors) -> Vectors:
    unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit
