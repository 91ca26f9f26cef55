"""Rows of an import that say what a published article says already: its title, or one of its questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from knowledge_base.content.article import Article
from knowledge_base.retrieval.text import words
from knowledge_base.studio.checking import Found
from knowledge_base.studio.form import Form

SAME, ALIKE = "says_the_same", "means_the_same"


class Twins:
    """What the published articles are called and asked by, folded; made once for a file, so that a row costs little."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self._by_text: dict[tuple[str, str], list[Article]] = {}
        for one in articles:
            for key in {_key(text) for text in (one.title, *one.questions)}:
                self._by_text.setdefault((one.locale, key), []).append(one)

    def warning(self, form: Form) -> dict[str, Any] | None:
        """The first published article, of that language and another id, that says the same."""
        return next((_found(text, one).as_json() for text, one in self._said(form)), None)

    def _said(self, form: Form) -> Iterator[tuple[str, Article]]:
        for text in (form.title, *form.questions):
            for one in self._by_text.get((form.locale, key), []) if (key := _key(text)) else []:
                if one.id != form.article_id:
                    yield text, one


def means_the_same(one: Article) -> dict[str, Any]:
    """A hint: the published article that is about the same, in other words."""
    return Found("title", ALIKE, "warning", {"article_id": one.id, "title": one.title}).as_json()


def _found(text: str, one: Article) -> Found:
    return Found("title", SAME, "warning", {"text": text, "article_id": one.id, "title": one.title})


def _key(text: str) -> str:
    return " ".join(words(text))
