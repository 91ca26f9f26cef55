"""Who published which tree and when, as git knows it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dulwich.diff_tree import tree_changes
from dulwich.repo import Repo

from knowledge_base.content import history
from knowledge_base.studio.versions import Version


class Past:
    """All versions by file name, the newest first; read again when there is a new commit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._head = b""
        self._versions: dict[str, list[Version]] = {}
        self.published = history.Published(folder, ".yml")

    def versions(self) -> dict[str, list[Version]]:
        """By file name."""
        if not history.has_repository(self._folder):
            return {}
        with Repo(str(self._folder)) as repository:
            try:
                head = repository.head()
            except KeyError:
                return {}
            if head != self._head:
                self._versions, self._head = _read(repository), head
        return self._versions

    def content(self, version: Version) -> bytes | None:
        """What the file held then; for one that took it away, what it held before."""
        found = self.published.at(version.commit, version.path)
        if found is None and version.gone:
            known = self.versions().get(version.path, [])
            before = next((one for one in known[known.index(version) + 1 :] if not one.gone), None)
            return self.content(before) if before else None
        return found


def _read(repository: Any) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for made in (walked.commit for walked in repository.get_walker()):
        before = repository[made.parents[0]].tree if made.parents else None
        name, _, email = made.author.decode(errors="replace").partition(" <")
        at = datetime.fromtimestamp(made.author_time, UTC).isoformat()
        message = made.message.decode(errors="replace").strip()
        for change in tree_changes(repository.object_store, before, made.tree):
            gone = change.new is None or change.new.path is None
            entry: Any = change.old if gone else change.new
            path = entry.path.decode(errors="replace")
            version = Version(made.id.decode(), path, gone, at, name, email.rstrip(">"), message)
            found.setdefault(path, []).append(version)
    return found
