"""A Markdown file with front matter → an Article, or the problems that keep it from being one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.content.article import Article, Problem

MAX_BYTES = 1_000_000
TEXT_KEYS = ("id", "title", "answer", "topic")
LIST_KEYS = ("questions", "related", "audience")
KEYS = (*TEXT_KEYS, *LIST_KEYS, "review_by")
REQUIRED = ("id", "title", "answer")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}", re.IGNORECASE)
_FENCE = "---"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where libyaml is there


@dataclass
class _Reading:
    """One file being read: its problems so far and the line of each key."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    def fault(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, message))


def read_article(path: Path, locale: str) -> tuple[Article | None, list[Problem]]:
    """Read one file; either the article, or at least one problem."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return None, [Problem(str(path), 1, f"cannot be read: {error.strerror or error}.")]
    if len(data) > MAX_BYTES:
        return None, [Problem(str(path), 1, "is larger than 1 MB: split the article or move pictures out of it.")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return None, [Problem(str(path), line, "is not UTF-8 text: save the file again as UTF-8.")]
    return parse_article(text, locale=locale, slug=path.stem, path=path)


def parse_article(text: str, *, locale: str, slug: str, path: Path | None) -> tuple[Article | None, list[Problem]]:
    """The same from a text in memory; `path` only names the file in messages."""
    reading = _Reading(str(path) if path else slug)
    front, body = _split(text, reading)
    values = _front_matter(front, reading) if front is not None else {}
    fields = dict(_fields(values, reading)) if not reading.problems else {}
    if not reading.problems and not re.fullmatch(r"[\w-]+", slug):
        reading.fault(1, f"the file name {slug!r} makes no address: use letters, digits and hyphens.")
    if reading.problems:
        return None, reading.problems
    return Article(locale=locale, slug=slug, body=body.strip(), path=path, lines=reading.lines, **fields), []


def _split(text: str, reading: _Reading) -> tuple[str | None, str]:
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != _FENCE:
        reading.fault(1, 'the file must begin with a line "---", the front matter, and a second line "---".')
        return None, ""
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == _FENCE:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    reading.fault(1, 'the front matter has no end: add a line "---" after it.')
    return None, ""


def _front_matter(front: str, reading: _Reading) -> dict[str, Any]:
    try:
        node = yaml.compose(front, Loader=_Loader)
        values = _Loader("").construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 2
        hint = " A value that holds “: ” or begins with a sign needs quotes."
        reading.fault(line, f"the front matter is not valid YAML: {error.problem or 'syntax error'}.{hint}")
        return {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reading.fault(2, f"the front matter is not valid YAML: {str(error).splitlines()[0]}.")
        return {}
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        reading.fault(2, 'the front matter must hold keys and values such as "title: …".')
        return {}
    _note_lines(node, reading)
    return values


def _note_lines(node: yaml.MappingNode, reading: _Reading) -> None:
    for key, value in node.value:
        name = str(key.value)
        if name in reading.lines:
            reading.fault(key.start_mark.line + 2, f'"{name}" is there twice: keep one.')
        reading.lines[name] = key.start_mark.line + 2
        if isinstance(value, yaml.SequenceNode):
            for number, item in enumerate(value.value):
                reading.lines[f"{name}.{number}"] = item.start_mark.line + 2


def _fields(values: dict[str, Any], reading: _Reading) -> Iterator[tuple[str, Any]]:
    for key in values:
        if key not in KEYS:
            close = difflib.get_close_matches(str(key), KEYS, n=1)
            hint = f' Did you mean "{close[0]}"?' if close else f" Known keys: {', '.join(KEYS)}."
            reading.fault(reading.lines.get(str(key), 2), f'unknown key "{key}".{hint}')
    for key in REQUIRED:
        if values.get(key) in (None, ""):
            reading.fault(reading.lines.get(key, 2), f'"{key}" is missing or empty: write it in the front matter.')
    for key in TEXT_KEYS:
        yield key, _text(key, values.get(key), reading)
    for key in LIST_KEYS:
        yield key, _list(key, values.get(key), reading)
    yield "review_by", _date(values.get("review_by"), reading)


def _text(key: str, value: Any, reading: _Reading) -> str:
    line = reading.lines.get(key, 2)
    if isinstance(value, (dict, list)):
        reading.fault(line, f'"{key}" must be a text: put it in quotes.')
        return ""
    text = "" if value is None else " ".join(str(value).split())
    if key == "id" and text and not _ID.fullmatch(text):
        reading.fault(line, f'the id "{text}" may hold letters without accents, digits, "-" and "_" only.')
    return text


def _list(key: str, value: Any, reading: _Reading) -> tuple[str, ...]:
    line = reading.lines.get(key, 2)
    items = [value] if isinstance(value, str) and key == "audience" else value
    if items is None:
        return ()
    if not isinstance(items, list):
        reading.fault(line, f'"{key}" must be a list: one "- …" a line, or [a, b].')
        return ()
    for number, item in enumerate(items):
        if isinstance(item, (dict, list)) or item is None or not str(item).strip():
            at = reading.lines.get(f"{key}.{number}", line)
            reading.fault(at, f'an entry of "{key}" is empty or is not a text: put it in quotes.')
    return tuple(" ".join(str(item).split()) for item in items if not isinstance(item, (dict, list)))


def _date(value: Any, reading: _Reading) -> date | None:
    if value is None or type(value) is date:
        return value
    reading.fault(reading.lines.get("review_by", 2), '"review_by" must be a date such as 2027-06-30.')
    return None
