"""Files of one JSON object a line, packed by gzip or not."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge_base.content.article import Fault


class UnreadableError(ValueError):
    """The file cannot be read at all; the message is one sentence that names it."""


def text_of(path: Path) -> str:
    """The whole file as text, unpacked if its name ends in .gz. Raises UnreadableError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror or error}.") from error
    if path.suffix == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableError(f"{path} is not a whole gzip file ({error}).") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableError(f"{path}:{line}: is not UTF-8 text: save it again as UTF-8.") from error


def rows(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """(line, object) pairs; of a line that holds none, (line, what is wrong with it). Blank lines are passed over."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            told = getattr(error, "msg", "nested too deeply")
            yield number, Fault(f"is not JSON ({told}): one object a line.", "not_json", message=told)
            continue
        yield number, row if isinstance(row, dict) else Fault("is not a JSON object: one {…} a line.", "not_object")
