"""Finished pages of the help centre: kept as they go out, dropped together when what they show may have changed."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from aiohttp import web

# Asked again each time, which costs a 304; shared caches may go on showing it while we are away.
SHARED = "public, max-age=0, must-revalidate, stale-if-error=86400"
# Made for one reader: holds what they asked.
PRIVATE = "private, no-store"
_PACK_FROM = 600


@dataclass(frozen=True)
class Page:
    """A page as it goes out: packed and plain, with its tag and its content policy."""

    body: bytes
    packed: bytes | None
    tag: str
    policy: str | None = None
    kind: str = "text/html"
    status: int = 200

    @property
    def size(self) -> int:
        """Bytes that it takes to keep."""
        return len(self.body) + len(self.packed or b"")


def finished(text: str, *, policy: str | None = None, kind: str = "text/html", status: int = 200) -> Page:
    """A page of this text."""
    body = text.encode("utf-8", "replace")
    # No date within, so that the same text gives the same bytes in every process.
    packed = gzip.compress(body, 6, mtime=0) if len(body) >= _PACK_FROM else None
    digest = hashlib.sha256(body + (policy or "").encode()).hexdigest()[:20]
    return Page(body, packed, digest, policy, kind, status)


class KeptPages:
    """Pages by key, as long as ``stamp`` stays the same: the catalogue and the company's rules they were made from.

    Beyond ``most_bytes`` the one that was asked for longest ago goes first.
    """

    def __init__(self, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._most_bytes = most_bytes
        self._stamp: tuple[object, ...] = ()
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable, stamp: tuple[object, ...]) -> Page | None:
        """The page if it was made from the same."""
        if not self._is_current(stamp) or key not in self._pages:
            return None
        self._pages.move_to_end(key)
        return self._pages[key]

    def keep(self, key: Hashable, stamp: tuple[object, ...], page: Page) -> None:
        """Keeps it for the next reader."""
        if not self._is_current(stamp):
            self._stamp, self._bytes = stamp, 0
            self._pages.clear()
        known = self._pages.pop(key, None)
        self._bytes += page.size - (known.size if known else 0)
        self._pages[key] = page
        while self._bytes > self._most_bytes and self._pages:
            _, oldest = self._pages.popitem(last=False)
            self._bytes -= oldest.size

    def _is_current(self, stamp: tuple[object, ...]) -> bool:
        return len(stamp) == len(self._stamp) and all(a is b for a, b in zip(stamp, self._stamp, strict=True))


def answer(request: web.Request, page: Page, *, cache: str = SHARED) -> web.Response:
    """The page, or 304 for who has it already."""
    headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
    if page.policy is not None:
        headers["Content-Security-Policy"] = page.policy
    is_shared = cache == SHARED and page.status == 200
    if is_shared:
        headers["ETag"] = f'W/"{page.tag}"'
        tags = request.if_none_match or ()
        if any(tag.value in (page.tag, "*") for tag in tags):
            return web.Response(status=304, headers=headers)
    packs = page.packed is not None and "gzip" in request.headers.get("Accept-Encoding", "").lower()
    if packs:
        headers["Content-Encoding"] = "gzip"
    body = page.packed if packs else page.body
    return web.Response(body=body, status=page.status, content_type=page.kind, charset="utf-8", headers=headers)
