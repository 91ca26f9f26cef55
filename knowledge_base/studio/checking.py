"""What is wrong with an article before it is published, by field, as codes that the page puts into words."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from knowledge_base.content.article import Article
from knowledge_base.content.lint import FEWEST_QUESTIONS, MAX_SENTENCES, sentences
from knowledge_base.content.parsing import MAX_BYTES, parse_article
from knowledge_base.retrieval.text import words
from knowledge_base.studio.form import Form

ANSWER_CHARACTERS = 600  # beyond it the card in the chat is a page
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Runs are bounded, or given up at once: a text of many "<" must not take minutes, and a search waits meanwhile.
# What could run, as a browser would find it; the pages take it out anyway, the writer hears of it.
_SCRIPT = re.compile(
    r"<\s*+/?\s*+(?:script|iframe|object|embed|style|form|svg|math|base|meta|link)\b|<[^<>]{1,500}\bon\w+\s*=|"
    r"\]\(\s*+<?\s*+(?:javascript|vbscript|data)\s*:|(?:href|src)\s*+=\s*+[\"']?\s*+(?:javascript|vbscript|data)\s*:",
    re.IGNORECASE,
)
_HTML = re.compile(r"</?[a-zA-Z][^<>\n]{0,500}>")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_PICTURE_WITHOUT_TEXT = re.compile(r"!\[\s*\]\(")


@dataclass(frozen=True)
class Found:
    """One problem; an error keeps the article from being published, a warning does not."""

    field: str
    code: str
    severity: Literal["error", "warning"] = "error"
    params: dict[str, Any] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As `check` tells it."""
        return {"field": self.field, "code": self.code, "params": self.params, "severity": self.severity}


@dataclass(frozen=True)
class Shelf:
    """What an article is held against: what is published, the topics there are, today."""

    articles: Sequence[Article]
    topics: Collection[str]
    today: date


def check(form: Form, shelf: Shelf) -> list[Found]:
    """Every problem; none of severity error means that it can be published."""
    found = [*_texts(form), *_place(form, shelf), *_questions(form, shelf), *_related(form, shelf), *_body(form)]
    if not any(one.severity == "error" for one in found):
        found += _as_file(form)
    found += _review(form, shelf)
    return found


def _texts(form: Form) -> Iterator[Found]:
    for name in ("title", "answer"):
        if not getattr(form, name).strip():
            yield Found(name, f"{name}_missing")
    if len(form.title) > 200:
        yield Found("title", "title_too_long", params={"characters": len(form.title), "most": 200})
    count = sentences(form.answer)
    if count > MAX_SENTENCES:
        yield Found("answer", "answer_too_long", params={"sentences": count, "most": MAX_SENTENCES})
    elif len(form.answer) > ANSWER_CHARACTERS:
        most = {"characters": len(form.answer), "most": ANSWER_CHARACTERS}
        yield Found("answer", "answer_too_many_characters", params=most)


def _place(form: Form, shelf: Shelf) -> Iterator[Found]:
    if not _ID.fullmatch(form.article_id):
        yield Found("article_id", "id_invalid")
    if not re.fullmatch("[a-z]{2}", form.locale):
        yield Found("locale", "locale_invalid")
    if not _SLUG.fullmatch(form.slug) or len(form.slug) > 100:
        yield Found("slug", "slug_invalid" if form.slug.strip() else "slug_missing")
    for other in shelf.articles:
        if (other.locale, other.slug) == (form.locale, form.slug) and other.id != form.article_id:
            yield Found("slug", "slug_taken", params={"article_id": other.id, "title": other.title})
        if (other.locale, other.id) == (form.locale, form.article_id) and other.slug != form.slug:
            yield Found("slug", "slug_changes", "warning", {"before": other.slug})
    if not form.topic.strip():
        yield Found("topic", "topic_missing", params={"topics": sorted(shelf.topics)})
    elif form.topic.strip() not in shelf.topics:
        yield Found("topic", "topic_unknown", params={"topic": form.topic, "topics": sorted(shelf.topics)})


def _questions(form: Form, shelf: Shelf) -> Iterator[Found]:
    asked = [question for question in form.questions if question.strip()]
    if len(asked) < FEWEST_QUESTIONS:
        code = "few_questions" if asked else "no_question"
        yield Found("questions", code, "warning", {"count": len(asked), "fewest": FEWEST_QUESTIONS})
    own: set[str] = set()
    wanted = {_key(question) for question in asked}
    taken = {
        key: other
        for other in shelf.articles
        if other.locale == form.locale and other.id != form.article_id
        for key in map(_key, other.questions)
        if key in wanted
    }
    for number, question in enumerate(form.questions):
        key = _key(question)
        if len(question) > 500:
            yield Found(f"questions.{number}", "question_too_long", params={"most": 500})
        if key and key in own:
            yield Found(f"questions.{number}", "question_twice", params={"question": question})
        elif key in taken:
            other = taken[key]
            where = {"question": question, "article_id": other.id, "title": other.title}
            yield Found(f"questions.{number}", "question_elsewhere", "warning", where)
        own.add(key)


@lru_cache(maxsize=200_000)
def _key(question: str) -> str:
    return " ".join(words(question))


def _related(form: Form, shelf: Shelf) -> Iterator[Found]:
    known = {article.id for article in shelf.articles}
    for number, other in enumerate(form.related):
        if other == form.article_id:
            yield Found(f"related.{number}", "related_self")
        elif other not in known:
            yield Found(f"related.{number}", "related_unknown", params={"article_id": other})


def _body(form: Form) -> Iterator[Found]:
    size = len(form.body.encode())
    if size > MAX_BYTES - 50_000:
        yield Found("body", "too_large", params={"bytes": size, "most": MAX_BYTES})
        return
    if not form.body.strip():
        yield Found("body", "body_empty", "warning")
    for name in ("body", "answer", "title"):
        text = _CODE.sub(" ", getattr(form, name))
        if script := _SCRIPT.search(text):
            yield Found(name, "script", params={"text": script.group(0)[:60]})
        elif html := _HTML.search(text):
            yield Found(name, "html_removed", "warning", {"text": html.group(0)[:60]})
    if _PICTURE_WITHOUT_TEXT.search(form.body):
        yield Found("body", "picture_without_text", "warning")


def _review(form: Form, shelf: Shelf) -> Iterator[Found]:
    if not form.review_by:
        return
    try:
        day = date.fromisoformat(form.review_by)
    except ValueError:
        yield Found("review_by", "review_by_invalid")
        return
    if day < shelf.today:
        yield Found("review_by", "review_by_past", "warning", {"date": form.review_by})


def _as_file(form: Form) -> Iterator[Found]:
    """Read it as it will be read: what comes back must be what was written."""
    try:
        text, meant = form.markdown(), form.article()
    except ValueError:
        return  # the date, which is told by itself
    if len(text.encode()) > MAX_BYTES:
        yield Found("body", "too_large", params={"bytes": len(text.encode()), "most": MAX_BYTES})
        return
    article, problems = parse_article(text, locale=form.locale, slug=form.slug, path=None)
    if article is None:
        yield Found("body", "unreadable", params={"message": problems[0].message})
    elif article != meant:
        yield Found("body", "not_kept")
