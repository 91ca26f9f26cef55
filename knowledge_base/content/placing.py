"""Puts imported articles in place: all of them, or none when something fails; what is there already stays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from knowledge_base.content import history
from knowledge_base.content.article import Article, Problem
from knowledge_base.content.importing import Entry, Import, free_name
from knowledge_base.content.store import ArticleStore

_STAGING = ".import-"


@dataclass
class Plan:
    """What an import does to a folder: entries by the path they will have."""

    new: dict[str, Entry] = field(default_factory=dict)
    changed: dict[str, Entry] = field(default_factory=dict)
    same: dict[str, Entry] = field(default_factory=dict)
    refused: list[Problem] = field(default_factory=list)

    @property
    def written(self) -> dict[str, Entry]:
        """What is new in the folder."""
        return {**self.new, **self.changed}

    @property
    def articles(self) -> list[Article]:
        """All that the folder will hold of the import."""
        return [entry.article for entry in {**self.written, **self.same}.values()]


def plan(found: Import, folder: Path, *, replacing: bool = False) -> Plan:
    """Hold the import against the folder by language and id: an article keeps the address that it has.

    One that is there with another text is refused, unless `replacing`.
    """
    contents = ArticleStore(folder).scan()
    articles = contents.articles if contents else ()
    present = {(a.locale, a.id): (f"{a.locale}/{a.slug}.md", a) for a in articles}
    taken = {path.relative_to(folder).as_posix() for path in folder.glob("*/*.md")}
    made = Plan(refused=list(found.problems))
    for name, entry in found.entries.items():
        key = (entry.article.locale, entry.article.id)
        if key not in present:
            made.new[free_name(name, entry.article.id, taken | made.new.keys())] = entry
            continue
        place, known = present[key]
        if replace(entry.article, slug=known.slug) == known:
            made.same[place] = entry
        elif replacing:
            made.changed[place] = entry
        else:
            fault = f'the article "{known.id}" is there already with another text: use --replace to put this one there.'
            made.refused.append(Problem(entry.file, entry.line, fault))
    return made


def place(made: Plan, folder: Path) -> None:
    """Write what is new or changed and commit it; a failure on the way takes back what was placed."""
    folder.mkdir(parents=True, exist_ok=True)
    with _staging(folder) as staging:
        for name, entry in made.written.items():
            target = staging / "new" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(entry.text, "utf-8")
        _move(list(made.written), staging, folder)
    # Also those that an import killed before its commit left behind.
    names = [*made.written, *made.same]
    history.commit(folder, names, f"Import {len(made.written) or len(names)} articles")


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A hidden folder on the same disk; those that a killed import left are cleared away."""
    for left in folder.glob(f"{_STAGING}*"):
        if not _running(left.name.removeprefix(_STAGING)):
            shutil.rmtree(left, ignore_errors=True)
    staging = folder / f"{_STAGING}{os.getpid()}"
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _move(names: list[str], staging: Path, folder: Path) -> None:
    placed: list[str] = []
    try:
        for name in names:
            target, kept = folder / name, staging / "old" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(target, kept)
            placed.append(name)
            (staging / "new" / name).replace(target)
    except BaseException:
        for name in placed:
            kept = staging / "old" / name
            if kept.exists():
                kept.replace(folder / name)
            elif not (staging / "new" / name).exists():
                (folder / name).unlink(missing_ok=True)
        raise
