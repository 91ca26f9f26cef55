"""One row of an import, and what would become of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from knowledge_base.content.article import Article
from knowledge_base.studio.form import Form

Json = dict[str, Any]
State = Literal["new", "changed", "same", "refused"]
FIELDS = ("title", "questions", "answer", "body", "topic", "audience", "review_by", "related")
SHOWN_CHARACTERS = 2_000


@dataclass(frozen=True)
class Row:
    """A row, and what would become of it; `before` is the article in whose place it would be put."""

    file: str
    line: int
    state: State
    form: Form | None = None
    before: Article | None = None
    problem: Json = field(default_factory=dict)
    warnings: tuple[Json, ...] = ()
    title: str = ""  # of a row that makes no article

    @property
    def path(self) -> str:
        """Its file in the folder of articles."""
        return f"{self.form.locale}/{self.form.slug}.md" if self.form else ""

    def as_json(self) -> Json:
        """As the dry run tells it; long texts are cut."""
        told: Json = {"file": self.file, "line": self.line, "state": self.state, "title": self.title}
        if self.form is not None:
            names = ("article_id", "locale", "slug", "title", "topic", "answer")
            told |= {name: getattr(self.form, name) for name in names} | {"questions": list(self.form.questions)}
            told |= {"changes": list(self._changes(self.form)), "warnings": list(self.warnings)}
        return told | ({"problem": self.problem} if self.problem else {})

    def _changes(self, form: Form) -> Iterator[Json]:
        if self.before is None or self.state == "same":
            return
        known = Form.of(self.before)
        for name in FIELDS:
            before, after = getattr(known, name), getattr(form, name)
            if before != after:
                yield {"field": name, "before": _shown(before), "after": _shown(after)}


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= SHOWN_CHARACTERS else f"{value[:SHOWN_CHARACTERS]}…"
    return list(value) if isinstance(value, tuple) else value
