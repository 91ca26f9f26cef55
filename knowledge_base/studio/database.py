"""The studio's own SQLite file: drafts, what is being published, and the history as it was last read from git."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger()
TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS drafts (
    article_id TEXT NOT NULL, locale TEXT NOT NULL, form TEXT NOT NULL, state TEXT NOT NULL, revision INTEGER NOT NULL,
    base_version TEXT, base_form TEXT, author TEXT NOT NULL, updated_by TEXT NOT NULL, updated_at TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '', approved_by TEXT, publish_at TEXT, scheduled_by TEXT,
    second_person INTEGER NOT NULL DEFAULT 0, publish_problem TEXT, PRIMARY KEY (article_id, locale));
CREATE TABLE IF NOT EXISTS revisions (
    revision INTEGER PRIMARY KEY, article_id TEXT NOT NULL, locale TEXT NOT NULL, form TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS revisions_of ON revisions (article_id, locale);
CREATE TABLE IF NOT EXISTS intents (
    id INTEGER PRIMARY KEY, files TEXT NOT NULL, article_id TEXT, locale TEXT, revision INTEGER, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS beginnings (
    intent INTEGER NOT NULL, article_id TEXT NOT NULL, locale TEXT NOT NULL, revision INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS history (
    number INTEGER PRIMARY KEY, commit_id TEXT NOT NULL, path TEXT NOT NULL, article_id TEXT NOT NULL,
    locale TEXT NOT NULL, gone INTEGER NOT NULL, at TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
    message TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS history_at ON history (path, number);
CREATE INDEX IF NOT EXISTS history_of ON history (article_id, locale, number);
"""
# Columns that came later: a file of an earlier version gets them as a new one does.
ADDED = (
    # Since when a revision is kept for merging alone: when it was saved, or when its draft was published.
    ("revisions", "at", "TEXT NOT NULL DEFAULT '{now}'"),
    ("drafts", "writers", "TEXT NOT NULL DEFAULT '[]'"),
    ("drafts", "approved_before", "TEXT"),
)


class Database:
    """One connection, used by one thread at a time; what a transaction wrote is on the disk when it ends."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        try:
            self._connection = _opened(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # the folder cannot be written, the disk is full
                raise
            _put_aside(path)
            self._connection = _opened(path)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; within another one it is a part of that."""
        with self._lock:
            within = self._connection.in_transaction
            if within:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if bool(self._connection.in_transaction):  # a full disk has ended it already
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """What a SELECT finds."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def get(self, key: str) -> str | None:
        """A value kept by `keep`."""
        found = self.rows("SELECT value FROM meta WHERE key = ?", key)
        return found[0]["value"] if found else None

    def keep(self, key: str, value: str) -> None:
        """Remember a value."""
        with self.transaction() as cursor:
            cursor.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def flush(self) -> None:
        """Write the log into the file and empty it: what was taken away is then in neither."""
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")  # what is taken away is overwritten, not only unlisted
        _sound(str(connection.execute("PRAGMA quick_check(1)").fetchone()[0]))
        connection.executescript(TABLES)
        _complete(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _complete(connection: sqlite3.Connection) -> None:
    for table, column, kind in ADDED:
        if column not in {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}:
            now = datetime.now(UTC).isoformat()
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind.format(now=now)}")


def _sound(found: str) -> None:
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _put_aside(path: Path) -> None:
    """A damaged file stays for whoever can read it: customers are answered meanwhile, and writers can go on."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    path.replace(aside)
    for more in ("-wal", "-shm"):
        rest = path.with_name(path.name + more)
        if rest.exists():
            rest.replace(aside.with_name(aside.name + more))
    log.error("studio_file_damaged", kept_as=str(aside))
