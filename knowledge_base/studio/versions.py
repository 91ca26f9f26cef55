"""Who published what and when: git's history by article, kept in the studio's file so that nobody waits for git."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dulwich.diff_tree import tree_changes
from dulwich.objects import Commit
from dulwich.repo import Repo

from knowledge_base.content import history
from knowledge_base.content.article import Article
from knowledge_base.content.parsing import parse_article
from knowledge_base.studio.database import Database
from knowledge_base.studio.form import Form

_PATH = re.compile(rb"([a-zA-Z]{2})/([^/]+)\.md")
_IDENTITY = re.compile(rb"^id:[ \t]*[\"']?([A-Za-z0-9][\w-]*)[\"']?[ \t]*$", re.MULTILINE)
Place = tuple[str, str]  # article_id, locale
# The last line of the message of what went out at an hour that was set.
SCHEDULED = "Scheduled-for: "
# That of an import: whoever began it asks by this name whether it landed, and with what.
LANDED = "Landed-as: "
_MOST_SCHEDULED = 200


@dataclass(frozen=True)
class Version:
    """One commit that changed an article; `gone` when it took the article away."""

    commit: str
    path: str
    gone: bool
    at: str
    name: str
    email: str
    message: str

    @property
    def by(self) -> dict[str, str] | None:
        """Who wrote it; None when it was no person."""
        return None if f"{self.name} <{self.email}>" == history.RELAIS else {"name": self.name, "email": self.email}

    def as_json(self) -> dict[str, Any]:
        """As a history lists it."""
        said = self.message.partition(f"\n\n{SCHEDULED}")[0].partition(f"\n\n{LANDED}")[0]
        told = {"commit": self.commit, "at": self.at, "author": self.by, "message": said}
        return told | {"action": "archived" if self.gone else "published"}


class Versions:
    """`latest` is by article and language; `sync` takes in the commits that came since."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder, self._database = folder, database
        self._published = history.Published(folder)
        self.latest: dict[Place, Version] = {}
        self._archived: dict[Place, tuple[Version, Article | None]] = {}
        self.changes = 0
        self._load()

    def sync(self) -> None:
        """Read the new commits; all of them when the history is not the one that was known."""
        if not history.has_repository(self._folder):
            return
        with Repo(str(self._folder)) as repository:
            try:
                head = repository.head()
            except KeyError:
                return
            known = (self._database.get("head") or "").encode()
            if known == head:
                return
            commits = _commits(repository, head, known)
            anew = not commits[0].parents
            with self._database.transaction() as cursor:
                if anew:
                    cursor.execute("DELETE FROM history")
                found = [pair for made in commits for pair in _record(cursor, repository, made)]
                self._database.keep("head", head.decode())
        self.latest = {} if anew else dict(self.latest)
        self.latest |= found
        self.changes += 1

    def of(self, article_id: str, locale: str) -> list[Version]:
        """The newest first."""
        rows = self._database.rows(
            "SELECT * FROM history WHERE article_id = ? AND locale = ? ORDER BY number DESC", article_id, locale
        )
        seen: dict[str, Version] = {}
        for version in map(_version, rows):
            if version.commit not in seen or seen[version.commit].gone:  # a new address: one goes, one comes
                seen[version.commit] = version
        return list(seen.values())

    def scheduled(self, since: str) -> list[dict[str, Any]]:
        """What went out at an hour that was set, from that moment on, the oldest first; so many at once."""
        rows = self._database.rows(
            "SELECT * FROM history WHERE gone = 0 AND at >= ? AND instr(message, ?) ORDER BY at, number LIMIT ?",
            since,
            f"\n\n{SCHEDULED}",
            _MOST_SCHEDULED,
        )
        return [_as_scheduled(row) for row in rows]

    def landed(self, landing: str) -> dict[str, Any] | None:
        """What its commit says of an import; None when there is no such commit."""
        sign = f"\n\n{LANDED}{landing} "
        rows = self._database.rows("SELECT message FROM history WHERE instr(message, ?) LIMIT 1", sign)
        return dict(json.loads(rows[0]["message"].rpartition(sign)[2])) if rows else None

    def article_at(self, version: Version) -> Article | None:
        """What a commit made of it, or for one that took it away what it was before."""
        found = self._published.at(version.commit, version.path)
        if found is None and version.gone:
            before = self._before(version)
            found = self._published.at(before, version.path) if before else None
        return _parsed(found, version.path) if found is not None else None

    def form_at(self, article_id: str, locale: str, commit: str) -> Form | None:
        """The article as of a commit in its history."""
        version = next((one for one in self.of(article_id, locale) if one.commit == commit), None)
        article = self.article_at(version) if version else None
        return Form.of(article) if article else None

    def form_of(self, article_id: str, locale: str, version: str) -> Form | None:
        """The article as it was when it had this version."""
        articles = map(self.article_at, self.of(article_id, locale))
        return next((Form.of(one) for one in articles if one is not None and one.version == version), None)

    def archived(self, published: set[Place]) -> dict[Place, Article]:
        """What was published once and is no more, the same object each time: git is asked for what is new alone.

        One at a time: the caller sees to that.
        """
        gone = {place: one for place, one in self.latest.items() if one.gone and place not in published}
        known = {place: kept for place, kept in self._archived.items() if gone.get(place) is kept[0]}
        new = {place: version for place, version in gone.items() if place not in known}
        before = {place: (self._before(version) or "", version.path) for place, version in new.items()}
        texts = self._published.each(before.values())
        for place, version in new.items():
            text = texts.get(before[place])
            known[place] = (version, None if text is None else _parsed(text, version.path))
        self._archived = known
        return {place: article for place, (_, article) in known.items() if article is not None}

    def _before(self, version: Version) -> str | None:
        rows = self._database.rows(
            "SELECT commit_id FROM history WHERE path = ? AND gone = 0 AND number <"
            " (SELECT max(number) FROM history WHERE commit_id = ? AND path = ?) ORDER BY number DESC LIMIT 1",
            version.path,
            version.commit,
            version.path,
        )
        return rows[0]["commit_id"] if rows else None

    def _load(self) -> None:
        rows = self._database.rows("SELECT *, max(number) FROM history GROUP BY article_id, locale")
        self.latest = {(row["article_id"], row["locale"]): _version(row) for row in rows}
        self.changes += 1


def _commits(repository: Any, head: bytes, known: bytes) -> list[Commit]:
    """From the first that is not known to the head; from the very first when `known` is not in the history."""
    made, found = repository[head], []
    while isinstance(made, Commit):
        found.append(made)
        if not made.parents or made.parents[0] == known:
            break
        made = repository[made.parents[0]]
    return found[::-1]


def _record(cursor: sqlite3.Connection, repository: Any, made: Commit) -> list[tuple[Place, Version]]:
    """Write what a commit changed; returns it, the latest of an article last."""
    before = repository[made.parents[0]].tree if made.parents else None
    name, _, email = made.author.decode(errors="replace").partition(" <")
    at = datetime.fromtimestamp(made.author_time, UTC).isoformat()
    message = made.message.decode(errors="replace").strip()
    rows = []
    for change in tree_changes(repository.object_store, before, made.tree):
        gone = change.new is None or change.new.path is None
        entry: Any = change.old if gone else change.new
        found = _PATH.fullmatch(entry.path)
        identity = _IDENTITY.search(repository[entry.sha].data[:20_000]) if found else None
        if found and identity:
            place = (entry.path.decode(errors="replace"), identity.group(1).decode(), found.group(1).decode())
            rows.append((made.id.decode(), *place, gone, at, name, email.rstrip(">"), message))
    rows.sort(key=lambda row: not row[4])  # what goes first: what comes in the same commit is then the latest
    cursor.executemany(
        "INSERT INTO history (commit_id, path, article_id, locale, gone, at, name, email, message)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    return [((row[2], row[3]), Version(row[0], row[1], row[4], *row[5:])) for row in rows]


def _version(row: sqlite3.Row) -> Version:
    names = ("path", "at", "name", "email", "message")
    return Version(commit=row["commit_id"], gone=bool(row["gone"]), **{name: row[name] for name in names})


def _as_scheduled(row: sqlite3.Row) -> dict[str, Any]:
    said, _, meant_for = row["message"].partition(f"\n\n{SCHEDULED}")
    told = {"commit": row["commit_id"], "at": row["at"], "by": _version(row).by, "meant_for": meant_for}
    title = said.removeprefix("Publish “").removesuffix("”")
    return told | {"article_id": row["article_id"], "locale": row["locale"], "title": title}


def _parsed(content: bytes, path: str) -> Article | None:
    locale, _, name = path.partition("/")
    article, _ = parse_article(content.decode("utf-8-sig", "replace"), locale=locale, slug=Path(name).stem, path=None)
    return article
