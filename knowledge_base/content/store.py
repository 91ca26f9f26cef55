"""The published articles of a folder, read again as the files change. A broken file never takes another one down."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from knowledge_base.content.article import Article, Problem
from knowledge_base.content.parsing import read_article

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


@dataclass
class ArticleStore:
    """`<folder>/<locale>/<slug>.md`; a file that breaks keeps its last good version until it is mended or deleted."""

    folder: Path
    _files: dict[str, _File] = field(default_factory=dict)

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
        self._files[path] = _File(stamp, article or (known.article if known else None), problems)

    def _contents(self) -> Contents:
        articles: list[Article] = []
        problems: list[Problem] = []
        taken: dict[tuple[str, str], str] = {}
        for path, file in sorted(self._files.items()):
            problems += file.problems
            if file.article is None:
                continue
            first = taken.setdefault((file.article.id, file.article.locale), path)
            if first != path:
                line = file.article.lines.get("id", 2)
                problems.append(
                    Problem(path, line, f'the id "{file.article.id}" is that of {Path(first).name} already.')
                )
                continue
            articles.append(file.article)
        versions = "\n".join(f"{article.slug} {article.version}" for article in articles)
        return Contents(tuple(articles), tuple(problems), hashlib.sha256(versions.encode()).hexdigest()[:12])


def _locale_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.is_dir() and len(p.name) == 2 and p.name.isalpha())
