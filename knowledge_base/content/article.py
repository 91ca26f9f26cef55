"""What an article is, and how a fault in one is told."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Self

HELP_CENTRE = {"fr": "/aide", "en": "/help"}


class Fault(str):
    """A sentence that says what is wrong, with a code and its figures for who tells it in another language."""

    __slots__ = ("code", "params")
    code: str
    params: dict[str, Any]

    def __new__(cls, sentence: str, code: str, **params: Any) -> Self:
        """The same text as `sentence`."""
        made = super().__new__(cls, sentence)
        made.code, made.params = code, params
        return made


@dataclass(frozen=True)
class Problem:
    """A fault in a file of articles: where it is and what to do."""

    file: str
    line: int
    message: str
    severity: str = "error"
    title: str = ""  # of what cannot be taken, where it has one

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.message}"

    def as_json(self) -> dict[str, str | int]:
        """For the health page and `lint --json`."""
        return {"file": self.file, "line": self.line, "message": self.message, "severity": self.severity}


@dataclass(frozen=True)
class Article:
    """One article in one language. The same `id` in two languages is one article for the customer."""

    id: str
    locale: str
    title: str
    questions: tuple[str, ...] = ()
    answer: str = ""
    body: str = ""
    topic: str = ""
    slug: str = ""
    audience: tuple[str, ...] = ()
    review_by: date | None = None
    related: tuple[str, ...] = ()
    path: Path | None = field(default=None, compare=False)
    lines: dict[str, int] = field(default_factory=dict, compare=False, hash=False)

    @property
    def url(self) -> str:
        """Its page in the help centre, from the root of the public address."""
        return f"{HELP_CENTRE.get(self.locale, '/help')}/{self.slug}"

    @cached_property
    def version(self) -> str:
        """Short hash of what a reader can see; it changes when the text does."""
        content = [self.id, self.locale, self.slug, self.title, self.questions, self.answer, self.body, self.topic]
        content += [self.audience, self.related]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:12]
