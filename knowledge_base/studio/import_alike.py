"""Rows of an import that mean the same as a published article: a hint, measured as article health measures duplicates.

A row's title alone is encoded first, and the rest only where it lies near an article: of a large file most rows do not.
What is encoded is kept, so that landing it has that much less to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from encoder.model import Vectors
from knowledge_base.content.article import Article
from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.retrieval.index import Index, units_of
from knowledge_base.retrieval.vectors import Progress
from knowledge_base.studio.duplicates import ALIKE, ASKED, Rows, rows_of, spaced_units
from knowledge_base.studio.space import unit_rows

# What a title and the centre of an article's questions share at least: 162 of 169 pairs are found all the same.
NEAR = 0.33
PATIENCE_SECONDS = 8.0  # after which the other rows are left as they are: it is a hint, and somebody waits
_AT_ONCE = 64
Alike = Callable[[Sequence[Article], Progress], dict[int, Article | None]]


def nobody(articles: Sequence[Article], _: Progress) -> dict[int, Article | None]:
    """Where nothing is encoded."""
    return dict.fromkeys(range(len(articles)))


class AlikeRows:
    """Asked once for a file."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._knowledge = knowledge

    def __call__(self, articles: Sequence[Article], report: Progress) -> dict[int, Article | None]:
        """By place in `articles` the published one, of its language and another id, that means the same.

        Those that are not in it were not compared: there was no time.
        """
        snapshot = self._knowledge.snapshot
        if snapshot is None or snapshot.engine is None:
            return nobody(articles, report)
        index = snapshot.engine.index
        units, end = spaced_units(index), time.monotonic() + PATIENCE_SECONDS
        elsewhere = (number for number, one in enumerate(articles) if one.locale not in index.spellers)
        compared: dict[int, Article | None] = dict.fromkeys(elsewhere)
        for locale in sorted(index.spellers):
            rows = rows_of(index, units, locale)
            numbers = [number for number, one in enumerate(articles) if one.locale == locale]
            for start in range(0, len(numbers), _AT_ONCE):
                if start and time.monotonic() > end:  # the first ones of each language always
                    break
                report(len(compared), len(articles))
                some = numbers[start : start + _AT_ONCE]
                compared |= zip(some, self._compared(index, rows, [articles[number] for number in some]), strict=True)
        return compared

    def _compared(self, index: Index, rows: Rows, articles: list[Article]) -> list[Article | None]:
        near = self._near(index, rows, [one.title for one in articles]) if rows.numbers else [False] * len(articles)
        close = [one for one, is_near in zip(articles, near, strict=True) if is_near]
        alike = iter(self._alike(index, rows, close) if close else [])
        return [next(alike) if is_near else None for is_near in near]

    def _near(self, index: Index, rows: Rows, titles: list[str]) -> list[bool]:
        asked = self._placed(index, titles)
        centres = unit_rows(rows.rows[:, : asked.shape[1]])
        return [bool((centres @ one).max() >= NEAR) for one in asked]

    def _alike(self, index: Index, rows: Rows, articles: list[Article]) -> list[Article | None]:
        parts = [_parts(one) for one in articles]
        texts = list(dict.fromkeys(text for asks, answer in parts for text in (*asks, answer)))
        placed = dict(zip(texts, self._placed(index, texts), strict=True))
        found = []
        for article, (asks, answer) in zip(articles, parts, strict=True):
            centre = unit_rows(np.mean([placed[text] for text in asks], axis=0, keepdims=True))[0]
            both = (np.concatenate([centre, placed[answer]]) / np.sqrt(2)).astype(np.float32)
            likeness: Vectors = rows.rows @ both
            found.append(_best(index, rows, likeness, article))
        return found

    def _placed(self, index: Index, texts: list[str]) -> Vectors:
        """(n, dimension) unit rows, as the texts of the index are."""
        vectors = self._knowledge.encode_texts(texts)
        of_each = zip(index.parts, index.dense, strict=True)
        return unit_rows(np.concatenate([dense.space.texts(vectors[:, part]) for part, dense in of_each], axis=1))


def _parts(article: Article) -> tuple[list[str], str]:
    """What asks, and what answers, as ``duplicates`` takes them."""
    units = units_of(article)
    asks = [text for field, text, _ in units if field in ASKED] or [text for _, text, _ in units]
    answers = [text for field, text, _ in units if field == "answer"]
    passages = [text for field, text, _ in units if field == "passage"]
    return asks, (answers or passages or asks)[0]


def _best(index: Index, rows: Rows, likeness: Vectors, article: Article) -> Article | None:
    for place in np.argsort(-likeness)[:3]:
        if likeness[place] < ALIKE:
            return None
        one: Article = index.by_locale[rows.numbers[place]][article.locale]
        # One says for some what the other says for all; and its own former text is no other article.
        if one.id != article.id and one.audience == article.audience:
            return one
    return None
