"""A file that somebody sends to be imported: its kind, its size, and a packed folder unpacked with care."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath

from knowledge_base.studio.errors import StudioError, disk_full

KINDS = (".csv", ".jsonl", ".ndjson", ".md", ".html", ".htm", ".zip")
MAX_UPLOAD = 20_000_000
MAX_UNPACKED = 60_000_000
MAX_FILES = 20_000
_CHUNK = 1_000_000


def unpack(name: str, data: bytes, into: Path) -> Path:
    """What `importing.read` reads: a file, or a folder of Markdown. Raises StudioError 415, 422 or 413.

    Nothing is written outside of `into`, and never more than 60 MB.
    """
    kind = Path(name).suffix.lower()
    if kind not in KINDS:
        told = "Choose a .csv, .jsonl, .md or .html file, or a .zip of a folder of Markdown."
        raise StudioError("import_kind", 415, told, kinds=KINDS)
    if kind != ".zip":
        # A page of Markdown is a folder of one.
        file = into / (f"{_stem(name)}.md" if kind == ".md" else f"import{kind}")
        file.write_bytes(data)
        return into if kind == ".md" else file
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            for place, content in _contents(packed):
                target = into / place
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError) as error:
        if full := disk_full(error):
            raise full from error
        raise StudioError("import_zip", 422, "This .zip cannot be read: pack the folder again.") from error
    return into


def _stem(name: str) -> str:
    return Path(name.replace("\\", "/")).stem.lstrip(".")[:60] or "article"  # a file's name has 255 bytes


def _contents(packed: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """(path, content) of each Markdown file; what else is packed is passed over, what leads out refuses the whole."""
    entries = packed.infolist()
    if len(entries) > MAX_FILES:
        raise StudioError("import_files", 413, f"More than {MAX_FILES} files are packed: split them.", most=MAX_FILES)
    left = MAX_UNPACKED
    for entry in entries:
        if not _inside(entry):
            told = f"“{entry.filename[:200]}” leads out of the folder that is packed: nothing was read."
            raise StudioError("import_path", 422, told, name=entry.filename[:200])
        path = PurePosixPath(entry.filename)
        is_ours = path.suffix.lower() == ".md" and not any(part.startswith((".", "__")) for part in path.parts)
        if entry.is_dir() or not is_ours:
            continue
        # Counted as it is unpacked: what the file says of its own size may be a lie.
        content = bytearray()
        with packed.open(entry) as source:
            while chunk := source.read(_CHUNK):
                content += chunk
                left -= len(chunk)
                if left < 0:
                    told = f"Unpacked it is larger than {MAX_UNPACKED // 1_000_000} MB: split it."
                    raise StudioError("import_bomb", 413, told, most=MAX_UNPACKED)
        yield str(path), bytes(content)


def _inside(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    path = PurePosixPath(name)
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return not (is_link or path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\x00" in name)
