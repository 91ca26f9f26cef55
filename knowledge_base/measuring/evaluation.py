"""A set to measure on: articles, queries, and what an engine did with each query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from knowledge_base.content import jsonlines
from knowledge_base.content.article import Article
from knowledge_base.content.store import ArticleStore
from knowledge_base.retrieval import language

DEPTH = 10


class EvaluationError(ValueError):
    """A file of the set cannot be read; the message names file and line."""


@dataclass(frozen=True)
class Query:
    """A question and the ids of the articles that answer it; none: out of scope."""

    text: str
    relevant: frozenset[str]
    locale: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What an engine did with one query."""

    ranked: list[str]
    confidence: float
    answered: bool
    milliseconds: float


class Contestant(Protocol):
    """An engine under measurement."""

    def ask(self, query: Query) -> Outcome:
        """Rank and decide."""


def read_articles(path: Path) -> tuple[list[Article], dict[str, str]]:
    """Articles, and id → id of the article it was merged into: two with the same texts are one.

    `path` is a file of JSON Lines or a folder of Markdown articles. One id may stand in several languages.
    """
    rows = _from_folder(path) if path.is_dir() else [_article(path, line, row) for line, row in _rows(path)]
    merged = {article.id: article.id for article in rows}
    first_of: dict[Article, str] = {}
    for article in rows:
        first = first_of.setdefault(replace(article, id=""), article.id)
        if _root(merged, first) != _root(merged, article.id):
            merged[_root(merged, article.id)] = _root(merged, first)
    merged = {identity: _root(merged, identity) for identity in merged}
    articles = dict.fromkeys(replace(article, id=merged[article.id]) for article in rows)
    return list(articles), merged


def _root(merged: dict[str, str], identity: str) -> str:
    while merged[identity] != identity:
        identity = merged[identity]
    return identity


def _from_folder(folder: Path) -> list[Article]:
    contents = ArticleStore(folder).scan()
    if contents is None or not (contents.articles or contents.broken):
        raise EvaluationError(f"{folder} holds no article: they are expected as {folder}/fr/….md.")
    if contents.broken:
        first = contents.broken[0]
        raise EvaluationError(f"{first.file}:{first.line}: {first.message}")
    kept = ("id", "locale", "title", "questions", "answer", "body", "topic")
    return [Article(**{name: getattr(article, name) for name in kept}) for article in contents.articles]


def _article(path: Path, line: int, row: dict[str, Any]) -> Article:
    questions = row.get("questions") or []
    if row.get("id") in (None, "") or not isinstance(row["id"], (str, int)):
        raise EvaluationError(f'{path}:{line}: an article needs at least an "id".')
    if not isinstance(questions, list) or not all(isinstance(question, str) for question in questions):
        raise EvaluationError(f'{path}:{line}: "questions" must be a list of texts.')
    names = ("title", "answer", "body", "locale")
    for name in names:
        if not isinstance(row.get(name) or "", str):
            raise EvaluationError(f'{path}:{line}: "{name}" must be a text.')
    title, answer, body, locale = (row.get(name) or "" for name in names)
    return Article(str(row["id"]), locale or language.DEFAULT, title, tuple(questions), answer, body)


def read_queries(path: Path, merged: dict[str, str]) -> list[Query]:
    """Queries, their relevant ids mapped to the merged articles."""
    queries: list[Query] = []
    for line, row in _rows(path):
        relevant, locale = row.get("relevant"), row.get("locale")
        if not isinstance(row.get("query"), str) or not isinstance(relevant, list):
            raise EvaluationError(f'{path}:{line}: a query needs "query" (a text) and "relevant" (a list).')
        if locale is not None and not isinstance(locale, str):
            raise EvaluationError(f'{path}:{line}: "locale" must be a text such as fr.')
        known = frozenset(merged[str(identity)] for identity in relevant if str(identity) in merged)
        if relevant and not known:
            raise EvaluationError(f'{path}:{line}: no article has the id "{relevant[0]}".')
        queries.append(Query(row["query"], known, locale))
    return queries


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = jsonlines.text_of(path)
    except jsonlines.UnreadableError as error:
        raise EvaluationError(str(error)) from error
    for line, row in jsonlines.rows(text):
        if isinstance(row, str):
            raise EvaluationError(f"{path}:{line}: {row}")
        yield line, row
