"""The table of word vectors, kept on disk: a text needs a few rows of its 96 MB.

A row is the 8-bit vector and its float32 scale. Rows are read, not mapped: the system's file cache keeps the common
ones, once for all processes, and gives the memory back when it is short.
"""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from encoder.errors import EncoderError


def write(path: Path, table: npt.NDArray[np.float32]) -> None:
    """Store a (words, dimension) table."""
    rows = np.empty(len(table), dtype=_row(table.shape[1]))
    rows["scale"] = np.maximum(np.abs(table).max(axis=1), 1e-9) / 127
    rows["values"] = np.rint(table / rows["scale"][:, None])
    rows.tofile(path)


class Words:
    """Vectors by token number."""

    def __init__(self, path: Path, dimension: int, *, at_least: int) -> None:
        """Raises EncoderError when the file does not hold whole rows for `at_least` tokens."""
        self._row = _row(dimension)
        size = path.stat().st_size
        if size % self._row.itemsize or size < at_least * self._row.itemsize:
            raise EncoderError(f"{path} is cut short or of another model: delete the folder and build the model again.")
        self._handle = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._handle)

    def vectors(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """float32 (*numbers.shape, dimension)."""
        distinct, where = np.unique(numbers, return_inverse=True)
        handle, size = self._handle, self._row.itemsize
        rows = np.frombuffer(b"".join([os.pread(handle, size, size * n) for n in distinct.tolist()]), dtype=self._row)
        vectors = rows["values"] * rows["scale"][:, None]
        found: npt.NDArray[np.float32] = vectors[where.reshape(-1)].reshape(*numbers.shape, -1)
        return found


def _row(dimension: int) -> np.dtype[Any]:
    return np.dtype([("scale", "<f4"), ("values", "i1", (dimension,))])
