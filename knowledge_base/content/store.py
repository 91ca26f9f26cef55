"""The published articles of a folder, read again as the files change. A broken file never takes another one down."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from knowledge_base.content import history
from knowledge_base.content.article import Article, Problem
from knowledge_base.content.parsing import parse_article, read_article

log = structlog.get_logger()
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Contents:
    """The folder at one moment: articles in the order of their paths, what is broken, a revision."""

    articles: tuple[Article, ...] = ()
    broken: tuple[Problem, ...] = ()
    revision: str = "empty"


@dataclass
class _File:
    stamp: Stamp
    article: Article | None
    problems: list[Problem]
    before: Article | None = None  # the other article that it held when it took a name that was taken


@dataclass
class ArticleStore:
    """`<folder>/<locale>/<slug>.md`; a file that breaks keeps its last good version until it is mended or deleted.

    After a restart that is the one of the last commit. When two files name one id in one language, the one that was
    there first keeps it, after a restart the one that is committed.
    """

    folder: Path
    _files: dict[str, _File] = field(default_factory=dict)
    _holders: dict[tuple[str, str], str] = field(default_factory=dict)

    def scan(self) -> Contents | None:
        """Read what changed since the last call; None when nothing did."""
        found = self._stamps()
        changed = [path for path, stamp in found.items() if path not in self._files or self._files[path].stamp != stamp]
        gone = [path for path in self._files if path not in found]
        if not changed and not gone and self._files:
            return None
        for path in gone:
            del self._files[path]
        for path in changed:
            self._read(path, found[path])
        return self._contents()

    def _stamps(self) -> dict[str, Stamp]:
        """By path. It runs several times a second beside the searches: no Path is made, nothing is sorted."""
        found: dict[str, Stamp] = {}
        for folder in _locale_folders(self.folder):
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.endswith(".md") and not entry.name.startswith(".") and entry.is_file():
                        status = entry.stat()
                        found[entry.path] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return found

    def _read(self, path: str, stamp: Stamp) -> None:
        article, problems = read_article(Path(path), Path(path).parent.name)
        known = self._files.get(path)
        last = known.article if known else None
        if article is None:
            article = last or _committed(self.folder, path)
        other = last if last and article and last.id != article.id else known.before if known else None
        self._files[path] = _File(stamp, article, problems, other)

    def _contents(self) -> Contents:
        articles: list[Article] = []
        problems: list[Problem] = []
        holders = self._held()
        for path, file in sorted(self._files.items()):
            problems += file.problems
            if file.article is None:
                continue
            first = holders[file.article.id, file.article.locale]
            if first != path:
                line = file.article.lines.get("id", 2)
                problems.append(
                    Problem(path, line, f'the id "{file.article.id}" is that of {Path(first).name} already.')
                )
                before = file.before or _committed(self.folder, path)
                if before is None or holders.setdefault((before.id, before.locale), path) != path:
                    continue
                articles.append(before)  # it stays what it was: the name it took now is another file's
                continue
            articles.append(file.article)
        self._holders = holders
        versions = "\n".join(f"{article.slug} {article.version}" for article in articles)
        return Contents(tuple(articles), tuple(problems), hashlib.sha256(versions.encode()).hexdigest()[:12])

    def _held(self) -> dict[tuple[str, str], str]:
        """Which file each article is read from."""
        claims: dict[tuple[str, str], list[str]] = {}
        for path, file in sorted(self._files.items()):
            if file.article is not None:
                claims.setdefault((file.article.id, file.article.locale), []).append(path)
        return {key: paths[0] if len(paths) == 1 else self._first(key, paths) for key, paths in claims.items()}

    def _first(self, key: tuple[str, str], paths: list[str]) -> str:
        if self._holders.get(key) in paths:
            return self._holders[key]
        sound = [path for path in paths if not self._files[path].problems] or paths
        return next((path for path in sound if _committed(self.folder, path) is not None), sound[0])


def _committed(folder: Path, path: str) -> Article | None:
    """What a broken file held when it was last published."""
    try:
        found = history.Published(folder).read(Path(path).relative_to(folder).as_posix())
    except Exception:  # noqa: BLE001 - a history that is damaged itself must not keep the other files from being read
        log.warning("history_unreadable", folder=str(folder))
        return None
    if found is None:
        return None
    locale, slug = Path(path).parent.name, Path(path).stem
    return parse_article(found.decode("utf-8-sig", "replace"), locale=locale, slug=slug, path=Path(path))[0]


def _locale_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.is_dir() and len(p.name) == 2 and p.name.isalpha())
