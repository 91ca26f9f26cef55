"""Trees as files: `<id>.yml` of a folder, read again as they change. A broken one takes no other one down."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import structlog
import yaml
from pydantic import ValidationError

from service.trees.checks import problems
from service.trees.model import Tree

log = structlog.get_logger(__name__)
LOOK_SECONDS = 0.5
LARGEST = 400_000  # bytes of one tree: more take seconds to be read, while customers wait
_Stamp = tuple[int, int, int]


class TreeError(Exception):
    """A file that cannot be used; one sentence a problem."""

    def __init__(self, problems: list[str]) -> None:
        # Half a character, which YAML can name, can be written to no log and no terminal.
        self.problems = [_writable(problem) for problem in problems]
        super().__init__("\n".join(self.problems))


def load(folder: Path) -> dict[str, Tree]:
    """The trees of a folder by id. A broken file is logged and left out: the others go on working."""
    return dict(Folder(folder))


def read(file: Path) -> Tree:
    """One tree that customers may be led through. Raises TreeError, OSError."""
    if file.stat().st_size > LARGEST:
        raise TreeError([f"{file.name}: it is larger than {LARGEST // 1000} kB."])
    return parse(file.read_bytes(), file.name)


class _TwiceError(yaml.YAMLError):
    """A name that stands twice in one place: YAML would silently take the last."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(name)
        self.told = f"line {line}: “{name}” stands there a second time in the same place."


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in names:
                raise _TwiceError(key.value, key.start_mark.line + 1)
            names.add(key.value)
        return super().construct_mapping(node, deep)


def parse(content: bytes, name: str) -> Tree:
    """What a file of this name holds. Raises TreeError."""
    try:
        raw = yaml.load(content.decode("utf-8-sig"), _Loader)  # noqa: S506 - a SafeLoader
    except _TwiceError as error:
        raise TreeError([f"{name}, {error.told}"]) from error
    except Exception as error:  # a date or a number that is none: PyYAML lets through whatever Python makes of it
        where = getattr(error, "problem_mark", None)
        raise TreeError([f"{name}{f', line {where.line + 1}' if where else ''}: this is not YAML."]) from error
    found: list[str] = []
    tree = _validated(raw, found)
    if tree is not None:
        found += [each.sentence for each in problems(tree) if each.severity == "error"]
        if tree.id != Path(name).stem:
            found.append(f"its id is “{tree.id}”, it must be the name of the file, “{Path(name).stem}”.")
    if tree is None or found:
        raise TreeError([f"{name}: {problem}" for problem in found])
    return tree


def written(tree: Tree, before: str = "") -> str:
    """The file of a tree, without what it leaves out; the comment at the head of the file `before` stays."""
    values = tree.model_dump(exclude_defaults=True)
    return _head(before) + str(yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=120))


def _head(text: str) -> str:
    return "".join(f"{line}\n" for line in takewhile(lambda line: line.startswith("#"), text.splitlines()))


class Folder(Mapping[str, Tree]):
    """The trees by id, as they are at this moment; a file that breaks keeps what it held before.

    `committed` gives what a file held when it was last published, for one that is broken from the start.
    """

    def __init__(self, folder: Path, committed: Callable[[str], bytes | None] = lambda _: None) -> None:
        self._folder, self._committed = folder, committed
        self._files: dict[str, tuple[_Stamp, Tree | None]] = {}
        self._trees: dict[str, Tree] = {}
        self._looked = float("-inf")
        self.broken: dict[str, list[str]] = {}

    def now(self) -> Mapping[str, Tree]:
        """The same trees for as long as one message is answered."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self.look()
        return self._trees

    def look(self) -> Mapping[str, Tree]:
        """Read what changed, now."""
        self._looked = time.monotonic()
        stamps = dict(_stamps(self._folder))
        files = {name: kept for name, kept in self._files.items() if name in stamps}
        self.broken = {name: told for name, told in self.broken.items() if name in stamps}
        for name, stamp in sorted(stamps.items()):
            if name not in files or files[name][0] != stamp:
                before = files[name][1] if name in files else None
                files[name] = (stamp, self._read(name, before))
        self._files = files
        self._trees = {tree.id: tree for _, (_, tree) in sorted(files.items()) if tree is not None}
        return self._trees

    def _read(self, name: str, before: Tree | None) -> Tree | None:
        try:
            tree = read(self._folder / name)
        except (TreeError, OSError) as error:
            told = error.problems if isinstance(error, TreeError) else [f"{name}: it cannot be read."]
            self.broken[name] = told
            log.warning("tree_broken", file=_writable(name), problems=told, kept=before is not None)
            return before or self._last_published(name)
        self.broken.pop(name, None)
        return tree

    def _last_published(self, name: str) -> Tree | None:
        content = self._committed(name)
        try:
            return parse(content, name) if content is not None else None
        except TreeError:
            return None

    def __getitem__(self, key: str) -> Tree:
        return self.now()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.now())

    def __len__(self) -> int:
        return len(self.now())


def _stamps(folder: Path) -> Iterator[tuple[str, _Stamp]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".yml") and not entry.name.startswith(".") and entry.is_file():
                    status = entry.stat()
                    yield entry.name, (status.st_mtime_ns, status.st_size, status.st_ino)
    except OSError:
        return


def _validated(raw: Any, found: list[str]) -> Tree | None:
    """The tree without what it should not hold; each fault of its form goes into `found`."""
    for _ in range(2):
        try:
            return Tree.model_validate(raw)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            found += [_sentence(fault) for fault in faults]
            if any(fault["type"] != "extra_forbidden" for fault in faults):
                return None
            for fault in faults:  # the rest of it is looked at all the same
                _without(raw, fault["loc"])
    return None


def _without(raw: Any, place: tuple[int | str, ...]) -> None:
    for part in place[:-1]:
        raw = raw[part]
    raw.pop(place[-1], None)  # what an anchor repeats is gone at its first place


def _writable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _sentence(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"]) or "the file"
    if where.endswith("[key]"):  # a node called no, or 1
        return f"a name in “{problem['loc'][0]}” is not read as text: put quotes around it."
    kinds = {
        "missing": "is missing.",
        "extra_forbidden": "is not known; look for a typing error.",
        # What YAML reads as true, false, a number or a date.
        "string_type": "is not read as text: put quotes around it.",
    }
    return f"“{where}” {kinds.get(problem['type'], 'does not have the right form: ' + problem['msg'])}"
