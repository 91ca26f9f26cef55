"""Where questions are compared with questions: the encoders' vectors, freed of what all questions have in common.

What customers wrote is encoded in memory and never put on disk.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from encoder.joint import JointEncoder
from encoder.model import Vectors
from knowledge_base.retrieval.unrelated import unrelated_questions

Integers = npt.NDArray[np.intp]
Report = Callable[[int, int], None]
Asked = tuple[str, str]  # a question as it was written, and its language
CHUNK = 64  # questions encoded between two looks at whether to go on: a quarter of a second
KEPT = 20_000  # vectors remembered, about 2 kB each: grouped again, only what is new is encoded


class Space:
    """Turns questions into unit vectors that lie near when the questions mean the same, in whatever language.

    From each encoder's vector the mean of its language is taken away (of the questions at hand together with a shipped
    bank from elsewhere, so that a handful has a mean too): vectors of questions share a large part that says no more
    than "this is a French question".
    """

    def __init__(self, encoder: JointEncoder) -> None:
        self._encoder = encoder
        self._known: OrderedDict[str, npt.NDArray[np.float16]] = OrderedDict()
        self._bank: dict[str, Vectors] = {}
        self._lock = threading.Lock()
        self._used = time.monotonic()

    def let_go(self, idle_seconds: float) -> bool:
        """Forget all vectors when nobody has asked for so long; True when there were any."""
        with self._lock:
            if not self._known or time.monotonic() - self._used < idle_seconds:
                return False
            self._known.clear()
            return True

    def place(self, questions: Sequence[Asked], report: Report | None = None) -> Vectors:
        """(n, dimension) unit rows in the order of `questions`; what `report` raises ends it."""
        raw = self._encoded([text for text, _ in questions], report)
        locales = np.array([locale for _, locale in questions])
        placed = np.empty_like(raw)
        for locale in dict.fromkeys(locales.tolist()):
            rows = locales == locale
            bank = self._bank_of(locale)
            mean = (raw[rows].sum(0) + bank.sum(0)) / (rows.sum() + len(bank))
            placed[rows] = raw[rows] - mean
        for part in self._encoder.parts:
            placed[:, part] /= np.maximum(np.linalg.norm(placed[:, part], axis=1, keepdims=True), 1e-9)
        unit: Vectors = placed / np.float32(np.sqrt(len(self._encoder.parts)))
        return unit

    def _bank_of(self, locale: str) -> Vectors:
        """The shipped questions of a language, or all where it has none."""
        if locale not in self._bank:
            pairs = unrelated_questions()
            texts = [text for its, text in pairs if its == locale] or [text for _, text in pairs]
            self._bank[locale] = self._encoder.encode(texts, "query")
        return self._bank[locale]

    def _encoded(self, texts: Sequence[str], report: Report | None) -> Vectors:
        """Each text once, those of a length together, what is remembered not again."""
        different = list(dict.fromkeys(texts))
        with self._lock:
            found = {text: self._known[text] for text in different if text in self._known}
        missing = sorted((text for text in different if text not in found), key=len)
        for start in range(0, len(missing), CHUNK):
            if report:
                report(len(found), len(different))
            chunk = missing[start : start + CHUNK]
            found |= dict(zip(chunk, self._encoder.encode(chunk, "query").astype(np.float16), strict=True))
        if report:
            report(len(different), len(different))
        self._remember(found)
        rows = np.array([found[text] for text in texts], dtype=np.float32)
        return rows.reshape(len(texts), self._encoder.dimension)

    def _remember(self, found: dict[str, npt.NDArray[np.float16]]) -> None:
        with self._lock:
            self._used = time.monotonic()
            for text, vector in list(found.items())[-KEPT:]:
                self._known[text] = vector
                self._known.move_to_end(text)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)


def nearest(points: Vectors, count: int) -> Integers:
    """(n, count) rows of the nearest others of each row, in blocks: never a whole square of distances."""
    found = np.empty((len(points), count), dtype=np.intp)
    for start in range(0, len(points), 512):
        block = points[start : start + 512] @ points.T
        block[np.arange(len(block)), np.arange(start, start + len(block))] = -2.0
        found[start : start + len(block)] = np.argpartition(-block, count - 1, axis=1)[:, :count]
    return found


def reduced(points: Vectors, dimensions: int) -> Vectors:
    """Unit rows along the directions in which these questions differ most; the rest is mostly how they are worded."""
    centred = points - points.mean(0)
    _, directions = np.linalg.eigh(centred.T @ centred)  # in ascending order
    return unit_rows(centred @ directions[:, ::-1][:, :dimensions])


def unit_rows(rows: Vectors) -> Vectors:
    """Each row at length 1; a row of nothing stays."""
    unit: Vectors = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return unit
