"""Copies the shipped articles into the published folder, and never over what a writer changed there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from knowledge_base.content import history

MANIFEST = ".seeded.json"


@dataclass
class Seeded:
    """What a seeding did, as paths relative to the folder."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{len(self.added)} articles added, {len(self.updated)} updated, {len(self.removed)} removed, "
            f"{len(self.kept)} left as the writers have them"
        )


def seed(shipped: Path, published: Path, files: str = "*/*.md") -> Seeded:
    """Bring `published` up to `shipped` and commit.

    A file that nobody touched since the last seed follows the shipped one; an edited file is kept, a deleted one stays
    deleted. Running it again changes nothing.
    """
    published.mkdir(parents=True, exist_ok=True)
    known = _manifest(published)
    sources = {path.relative_to(shipped).as_posix(): path for path in sorted(shipped.glob(files))}
    done = Seeded()
    for name, source in sources.items():
        _seed_one(name, source.read_bytes(), published / name, known, done)
    for name in [name for name in known if name not in sources]:
        target = published / name
        if target.is_file() and _digest(target.read_bytes()) == known[name]:
            target.unlink()
            done.removed.append(name)
        del known[name]
    changed = [*done.added, *done.updated, *done.removed]
    _write(published / MANIFEST, json.dumps(known, indent=0, sort_keys=True).encode())
    if changed:
        history.commit(published, [*changed, MANIFEST], "Publish what was shipped")
    return done


def _seed_one(name: str, content: bytes, target: Path, known: dict[str, str], done: Seeded) -> None:
    digest = _digest(content)
    present = _digest(target.read_bytes()) if target.is_file() else None
    if present == digest:
        known[name] = digest
    elif present is None and name not in known:
        _write(target, content)
        done.added.append(name)
        known[name] = digest
    elif present is not None and present == known.get(name):
        _write(target, content)
        done.updated.append(name)
        known[name] = digest
    else:
        done.kept.append(name)


def _manifest(published: Path) -> dict[str, str]:
    path = published / MANIFEST
    if not path.is_file():
        return {}
    known: dict[str, str] = json.loads(path.read_text("utf-8"))
    return known


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a reader polls the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
