"""Drafts: one for each article and language, each saving a new revision, nobody's work written over."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, Protocol, TypeVar

from knowledge_base.studio.database import Database
from knowledge_base.studio.form import Form

State = Literal["draft", "in_review", "approved"]
Person = dict[str, str]  # {name, email}
KEPT_REVISIONS = 100  # of each article and language: whoever began from one of them can merge
LARGEST_REVISION = 2**63 - 1
GONE_FOR = timedelta(hours=1)
_JSON = ("author", "updated_by", "approved_by", "scheduled_by", "publish_problem", "writers", "approved_before")
_KEPT_GONE = 100  # of those thrown away last: each can be put back as it was, for an hour or two
KEPT_AFTER = timedelta(days=1)  # what was typed, once published: whoever was still typing can merge


class Kept(Protocol):
    """A form: of an article, or of a decision tree (whose locale is empty: it holds all languages)."""

    @property
    def article_id(self) -> str: ...  # noqa: D102
    @property
    def locale(self) -> str: ...  # noqa: D102
    def as_json(self) -> dict[str, Any]: ...  # noqa: D102
    def model_dump_json(self) -> str: ...  # noqa: D102


F = TypeVar("F", bound=Kept)


@dataclass(frozen=True)
class DraftOf(Generic[F]):
    """What is being written; `base_version` is what was published when it began."""

    form: F
    state: State
    revision: int
    base_version: str | None
    base_form: F | None
    author: Person
    updated_by: Person
    updated_at: str
    note: str = ""
    approved_by: Person | None = None
    publish_at: str | None = None
    scheduled_by: Person | None = None
    second_person: bool = False
    publish_problem: dict[str, Any] | None = None
    writers: tuple[Person, ...] = ()  # everybody who wrote in it, once it has been saved twice
    approved_before: Person | None = None  # who approved this very text first, when somebody else did once more

    def says(self, form: F, base_version: str | Literal[False] | None = False) -> bool:
        """Whether this is the text already, and what it began from as far as that is said."""
        return self.form == form and base_version in (False, self.base_version)

    def as_json(self) -> dict[str, Any]:
        """As every answer has it."""
        names = ("state", "revision", "base_version", "author", "updated_by", "updated_at", "note", "approved_by")
        more = ("publish_at", "scheduled_by", "publish_problem", "writers", "approved_before")
        return {"form": self.form.as_json(), **{name: getattr(self, name) for name in (*names, *more)}}


Draft = DraftOf[Form]


class DraftsOf(Generic[F]):
    """All of them are held in memory too, so that lists need no reading."""

    def __init__(self, database: Database, now: Callable[[], datetime], kept: Callable[[str], F]) -> None:
        self._database = database
        self._now = now
        self._kept = kept
        rows = database.rows("SELECT * FROM drafts")
        self._held = {key(draft.form): draft for draft in (_read(row, kept) for row in rows)}
        self._gone: dict[tuple[str, str], tuple[datetime, DraftOf[F]]] = {}
        self.changes = 0  # grows with each change, for those who keep what they made of the drafts

    def get(self, article_id: str, locale: str) -> DraftOf[F] | None:
        """The draft, None when there is none."""
        return self._held.get((article_id, locale))

    def all(self) -> list[DraftOf[F]]:
        """Every draft."""
        return list(self._held.values())

    def form_at(self, article_id: str, locale: str, revision: int) -> F | None:
        """What was saved as this revision, while it is kept."""
        if not 0 < revision <= LARGEST_REVISION:
            return None
        wanted = "SELECT form FROM revisions WHERE revision = ? AND article_id = ? AND locale = ?"
        found = self._database.rows(wanted, revision, article_id, locale)
        return self._kept(found[0]["form"]) if found else None

    def save(self, draft: DraftOf[F]) -> DraftOf[F]:
        """Write it as a new revision."""
        with self._database.transaction() as cursor:
            made = replace(draft, revision=self._next(cursor), updated_at=self._now().isoformat())
            article_id, locale = key(made.form)
            form = made.form.model_dump_json()
            cursor.execute(
                "INSERT INTO revisions (revision, article_id, locale, form, at) VALUES (?, ?, ?, ?, ?)",
                (made.revision, article_id, locale, form, made.updated_at),
            )
            cursor.execute(
                "DELETE FROM revisions WHERE article_id = ?1 AND locale = ?2 AND revision NOT IN (SELECT revision FROM"
                " revisions WHERE article_id = ?1 AND locale = ?2 ORDER BY revision DESC LIMIT ?3)",
                (article_id, locale, KEPT_REVISIONS),
            )
            _write(cursor, made)
        return self._hold(made)

    def change(self, draft: DraftOf[F], **values: Any) -> DraftOf[F]:
        """Write another state of the same revision."""
        made = replace(draft, **values)
        with self._database.transaction() as cursor:
            _write(cursor, made)
        return self._hold(made)

    def delete(self, draft: DraftOf[F]) -> None:
        """Take it away; it is remembered for a while."""
        place = key(draft.form)
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM drafts WHERE article_id = ? AND locale = ?", place)
            cursor.execute("DELETE FROM revisions WHERE article_id = ? AND locale = ?", place)
        self.forget(place)
        self._gone[place] = (self._now(), draft)
        for oldest in list(self._gone)[:-_KEPT_GONE]:
            del self._gone[oldest]

    def thrown_away(self, article_id: str, locale: str) -> DraftOf[F] | None:
        """The last one that was taken away here, as it was."""
        found = self._gone.get((article_id, locale))
        return found[1] if found else None

    def sweep(self) -> int:
        """Let go of what was thrown away, or typed on the way to what is published, a while ago; how many revisions."""
        recent = self._now() - GONE_FOR
        self._gone = {place: kept for place, kept in self._gone.items() if kept[0] > recent}
        old = (
            "FROM revisions AS r WHERE r.at <= ? AND NOT EXISTS (SELECT 1 FROM drafts AS d"
            " WHERE d.article_id = r.article_id AND d.locale = r.locale)"
        )
        before = (self._now() - KEPT_AFTER).isoformat()
        if not self._database.rows(f"SELECT 1 {old} LIMIT 1", before):
            return 0
        with self._database.transaction() as cursor:
            return cursor.execute(
                f"DELETE FROM revisions WHERE revision IN (SELECT revision {old})",  # noqa: S608 - our own words
                (before,),
            ).rowcount

    def forget(self, place: tuple[str, str]) -> None:
        """It was taken away in the file by somebody else's transaction."""
        self._held.pop(place, None)
        self.changes += 1

    def _hold(self, draft: DraftOf[F]) -> DraftOf[F]:
        self._held[key(draft.form)] = draft
        self.changes += 1
        return draft

    def _next(self, cursor: sqlite3.Connection) -> int:
        """Revisions are counted over all drafts: none is ever that of two texts, even when a draft begins again."""
        row = cursor.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()
        number = int(row["value"]) + 1 if row else 1
        cursor.execute("INSERT OR REPLACE INTO meta VALUES ('revision', ?)", (str(number),))
        return number


class Drafts(DraftsOf[Form]):
    """Those of articles."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(database, now, Form.kept)


def key(form: Kept) -> tuple[str, str]:
    """Which draft it is."""
    return form.article_id, form.locale


def same(one: Person, other: Person) -> bool:
    """Whether both are one person."""
    return one["email"].lower() == other["email"].lower()


def _write(cursor: sqlite3.Connection, draft: DraftOf[Any]) -> None:
    values: dict[str, Any] = {name: getattr(draft, name) for name in DraftOf.__dataclass_fields__}
    values |= {name: _dumped(values[name]) for name in _JSON}
    values |= {"form": draft.form.model_dump_json()}
    values["base_form"] = draft.base_form.model_dump_json() if draft.base_form else None
    values |= {"article_id": draft.form.article_id, "locale": draft.form.locale}
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    cursor.execute(f"INSERT OR REPLACE INTO drafts ({names}) VALUES ({places})", values)  # noqa: S608 - our own names


def _read(row: sqlite3.Row, kept: Callable[[str], F]) -> DraftOf[F]:
    values = {name: row[name] for name in DraftOf.__dataclass_fields__}
    for name in _JSON:
        values[name] = json.loads(values[name]) if values[name] else None
    for name in ("form", "base_form"):
        values[name] = kept(values[name]) if values[name] else None
    return DraftOf(**values | {"second_person": bool(values["second_person"]), "writers": tuple(values["writers"])})


def _dumped(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
