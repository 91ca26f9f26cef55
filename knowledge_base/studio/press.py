"""Puts articles into the folder and into git: all of a change or nothing, whatever stops it half-way.

The order is what makes it safe: the new texts are written beside the old ones and flushed; what is meant is noted in
the studio's file; one commit is made, and from that moment it is published; the texts are moved into place; the note
goes, and the draft with it. Whoever is stopped before the commit has changed nothing, after it the next start goes on.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from knowledge_base.content import history
from knowledge_base.content.store import ArticleStore
from knowledge_base.studio.database import Database

log = structlog.get_logger()
PARTIAL = ".partial"
OUTSIDE = "Changed outside the studio"
Place = tuple[str, str, int]  # the article, the language and the revision of a draft
Begin = Callable[[], Iterable[Place]]  # saves drafts


@dataclass(frozen=True)
class Done:
    """The draft that is done with once its text is published."""

    article_id: str
    locale: str
    revision: int


@dataclass(frozen=True)
class Files:
    """Which files of a folder are published, and which of them are broken (by their paths)."""

    glob: str
    broken: Callable[[Path], set[str]]
    flat: str = ""  # their ending, when they lie in the folder itself


def _broken_articles(folder: Path) -> set[str]:
    # A file that took another one's name holds the text that it should have, in its last commit.
    found = ArticleStore(folder).scan()
    return {Path(problem.file).relative_to(folder).as_posix() for problem in found.broken} if found else set()


ARTICLES = Files("[a-zA-Z][a-zA-Z]/*.md", _broken_articles)


class Press:
    """One at a time: the caller sees to that. `step` is called with the name of each step that was taken."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        now: Callable[[], datetime],
        step: Callable[[str], None],
        files: Files = ARTICLES,
    ) -> None:
        self._folder, self._database, self._now, self._step = folder, database, now, step
        self._published = history.Published(folder, files.flat)
        self._files = files
        self.unfinished = False  # whether something is published and not in place yet
        self._unstaged: set[str] = set()

    def put(
        self,
        files: Mapping[str, str | None],
        message: str,
        author: str,
        done: Done | None = None,
        begin: Begin = tuple,
    ) -> str | None:
        """Publish texts by path (`fr/slug.md`; None takes the article away); returns the commit, None if none changed.

        `begin` saves the drafts that come with it, as a part of the note: without the commit they are gone too.
        Raises OSError or sqlite3.Error, and then nothing was changed.
        """
        contents = {path: None if text is None else text.encode() for path, text in files.items()}
        self.adopt(list(contents))
        number: int | None = None
        try:
            flush = len(contents) <= history.MANY  # of many, all are flushed at once, by the commit before it counts
            for path, content in contents.items():
                if content is not None:
                    _write_beside(self._folder / path, content, flush=flush)
            self._step("staged")
            number = self._note(contents, done, begin)
            self._step("noted")
            commit = history.commit_contents(self._folder, contents, message, author)
        except BaseException:
            self._undo(contents, number)
            raise
        self._step("committed")
        self._finish(contents, number)
        return commit

    def holds(self, files: Mapping[str, str | None]) -> bool:
        """Whether all of it is published already, word for word: it would make no commit."""
        known = self._published.blobs() if files else {}
        return all(
            known.get(path) == (history.blob_id(text.encode()) if text is not None else None)
            for path, text in files.items()
        )

    def adopt(self, paths: list[str] | None = None) -> str | None:
        """Take into the history what was changed in the folder by other means; all of it when no paths are given.

        A broken file is not taken in: what it held before stays the last version.
        """
        if paths is None and not history.has_repository(self._folder):
            return None
        known = self._published.blobs()
        if paths is None or not known:
            here = {path.relative_to(self._folder).as_posix() for path in self._folder.glob(self._files.glob)}
            paths = sorted(here | known.keys())
        changed = [path for path in paths if self._changed(path, known.get(path))]
        if changed:
            broken = self._files.broken(self._folder)
            changed = [path for path in changed if path not in broken]
        return history.commit(self._folder, changed, OUTSIDE) if changed else None

    def settle(self) -> int:
        """Go on with what was interrupted, and clear up; returns how many changes were carried through or taken back.

        Called at the start, before the folder is read, and again later if something failed.
        """
        notes = self._database.rows("SELECT * FROM intents ORDER BY id")
        if notes:
            history.clear_locks(self._folder)
        published = self._published.blobs()
        self.unfinished = False
        for note in notes:
            files: dict[str, str | None] = json.loads(note["files"])
            if all(published.get(path) == blob for path, blob in files.items()):
                self._finish({path: self._published.read(path) for path in files}, note["id"])
            else:
                self._undo(files, note["id"])
        return len(notes)

    def stage(self) -> None:
        """Bring git's index up to what was published; no writer waits for that."""
        if paths := list(self._unstaged):
            self._unstaged.difference_update(paths)
            history.stage(self._folder, paths)

    def clear(self) -> None:
        """Take away what a stopped process left: half-written files, locks of git. For the start alone."""
        for left in self._folder.glob(f".*{PARTIAL}" if self._files.flat else f"*/.*{PARTIAL}"):
            left.unlink(missing_ok=True)
        for begun in self._folder.glob(".begin-*"):
            shutil.rmtree(begun, ignore_errors=True)
        if history.has_repository(self._folder):
            history.clear_locks(self._folder)

    def _changed(self, path: str, blob: str | None) -> bool:
        file = self._folder / path
        if not file.is_file():
            return blob is not None
        try:
            return history.blob_id(file.read_bytes()) != blob
        except OSError:
            return False

    def _note(self, contents: Mapping[str, bytes | None], done: Done | None, begin: Begin) -> int:
        files = {path: None if content is None else history.blob_id(content) for path, content in contents.items()}
        place = (done.article_id, done.locale, done.revision) if done else (None, None, None)
        with self._database.transaction() as cursor:
            made = cursor.execute(
                "INSERT INTO intents (files, article_id, locale, revision, at) VALUES (?, ?, ?, ?, ?)",
                (json.dumps(files), *place, self._now().isoformat()),
            )
            number = int(made.lastrowid or 0)
            begun = [(number, *one) for one in begin()]
            cursor.executemany("INSERT INTO beginnings VALUES (?, ?, ?, ?)", begun)
            return number

    def _finish(self, contents: Mapping[str, bytes | None], number: int) -> None:
        """It is published: nothing here may make a failure of it, what cannot be done now is done by `settle`."""
        try:
            kept = {self._folder / path: content for path, content in contents.items() if content is not None}
            for path, content in kept.items():
                _place(path, content)
            _flush_folders(kept)
            self._step("placed")
            gone = [self._folder / path for path, content in contents.items() if content is None]
            for path in gone:
                path.unlink(missing_ok=True)
            _flush_folders(gone)
            self._forget(number)
            self._unstaged.update(contents)
        except (OSError, sqlite3.Error) as error:
            self.unfinished = True
            log.error("publishing_unfinished", reason=type(error).__name__)  # noqa: TRY400 - a full disk needs no trace

    def _forget(self, number: int) -> None:
        with self._database.transaction() as cursor:
            cursor.execute(
                "DELETE FROM drafts WHERE (article_id, locale, revision) IN"
                " (SELECT article_id, locale, revision FROM intents WHERE id = ?)",
                (number,),
            )
            cursor.execute(  # whoever is still typing can merge for a while
                "UPDATE revisions SET at = ? WHERE (article_id, locale) IN"
                " (SELECT article_id, locale FROM intents WHERE id = ?)",
                (self._now().isoformat(), number),
            )
            _drop(cursor, number)
        self._step("forgotten")

    def _undo(self, paths: Mapping[str, object], number: int | None) -> None:
        for path in paths:
            with suppress(OSError):
                _beside(self._folder / path).unlink(missing_ok=True)
        if number is not None:
            # A note that stays is found at the next start, which sees that nothing was done.
            with suppress(sqlite3.Error), self._database.transaction() as cursor:
                cursor.execute(
                    "DELETE FROM drafts WHERE (article_id, locale, revision) IN"
                    " (SELECT article_id, locale, revision FROM beginnings WHERE intent = ?)",
                    (number,),
                )
                _drop(cursor, number)


def _drop(cursor: sqlite3.Connection, number: int) -> None:
    cursor.execute("DELETE FROM beginnings WHERE intent = ?", (number,))
    cursor.execute("DELETE FROM intents WHERE id = ?", (number,))


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}{PARTIAL}")


def _write_beside(path: Path, content: bytes, *, flush: bool = True) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _beside(path).open("wb") as file:
        file.write(content)
        if flush:
            file.flush()
            os.fsync(file.fileno())


def _place(path: Path, content: bytes) -> None:
    partial = _beside(path)
    if not partial.is_file() or partial.read_bytes() != content:
        if path.is_file() and path.read_bytes() == content:
            return
        _write_beside(path, content)
    partial.replace(path)


def _flush_folders(paths: Iterable[Path]) -> None:
    """Those of the paths, each once: what was moved into them or taken away is then on the disk."""
    for folder in {path.parent for path in paths}:
        held = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(held)
        finally:
            os.close(held)
