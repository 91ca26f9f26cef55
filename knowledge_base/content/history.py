"""The git repository of the published articles, by dulwich: no git program is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dulwich import porcelain
from dulwich.errors import NotGitRepository
from dulwich.repo import Repo

RELAIS = "Relais <relais@localhost>"


def commit(folder: Path, paths: Sequence[str], message: str, author: str = RELAIS) -> str | None:
    """Record `paths` (relative; written or deleted) in the folder's own repository.

    Returns the commit's id, None when nothing changed.
    """
    with _repository(folder) as repository:
        present = [path for path in paths if (folder / path).exists()]
        tracked = set(repository.open_index())
        gone = [path for path in paths if path not in present and path.encode() in tracked]
        if present:
            porcelain.add(repository, paths=[str(folder / path) for path in present])
        if gone:
            porcelain.rm(repository, paths=[str(folder / path) for path in gone])
        status = porcelain.status(repository)
        if not any(status.staged.values()):
            return None
        made = porcelain.commit(repository, message=message.encode(), author=author.encode(), committer=RELAIS.encode())
        return str(made.decode())


def _repository(folder: Path) -> Repo:
    try:
        return Repo(str(folder))
    except NotGitRepository:
        folder.mkdir(parents=True, exist_ok=True)
        return Repo.init(str(folder))
