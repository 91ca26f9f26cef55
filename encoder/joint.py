"""Several encoders as one: their vectors side by side."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from encoder.model import Encoder, Kind, Vectors


class JointEncoder:
    """The vectors of each encoder, side by side; `parts` tells which columns are whose."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self.encoders = tuple(encoders)
        ends = np.cumsum([encoder.dimension for encoder in self.encoders]).tolist()
        self.parts = tuple(slice(start, end) for start, end in zip([0, *ends], ends, strict=False))
        self.dimension: int = ends[-1]
        # Most of an encoder's time passes outside the interpreter, so another one runs beside it on another core.
        self._beside = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="encoder")

    @property
    def fingerprint(self) -> str:
        """Hash of the encoders' own; one encoder alone keeps its fingerprint."""
        marks = [encoder.fingerprint for encoder in self.encoders]
        return marks[0] if len(marks) == 1 else hashlib.sha256(" ".join(marks).encode()).hexdigest()[:32]

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """float32 (len(texts), dimension); each encoder's part of a row has length 1."""
        first, *others = self.encoders
        beside = [self._beside.submit(encoder.encode, texts, kind) for encoder in others]
        return np.concatenate([first.encode(texts, kind), *(each.result() for each in beside)], axis=1)

    def encode_whole(self, texts: Sequence[str], kind: Kind) -> tuple[Vectors, list[Vectors] | None]:
        """What `encode` returns, and the states of the tokens in the first encoder; None when it does not tell them."""
        first, *others = self.encoders
        if not texts or not first.tells_tokens:
            return self.encode(texts, kind), None
        beside = [self._beside.submit(encoder.encode, texts, kind) for encoder in others]
        vectors, states = first.encode_whole(texts, kind)
        return np.concatenate([vectors, *(each.result() for each in beside)], axis=1), states
