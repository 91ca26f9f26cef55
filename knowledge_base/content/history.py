"""The git repository of the published articles, by dulwich: no git program is needed.

A commit is made from the last one's tree and the changed articles alone, so that it takes as long with 10,000 articles
as with ten, and what lies staged or half written in the folder gets into none. The branch is moved last, in one step.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dulwich.errors import NotGitRepository
from dulwich.index import index_entry_from_stat
from dulwich.objects import Blob, Commit, Tree
from dulwich.repo import Repo

RELAIS = "Relais <relais@localhost>"
MANY = 50  # files of one commit; beyond it they are made safe together, not one by one
_Repository = Any  # a Repo: its types say less than we know of what it holds
_FILE, _FOLDER = 0o100644, 0o040000


def commit(folder: Path, paths: Sequence[str], message: str, author: str = RELAIS) -> str | None:
    """Record `paths` (relative; written or deleted) as they are in the folder, in its own repository.

    Returns the commit's id, None when nothing changed.
    """
    contents = {path: (folder / path).read_bytes() if (folder / path).is_file() else None for path in paths}
    made = commit_contents(folder, contents, message, author)
    stage(folder, paths)
    return made


def commit_contents(
    folder: Path, contents: Mapping[str, bytes | None], message: str, author: str = RELAIS
) -> str | None:
    """Record what the paths hold from now on (None: gone), whatever the folder holds. Returns the commit's id or None.

    All of it is in the history or nothing. Raises OSError.
    """
    with _alone(folder) as repository:
        many = len(contents) > MANY
        repository.object_store.fsync_object_files = not many
        head = _head(repository)
        before = repository[head].tree if head else None
        tree = _tree(repository, before, contents)
        if tree.id == before:
            return None
        made = Commit()
        made.tree, made.parents = tree.id, [head] if head else []
        made.author, made.committer = author.encode(), RELAIS.encode()
        made.author_time = made.commit_time = int(time.time())
        made.author_timezone = made.commit_timezone = 0
        made.encoding, made.message = b"UTF-8", message.encode()
        repository.object_store.add_object(tree)
        repository.object_store.add_object(made)
        if many:
            os.sync()
        if not repository.refs.set_if_equals(b"HEAD", head, made.id):
            raise OSError("The history of the articles was changed by another program at the same moment.")
        return str(made.id.decode())


def stage(folder: Path, paths: Sequence[str]) -> None:
    """Tell git's index what the paths hold now, for people who use git in the folder; nothing here depends on it."""
    with suppress(OSError), _alone(folder) as repository:
        index = repository.open_index()
        for path in paths:
            name, file = path.encode(), folder / path
            if file.is_file():
                index[name] = index_entry_from_stat(file.stat(), Blob.from_string(file.read_bytes()).id, mode=_FILE)
            elif name in index:
                del index[name]
        index.write()


class Published:
    """What the last commit says; each reading looks anew. A folder without a repository holds nothing."""

    def __init__(self, folder: Path, flat: str = "") -> None:
        self._folder, self._flat = folder, flat.encode()

    def blobs(self) -> dict[str, str]:
        """The id of every article's blob by its path, `fr/slug.md`, or `slug.yml` when it is flat."""
        with _opened(self._folder) as repository:
            head = _head(repository) if repository else None
            if repository is None or head is None:
                return {}
            found = {}
            for place in repository[repository[head].tree].items():
                if self._flat:
                    if place.mode == _FILE and place.path.endswith(self._flat):
                        found[place.path.decode(errors="replace")] = place.sha.decode()
                elif place.mode == _FOLDER and len(place.path) == 2:
                    for item in repository[place.sha].items():
                        if item.path.endswith(b".md"):
                            found[f"{place.path.decode()}/{item.path.decode(errors='replace')}"] = item.sha.decode()
            return found

    def read(self, path: str) -> bytes | None:
        """What the path holds there."""
        with _opened(self._folder) as repository:
            head = _head(repository) if repository else None
            if repository is None or head is None:
                return None
            return _content(repository, repository[head].tree, path)

    def at(self, commit_id: str, path: str) -> bytes | None:
        """What the path held in a commit; None also when there is no such commit."""
        return self.each([(commit_id, path)]).get((commit_id, path))

    def each(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        """What each path held in its commit, where there is such a commit and it held something."""
        found: dict[tuple[str, str], bytes] = {}
        asked = set(wanted)
        if not asked:
            return found
        with _opened(self._folder) as repository:
            last, trees = "", _Once(repository)
            for commit_id, path in sorted(asked) if repository else ():
                if commit_id != last:  # a folder of thousands is read once for all of a commit
                    last, trees = commit_id, _Once(repository)
                made = _commit(repository, commit_id)
                content = _content(trees, made.tree, path) if made else None
                if content is not None:
                    found[commit_id, path] = content
        return found


def blob_id(content: bytes) -> str:
    """As git names it."""
    return str(Blob.from_string(content).id.decode())


def has_repository(folder: Path) -> bool:
    """Whether the folder itself is one; that it lies in another one does not count."""
    return (folder / ".git").exists()


def clear_locks(folder: Path) -> None:
    """Take away the locks that a killed process left behind: git waits for them for ever."""
    with _locked(folder):
        for lock in (folder / ".git").rglob("*.lock"):
            lock.unlink(missing_ok=True)


class _Once(dict[bytes, Any]):
    """What lies in a repository, each read once."""

    def __init__(self, repository: _Repository) -> None:
        super().__init__()
        self._repository = repository

    def __missing__(self, key: bytes) -> Any:
        found = self[key] = self._repository[key]
        return found


def _commit(repository: _Repository, commit_id: str) -> Commit | None:
    key = commit_id.encode()
    made = repository[key] if key and key in repository.object_store else None
    return made if isinstance(made, Commit) else None


def _content(repository: _Repository, tree: bytes, path: str) -> bytes | None:
    for part in path.encode().split(b"/"):
        here = repository[tree]
        if not isinstance(here, Tree) or part not in here:
            return None
        tree = here[part][1]
    return bytes(repository[tree].data)


def _tree(repository: _Repository, before: bytes | None, contents: Mapping[str, bytes | None]) -> Tree:
    """The root tree with the changes; what it needs is stored, itself not yet."""
    root: Tree = repository[before] if before else Tree()
    folders: dict[bytes, Tree] = {}
    for path, content in contents.items():
        place, _, name = path.encode().rpartition(b"/")
        if place not in folders:
            folders[place] = root if not place else repository[root[place][1]] if place in root else Tree()
        if content is None:
            with suppress(KeyError):
                del folders[place][name]
            continue
        blob = Blob.from_string(content)
        repository.object_store.add_object(blob)
        folders[place].add(name, _FILE, blob.id)
    for place, tree in folders.items():
        if place and len(tree):
            repository.object_store.add_object(tree)
            root.add(place, _FOLDER, tree.id)
        elif place and place in root:
            del root[place]
    return root


def _head(repository: _Repository) -> Any:
    try:
        return repository.head()
    except KeyError:
        return None


@contextmanager
def _opened(folder: Path) -> Iterator[_Repository | None]:
    if not has_repository(folder):
        yield None
        return
    with Repo(str(folder)) as repository:
        yield repository


@contextmanager
def _alone(folder: Path) -> Iterator[_Repository]:
    """The repository, made if need be, while no other process of ours commits; after a failure no lock stays."""
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        try:
            with _repository(folder) as repository:
                yield repository
        except BaseException:
            for lock in (folder / ".git").rglob("*.lock"):
                lock.unlink(missing_ok=True)
            raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _begin(folder: Path) -> None:
    """Make the repository, whole or not at all."""
    with tempfile.TemporaryDirectory(prefix=".begin-", dir=folder) as aside:
        Repo.init(aside).close()
        (Path(aside) / ".git").rename(folder / ".git")


def _repository(folder: Path) -> Repo:
    if not has_repository(folder):
        _begin(folder)
    try:
        return Repo(str(folder))
    except NotGitRepository as error:
        raise OSError("The history of the articles cannot be read: its .git is damaged.") from error
