"""Published articles that say the same: every two of a language are compared by the vectors that the index holds.

An article is one row: the centre of its questions and title beside its answer, so that questions on one matter with
different answers stay apart, as do answers that merely sound alike. Of the shipped articles, which all differ, one
pair in each language lies above ``ALIKE``; of articles cut in two, each half with other questions and the same answer,
it finds 25 of 30.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from encoder.model import Vectors
from knowledge_base.content.article import Article
from knowledge_base.knowledge import KnowledgeBase, Snapshot
from knowledge_base.retrieval.index import Index
from knowledge_base.studio.space import unit_rows
from service.typography import typeset

Json = dict[str, Any]
Integers = npt.NDArray[np.intp]
ALIKE = 0.68
MOST = 500  # pairs, the likest
_SHARED, _SHOWN = 0.55, 3  # what two questions share at least to be shown beside each other
_BLOCK = 512
ASKED = ("question", "title")


@dataclass(frozen=True)
class Rows:
    """Articles of one language: their number in the index, their row, and the units that ask."""

    numbers: list[int]
    rows: Vectors
    asked: list[list[int]]


class Duplicates:
    """Compares once for each snapshot; whoever asks meanwhile waits for that."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._knowledge = knowledge
        self._lock = threading.Lock()
        self._made: tuple[Index, Json] | None = None

    def pairs(self) -> Json:
        """`{revision, pairs: [{locale, score, articles: [two], shared: [[text, text]]}]}`, the likest first."""
        snapshot = self._knowledge.snapshot
        if snapshot is None or snapshot.engine is None:
            return {"revision": "", "pairs": []}
        with self._lock:
            index = snapshot.engine.index
            if self._made is None or self._made[0] is not index:
                self._made = (index, _compared(snapshot, index))
            return self._made[1]


def _compared(snapshot: Snapshot, index: Index) -> Json:
    spaced = spaced_units(index)
    found: list[tuple[float, Json]] = []
    for locale in sorted(index.spellers):
        rows = rows_of(index, spaced, locale)
        articles = [index.by_locale[number][locale] for number in rows.numbers]
        audiences = sorted({article.audience for article in articles})
        kinds = np.array([audiences.index(article.audience) for article in articles], dtype=np.intp)
        for score, one, other in alike(rows.rows, kinds):
            shared = _shared(index, spaced, rows.asked[one], rows.asked[other])
            told = [_told(articles[place]) for place in (one, other)]
            found.append((score, {"locale": locale, "score": round(score, 3), "articles": told, "shared": shared}))
    found.sort(key=lambda pair: -pair[0])
    return {"revision": snapshot.contents.revision, "pairs": [pair for _, pair in found[:MOST]]}


def spaced_units(index: Index) -> Vectors:
    """(units, dimension) unit rows, of all encoders beside each other."""
    return unit_rows(np.concatenate([dense.spaced for dense in index.dense], axis=1))


def rows_of(index: Index, spaced: Vectors, locale: str) -> Rows:
    """The articles of a language; `spaced` are those of `spaced_units`."""
    numbers, rows, asked = [], [], []
    for number, versions in enumerate(index.by_locale):
        if locale not in versions:
            continue
        span = range(index.starts[number], index.starts[number] + index.counts[number])
        own = [unit for unit in span if index.units[unit].locale == locale]
        asks = [unit for unit in own if index.units[unit].field in ASKED] or own
        # An answer that its text begins with is not there twice: then the first passage has it.
        answers = [unit for unit in own if index.units[unit].field == "answer"] or [
            unit for unit in own if index.units[unit].field == "passage"
        ]
        centre = spaced[asks].mean(axis=0, keepdims=True)
        rows.append(np.concatenate([unit_rows(centre)[0], spaced[(answers or asks)[0]]]))
        numbers.append(number)
        asked.append(asks)
    width = 2 * spaced.shape[1]
    both = np.array(rows, dtype=np.float32).reshape(len(rows), width) / np.float32(np.sqrt(2))
    return Rows(numbers, both, asked)


def alike(rows: Vectors, kinds: Integers) -> list[tuple[float, int, int]]:
    """The likest `MOST` pairs of a kind above the threshold, in blocks: never a whole square, nor all of its pairs.

    `kinds`: by whom each is read; what one says for some, and the other for all, is not said twice.
    """
    found: list[tuple[float, int, int]] = []
    for start in range(0, len(rows), _BLOCK):
        likeness = rows[start : start + _BLOCK] @ rows[start:].T
        likeness[kinds[start : start + _BLOCK, None] != kinds[None, start:]] = -1
        ones, others = np.nonzero(np.triu(likeness >= ALIKE, 1))
        scores = likeness[ones, others]
        likest = np.argsort(-scores, kind="stable")[:MOST]
        found += [(float(scores[at]), start + int(ones[at]), start + int(others[at])) for at in likest]
        found = sorted(found, key=lambda pair: -pair[0])[:MOST]
    return found


def _shared(index: Index, spaced: Vectors, one: list[int], other: list[int]) -> list[list[str]]:
    """The questions that are nearest to each other, each named once."""
    likeness = spaced[one] @ spaced[other].T
    found: list[list[str]] = []
    while len(found) < _SHOWN:
        place = int(np.argmax(likeness))
        row, column = divmod(place, likeness.shape[1])
        if likeness[row, column] < _SHARED:
            break
        found.append([typeset(index.units[one[row]].shown), typeset(index.units[other[column]].shown)])
        likeness[row, :], likeness[:, column] = -1, -1
    return found


def _told(article: Article) -> Json:
    told = {"article_id": article.id, "locale": article.locale, "title": typeset(article.title)}
    return told | {"topic": article.topic, "version": article.version, "url": article.url}
