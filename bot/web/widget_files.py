"""The chat's own files, packed: a host page loads no more of them than it must."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path

from aiohttp import web

from bot.errors import Refusal

routes = web.RouteTableDef()
FOLDER = Path(__file__).parent.parent / "static" / "widget"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
# Comments that have their lines to themselves, and indentation: no text of ours goes over several lines.
_FOR_READERS = re.compile(r"^\s*(?://[^\n]*|/\*.*?\*/)\s*?\n|^[ \t]+", re.MULTILINE | re.DOTALL)


def lean(path: Path) -> bytes:
    """A file as it is served: what only helps whoever reads the source stays here."""
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return _FOR_READERS.sub("", text).encode("utf-8")


@lru_cache(maxsize=200)
def _packed(path: Path, _changed: int) -> tuple[bytes, bytes, str]:
    content = lean(path)
    return content, gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:20]


@routes.get("/widget/{path:.+}")
async def file(request: web.Request) -> web.Response:
    """One file, by ETag; packed for whoever takes it so."""
    # No file system takes a NUL.
    path = (FOLDER / request.match_info["path"].replace("\x00", "?")).resolve()
    if not path.is_relative_to(FOLDER) or path.suffix not in _TYPES or not path.is_file():
        raise Refusal("not_found", 404)
    content, packed, tag = _packed(path, path.stat().st_mtime_ns)
    takes_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f"{tag}-gzip" if takes_packed else tag
    headers = {"ETag": f'"{etag}"', "Vary": "Accept-Encoding"}
    if any(each.value in (etag, "*") for each in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    if takes_packed:
        headers["Content-Encoding"] = "gzip"
    body = packed if takes_packed else content
    return web.Response(body=body, content_type=_TYPES[path.suffix], charset="utf-8", headers=headers)
