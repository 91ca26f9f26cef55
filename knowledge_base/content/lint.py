"""Checks a folder of articles as a careful editor would: what is broken, and what could be better."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from knowledge_base.content.article import Article, Problem
from knowledge_base.content.store import ArticleStore
from knowledge_base.retrieval.text import words

MAX_SENTENCES = 3
FEWEST_QUESTIONS = 4
TOPICS = frozenset(
    {"delivery", "orders", "returns", "refunds", "damaged", "guarantee", "payment", "account", "loyalty", "promotions"}
    | {"products", "shops", "business", "contact"}
)
# A full stop, a question or exclamation mark, then a new sentence: "4.90 €" and "e.g. this" hold none.
_SENTENCE_END = re.compile(r"[.!?…](?=[\s\u202f\u00a0»”\")]+[«“\"(]?\s*[A-ZÀ-Ý0-9])|[.!?…]\W*$")


def lint(folder: Path, *, topics: Iterable[str] = TOPICS, today: date | None = None) -> list[Problem]:
    """Every problem of the folder, by file and line."""
    if not folder.is_dir():
        return [Problem(str(folder), 1, "is not a folder of articles.")]
    contents = ArticleStore(folder).scan()
    if contents is None or not (contents.articles or contents.broken):
        return [Problem(str(folder), 1, "holds no article: they belong in fr/ and en/, one .md file each.")]
    problems = list(contents.broken)
    known = {article.id for article in contents.articles}
    for article in contents.articles:
        problems += _article(article, known, frozenset(topics), today or datetime.now(UTC).date())
    problems += _twins(contents.articles)
    problems += _same_questions(contents.articles)
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.message))


def sentences(text: str) -> int:
    """How many sentences a text has."""
    return max(1, len(_SENTENCE_END.findall(text.strip()))) if text.strip() else 0


def _at(article: Article, key: str, message: str, severity: str = "error") -> Problem:
    return Problem(
        str(article.path), article.lines.get(key, article.lines.get(key.partition(".")[0], 2)), message, severity
    )


def _article(article: Article, known: set[str], topics: frozenset[str], today: date) -> Iterator[Problem]:
    if not article.topic:
        yield _at(article, "topic", f"the topic is missing: one of {', '.join(sorted(topics))}.")
    elif article.topic not in topics:
        yield _at(article, "topic", f'unknown topic "{article.topic}": one of {", ".join(sorted(topics))}.')
    count = sentences(article.answer)
    if count > MAX_SENTENCES:
        yield _at(
            article, "answer", f"the answer has {count} sentences: keep {MAX_SENTENCES}, the body holds the rest."
        )
    for number, other in enumerate(article.related):
        if other not in known:
            yield _at(article, f"related.{number}", f'the related article "{other}" does not exist.')
        elif other == article.id:
            yield _at(article, f"related.{number}", "the article names itself as related.")
    if len(article.questions) < FEWEST_QUESTIONS:
        message = f"{len(article.questions)} questions: {FEWEST_QUESTIONS} or more, in customers' words, make it found."
        yield _at(article, "questions", message, "warning")
    if not article.body:
        yield _at(article, "title", "the body is empty: the help page will show the short answer only.", "warning")
    if article.review_by and article.review_by < today:
        yield _at(article, "review_by", f"was to be reviewed by {article.review_by}.", "warning")


def _twins(articles: Sequence[Article]) -> Iterator[Problem]:
    locales = sorted({article.locale for article in articles})
    by_id: dict[str, dict[str, Article]] = defaultdict(dict)
    for article in articles:
        by_id[article.id][article.locale] = article
    for versions in by_id.values():
        first = next(iter(versions.values()))
        for locale in locales:
            if locale not in versions:
                yield _at(first, "id", f'"{first.id}" does not exist in "{locale}".', "warning")


def _same_questions(articles: Sequence[Article]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], tuple[Article, int]] = {}
    for article in articles:
        for number, question in enumerate(article.questions):
            key = (article.locale, " ".join(words(question)))
            first, _ = seen.setdefault(key, (article, number))
            if (first, _) != (article, number):
                where = "above" if first is article else f'in "{first.id}"'
                yield _at(article, f"questions.{number}", f'"{question}" is there already, {where}: keep one.')
