"""The questions asked last, with their vectors: customers ask the same things, and a "no" asks the same one again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from encoder.model import Vectors
from knowledge_base.retrieval.tokens import Codes
from knowledge_base.retrieval.vectors import Encoded, VectorCache

MOST = 512  # questions, about 5 kB each


class RecentQuestions:
    """Encodes questions and remembers the last ones, in memory only: what customers wrote is not put on disk."""

    def __init__(self, cache: VectorCache, most: int = MOST) -> None:
        self._cache, self._most = cache, most
        self._known: OrderedDict[str, tuple[Vectors, Codes]] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Like `VectorCache.encode_now`, but only what was not asked lately is encoded; the vectors are copies."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            made = self._cache.encode_now(missing, "query")
            found |= dict(zip(missing, zip(made.vectors, made.tokens, strict=True), strict=True))
        self._keep({text: found[text] for text in texts})
        vectors = np.array([found[text][0] for text in texts]).reshape(len(texts), self._cache.encoder.dimension)
        return Encoded(vectors, [found[text][1] for text in texts])

    def forget(self) -> None:
        """All of them."""
        with self._lock:
            self._known.clear()

    def _keep(self, asked: dict[str, tuple[Vectors, Codes]]) -> None:
        with self._lock:
            for text, encoded in asked.items():
                self._known[text] = encoded
                self._known.move_to_end(text)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
