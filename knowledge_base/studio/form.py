"""An article as writers edit it, and as the file that it becomes."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from knowledge_base.content.article import Article

MOST_QUESTIONS = 300
NAMES = ("article_id", "locale", "slug", "title", "questions", "answer", "topic", "audience", "review_by", "related")


class Form(BaseModel):
    """Every field may be unfinished: a draft is saved as it is typed, checked when it is published."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    article_id: str = Field("", max_length=100)
    locale: str = Field("", max_length=5)
    slug: str = Field("", max_length=200)
    title: str = Field("", max_length=500)
    questions: tuple[str, ...] = Field((), max_length=MOST_QUESTIONS)
    answer: str = Field("", max_length=10_000)
    topic: str = Field("", max_length=100)
    audience: tuple[str, ...] = Field((), max_length=50)
    review_by: str | None = Field(None, max_length=50)
    related: tuple[str, ...] = Field((), max_length=100)
    body: str = ""

    @field_validator("*")
    @classmethod
    def _clean(cls, value: Any) -> Any:
        if isinstance(value, str):
            return printable(value)
        return tuple(printable(one) for one in value) if isinstance(value, tuple) else value

    @classmethod
    def of(cls, article: Article) -> Form:
        """A published article."""
        same = {name: getattr(article, name) for name in NAMES if name not in ("article_id", "review_by")}
        review = article.review_by.isoformat() if article.review_by else None
        # What stands in the folder may be longer than what a writer may type.
        return cls.model_construct(article_id=article.id, review_by=review, body=article.body, **same)

    @classmethod
    def kept(cls, text: str) -> Form:
        """As it was kept by `model_dump_json`, whatever the limits are now."""
        values: dict[str, Any] = json.loads(text)
        same: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        return cls.model_construct(**same)

    def as_json(self) -> dict[str, Any]:
        """As every answer has it."""
        return self.model_dump(mode="json")

    def at(self, article_id: str, locale: str) -> Form:
        """The same at its place: what the address says counts."""
        return self.model_copy(update={"article_id": article_id, "locale": locale})

    def article(self) -> Article:
        """As it will be read again. Raises ValueError when `review_by` is no date."""
        lists: dict[str, Any] = {
            name: tuple(text for text in map(_line, getattr(self, name)) if text)
            for name in ("questions", "audience", "related")
        }
        return Article(
            id=self.article_id,
            locale=self.locale,
            slug=self.slug,
            title=_line(self.title),
            answer=_line(self.answer),
            topic=_line(self.topic),
            body=self.body.strip(),
            review_by=date.fromisoformat(self.review_by) if self.review_by else None,
            **lists,
        )

    def article_if_possible(self) -> Article:
        """The same, without a date that is none."""
        try:
            return self.article()
        except ValueError:
            return self.model_copy(update={"review_by": None}).article()

    def markdown(self) -> str:
        """The file. Raises ValueError when `review_by` is no date."""
        article = self.article()
        front: dict[str, Any] = {"id": article.id, "title": article.title, "questions": list(article.questions)}
        front |= {"answer": article.answer, "topic": article.topic, "audience": list(article.audience)}
        front |= {"review_by": article.review_by, "related": list(article.related)}
        kept = {name: value for name, value in front.items() if value or name in ("id", "title", "answer")}
        header = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=10_000)
        return f"---\n{header}---\n{article.body}\n"


def _line(text: str) -> str:
    return " ".join(text.split())


def printable(text: str) -> str:
    """Without control characters and halves of characters, which no file can hold; lines end as everywhere."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
