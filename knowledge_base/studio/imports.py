"""Imports by writers: first what would change, row by row; then all of what was chosen at once, or nothing."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from knowledge_base.content import importing
from knowledge_base.content.article import Article, Problem
from knowledge_base.content.importing import Entry, free_name
from knowledge_base.studio import checking, uploads
from knowledge_base.studio.drafts import Person
from knowledge_base.studio.errors import StudioError, not_found
from knowledge_base.studio.form import Form
from knowledge_base.studio.import_alike import Alike, nobody
from knowledge_base.studio.import_row import Row, State
from knowledge_base.studio.import_twins import SAME, Twins, means_the_same
from knowledge_base.studio.jobs import Report
from knowledge_base.studio.landings import Landing, Landings
from knowledge_base.studio.press import Place
from knowledge_base.studio.review import take
from knowledge_base.studio.studio import Studio

Json = dict[str, Any]
KEPT_SECONDS = 3600.0
MOST_KEPT = 6
_STEPS = 4  # reading, checking, and twice as much for what they mean
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Upload:
    """What was sent; `locale` and `topic` are those of rows that name none, `topics` what people call each.

    `faults`: by the file in a packed folder, what its sender found wrong (`{code, params, line}`: it has the pictures);
    `bundle`: the sender's own word for it, told with the dry run.
    """

    name: str
    data: bytes
    locale: str
    topic: str
    topics: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Json] = field(default_factory=dict)
    bundle: str = ""


@dataclass(frozen=True)
class Held:
    """A dry run, kept until it is applied."""

    id: str
    name: str
    rows: tuple[Row, ...]
    at: float
    bundle: str = ""
    uncompared: int = 0

    def as_json(self) -> Json:
        """The result of its job."""
        counts = {
            state: sum(row.state == state for row in self.rows) for state in ("new", "changed", "same", "refused")
        }
        told: Json = {"import": self.id, "name": self.name, "bundle": self.bundle, "uncompared": self.uncompared}
        return told | {"counts": counts, "rows": [row.as_json() for row in self.rows]}

    def whole(self) -> Iterator[Json]:
        """What rules must read to say who may let it land: what it is, then each row that would, and what is online."""
        yield {"name": self.name, "bundle": self.bundle}
        for row in self.rows:
            if row.form is not None and row.state in ("new", "changed"):
                before = Form.of(row.before).as_json() if row.before else None
                yield {"form": row.form.as_json(), "online": before}


@dataclass(frozen=True)
class Wish:
    """What of a dry run is to land; places in `review` become drafts that somebody else must approve.

    `landing`: the name by which whoever wishes it will ask whether it landed.
    """

    with_refused: bool
    replace: bool
    review: frozenset[tuple[str, str]]
    landing: str = ""


class Imports:
    """The dry runs of the last hour, the newest of them."""

    def __init__(self, studio: Studio, alike: Alike = nobody) -> None:
        self._studio, self._alike = studio, alike
        self._held: dict[str, Held] = {}
        self.landings = Landings(studio)

    def get(self, import_id: str) -> Held:
        """Raises StudioError 404."""
        found = self._held.get(import_id)
        if found is None or time.monotonic() - found.at > KEPT_SECONDS:
            raise not_found("import")
        return found

    def dry_run(self, upload: Upload, report: Report) -> Json:
        """What would become of each row; nothing is written. Raises StudioError."""
        with tempfile.TemporaryDirectory(prefix="import-") as folder:
            source = uploads.unpack(upload.name, upload.data, Path(folder))
            try:
                found = importing.read(
                    source,
                    locale=upload.locale,
                    topic=upload.topic,
                    topics=upload.topics,
                    progress=lambda done, total: report(done, _STEPS * total),
                )
            except importing.ImportingError as error:
                raise _unreadable(error, folder) from error
        if len(found.entries) + len(found.problems) > MOST_ROWS:
            raise StudioError("import_rows", 413, f"More than {MOST_ROWS} rows: split the file.", most=MOST_ROWS)
        rows = [_refused(problem, folder, upload.name) for problem in found.problems]
        planned = self._planned(found, folder, upload.name, report)
        sound = [_faulty(row, upload.faults[row.file]) if row.file in upload.faults else row for row in planned]
        hinted, uncompared = self._hinted(sound, report)
        rows += hinted
        rows.sort(key=lambda row: (row.file, row.line))
        held = Held(secrets.token_urlsafe(9), upload.name, tuple(rows), time.monotonic(), upload.bundle, uncompared)
        self._held = dict(list(self._held.items())[1 - MOST_KEPT :]) | {held.id: held}
        return held.as_json()

    def _planned(self, found: importing.Import, folder: str, name: str, report: Report) -> Iterator[Row]:
        articles = self._studio.articles()
        present = {(one.id, one.locale): one for one in articles}
        taken = {path.relative_to(self._studio.folder).as_posix() for path in self._studio.folder.glob("*/*.md")}
        twins = Twins(articles)
        ids = {one.id for one in articles} | {entry.article.id for entry in found.entries.values()}
        for number, (place, entry) in enumerate(found.entries.items(), 1):
            report(len(found.entries) + number, _STEPS * len(found.entries))
            row = self._row(entry, place, present, taken)
            taken.add(row.path)
            checked = self._checked(replace(row, file=_file(entry.file, folder, name)), ids)
            twin = twins.warning(checked.form) if checked.form and checked.state in ("new", "changed") else None
            yield replace(checked, warnings=(twin, *checked.warnings)) if twin else checked

    def _hinted(self, rows: list[Row], report: Report) -> tuple[list[Row], int]:
        """With the published article that means the same (who says the very same is told); how many nobody compared."""
        asked = [
            number
            for number, row in enumerate(rows)
            if row.form and row.state in ("new", "changed") and not any(one["code"] == SAME for one in row.warnings)
        ]
        articles = [form.article() for number in asked if (form := rows[number].form)]
        whole = _STEPS * len(rows)
        found = self._alike(articles, lambda done, total: report(whole // 2 + whole * done // (2 * total), whole))
        for place, one in found.items():
            if one is not None:
                row = rows[asked[place]]
                rows[asked[place]] = replace(row, warnings=(means_the_same(one), *row.warnings))
        return rows, len(asked) - len(found)

    def _row(self, entry: Entry, place: str, present: dict[tuple[str, str], Article], taken: set[str]) -> Row:
        known = present.get((entry.article.id, entry.article.locale))
        path = f"{known.locale}/{known.slug}.md" if known else free_name(place, entry.article.id, taken)
        # An article keeps the address that it has.
        article = replace(entry.article, slug=Path(path).stem)
        state: State = "new" if known is None else "same" if article == known else "changed"
        return Row(entry.file, entry.line, state, Form.of(article), known)

    def _checked(self, row: Row, ids: set[str]) -> Row:
        """Refused when it could not be published from the studio either; what is published already may stay."""
        if row.form is None or row.state == "same":
            return row
        others = [Article(id=name, locale="", title="") for name in row.form.related if name in ids]
        found = checking.check(row.form, checking.Shelf(others, self._studio.topics, self._studio.now().date()))
        errors = [one for one in found if one.severity == "error"]
        if row.form.locale not in self._studio.languages:
            errors.insert(0, checking.Found("locale", "locale_unknown", params={"locale": row.form.locale}))
        warnings = tuple(one.as_json() for one in found if one.severity == "warning")
        if errors:
            return replace(row, state="refused", problem=errors[0].as_json(), before=None)
        return replace(row, warnings=warnings)

    def apply(self, held: Held, wish: Wish, actor: Person, report: Report) -> Json:
        """Publish what was chosen: all of it, by one commit with the writer's name, or nothing. Raises StudioError.

        `review` counts the drafts that are there now for somebody else to read, or were read before: a text that was
        thrown away lately is put back as it was, in review or approved.
        """
        if not wish.with_refused and any(row.state == "refused" for row in held.rows):
            raise StudioError("import_refused_rows", 409, "Some rows are refused: mend them, or leave them out.")
        chosen = [row for row in held.rows if row.state == "new" or (row.state == "changed" and wish.replace)]
        apart = {id(row) for row in chosen if row.form and (row.form.article_id, row.form.locale) in wish.review}
        now = [row for row in chosen if id(row) not in apart]
        # A draft that somebody has begun is not written over: such a row is left.
        review = [row for row in chosen if id(row) in apart and not self._has_draft(row)]
        forms = [row.form for row in now if row.form is not None]
        # Encoded first, so that every question finds them at once, and a cancelled import has changed nothing.
        self._studio.warm([form.article() for form in forms], lambda done, total: report(done, total + 1))
        counts = {"new": sum(row.state == "new" for row in now), "changed": sum(row.state == "changed" for row in now)}
        counts["review"] = len(review)
        with self._studio.changing:
            self._still([*now, *review])
            landing = self.landings.of(wish.landing, counts)
            commit = self._put(review, forms, held.name, actor, landing)
            self.landings.landed(landing)
        self._held.pop(held.id, None)
        left = sum(row.state in ("new", "changed") for row in held.rows) - len(now) - len(review)
        refused = sum(row.state == "refused" for row in held.rows)
        last = {"article_id": forms[-1].article_id, "locale": forms[-1].locale} if forms else None
        return {**counts, "left": left, "refused": refused, "commit": commit, "last": last}

    def _has_draft(self, row: Row) -> bool:
        return row.form is not None and self._studio.drafts.get(row.form.article_id, row.form.locale) is not None

    def _still(self, chosen: Sequence[Row]) -> None:
        """Raises StudioError 409 when what stands there is no longer what the dry run saw."""
        present = {(one.id, one.locale): one for one in self._studio.articles()}
        for row in chosen:
            known = present.get((row.form.article_id, row.form.locale)) if row.form else None
            in_the_way = row.before is None and (self._studio.folder / row.path).exists()
            if known != row.before or in_the_way:
                told = "Articles have changed since the dry run: choose the file again to see what would change now."
                raise StudioError("import_outdated", 409, told)

    def _put(
        self, review: Sequence[Row], forms: Sequence[Form], name: str, actor: Person, landing: Landing
    ) -> str | None:
        files: dict[str, str | None] = {f"{form.locale}/{form.slug}.md": form.markdown() for form in forms}
        drafts: list[Place] = []

        def begin() -> list[Place]:
            for form in (row.form for row in review if row.form):
                place = form.article_id, form.locale
                made = self._studio.save(form, None, actor)["draft"]
                drafts.append((*place, made["revision"]))
                if made["state"] == "draft":  # else it was thrown away lately, and is back as it was
                    take(self._studio, place, "submit", made["revision"], actor, "")
            if self._studio.press.holds(files):  # no commit will say so
                self.landings.note(landing)
            return drafts

        try:
            if not forms:
                with self._studio.database.transaction():
                    begin()
                return None
            said = f"Import {len(files)} articles from “{name}”{landing.line}"
            return self._studio.put(files, said, actor, begin=begin)
        except BaseException:
            for draft in drafts:
                self._studio.discard(*draft)
            raise


def _file(path: str, folder: str, name: str) -> str:
    """As the writer knows it: its place in what was packed, or the name of what was sent."""
    inside = Path(path).relative_to(folder).as_posix() if Path(path).is_relative_to(folder) else path
    return inside if name.lower().endswith(".zip") and inside != "." else name


def _refused(problem: Problem, folder: str, name: str) -> Row:
    code, params = getattr(problem.message, "code", ""), getattr(problem.message, "params", {})
    told = {"code": code or "unreadable", "params": params if code else {"message": problem.message}}
    message = str(problem.message).replace(f"{folder}/", "")
    where = _file(problem.file, folder, name)
    return Row(where, problem.line, "refused", problem={**told, "message": message}, title=problem.title)


def _faulty(row: Row, fault: Json) -> Row:
    problem = {"code": fault["code"], "params": fault["params"], "message": fault["message"]}
    return Row(row.file, int(fault["line"]), "refused", row.form, problem=problem)


def _unreadable(error: Exception, folder: str) -> StudioError:
    told = str(error).replace(f"{folder}/", "")
    return StudioError("import_unreadable", 422, told)
