"""Client of knowledge_base's `/studio`, which trusts us: every change names who made it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast
from urllib.parse import quote

import aiohttp

from bot.db.people import User
from bot.errors import NeighbourError
from bot.neighbours.http import asked, decoded

Json = dict[str, Any]
_TIMEOUT = 10.0
_LINES_AT_ONCE = 50
_FULL = 507  # no room on its disk: nothing that passes by itself, and the writer must hear it


class StudioRefusedError(Exception):
    """knowledge_base said no (4xx, or 507); ``body`` is its whole answer: `{error: {code, message}, …}`."""

    def __init__(self, status: int, body: Json) -> None:
        error = body.get("error")
        self.status = status
        self.code = str(error.get("code", "bad_request")) if isinstance(error, dict) else "bad_request"
        self.message = str(error.get("message", "")) if isinstance(error, dict) else ""
        self.body = body
        super().__init__(f"{status} {self.code}: {self.message}")


def actor_of(user: User) -> Json:
    """Who it is, as drafts, commits and history name them."""
    return {"name": user.name, "email": user.email}


class StudioClient:
    """Raises ``NeighbourError`` when knowledge_base does not answer, ``StudioRefusedError`` when it refuses."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = f"{url}/studio"

    async def articles(self, asked: Mapping[str, str], only: Sequence[tuple[str, str]] | None = None) -> Json:
        """`{total, revision, articles, facets}`; `asked`: q, locale, topic, state, author, due, offset, limit.

        ``only``: of these articles in these languages alone.
        """
        if only is None:
            return await self.call("GET", "/articles", params=asked)
        return await self.call("POST", "/articles", {"only": only}, params=asked)

    async def shelf(self) -> Json:
        """`{revision, articles}`: every row of the list at once."""
        return await self.call("GET", "/shelf")

    async def scheduled(self, since: str) -> list[Json]:
        """What was published at an hour that was set, since that moment (empty: ever), the oldest first."""
        found = await self.call("GET", "/scheduled", params={"since": since} if since else {})
        return cast(list[Json], found["publications"])

    async def duplicates(self) -> Json:
        """`{revision, pairs: [{locale, score, articles, shared}]}`: published articles that say the same."""
        return await self.call("GET", "/duplicates")

    async def article(self, article_id: str) -> Json:
        """`{article_id, locales: {fr: {published, version, draft}}}`."""
        return await self.call("GET", f"/articles/{_part(article_id)}")

    async def save(self, article_id: str, locale: str, body: Json) -> Json:
        """`{draft, problems}`; ``body``: form, revision (the one that was read or None), actor. 409 `conflict`."""
        return await self.call("PUT", _draft(article_id, locale), body)

    async def discard(self, article_id: str, locale: str, revision: int) -> Json:
        """The draft as it was, so that it can be put back with its `base_version`."""
        return await self.call("DELETE", _draft(article_id, locale), params={"revision": str(revision)})

    async def move(self, article_id: str, locale: str, step: str, body: Json) -> Json:
        """``step``: submit, withdraw, unschedule, approve, reject, publish; ``body`` holds `actor` and `revision`."""
        return await self.call("POST", f"{_draft(article_id, locale)}/{step}", body)

    async def put_away(self, article_id: str, locale: str, step: str, actor: Json) -> Json:
        """``step``: archive or unarchive."""
        return await self.call("POST", f"{_published(article_id, locale)}/{step}", {"actor": actor})

    async def history(self, article_id: str, locale: str) -> Any:
        """`[{commit, at, author, message}]`, the newest first."""
        return await self.call("GET", f"{_published(article_id, locale)}/history")

    async def version(self, article_id: str, locale: str, commit: str) -> Json:
        """The form as it was in that commit."""
        return await self.call("GET", f"{_published(article_id, locale)}/history/{_part(commit)}")

    async def restore(self, article_id: str, locale: str, body: Json) -> Json:
        """Makes a draft of what a ``commit`` held, over the draft at ``revision``."""
        return await self.call("POST", f"{_published(article_id, locale)}/restore", body)

    async def check(self, form: Json) -> Json:
        """`{problems, duplicates, related, links}` of a form as it is being written."""
        return await self.call("POST", "/check", {"form": form})

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, str] | None = None,
        data: aiohttp.FormData | None = None,
        within: float = _TIMEOUT,
    ) -> Json:
        """The decoded answer of one call beneath `/studio`; ``data`` is a form in the place of a JSON ``body``."""
        sent: Json = {"json": body} if data is None else {"data": data}
        limit = aiohttp.ClientTimeout(total=within)
        async with asked(self._session, method, self._url + path, limit, params=params, **sent) as response:
            return await _accepted(response)

    async def stream(self, path: str) -> AsyncGenerator[bytes]:
        """The bytes of an answer as they come; cut off, it raises ``NeighbourError``."""
        limit = aiohttp.ClientTimeout(sock_connect=_TIMEOUT, sock_read=_TIMEOUT)
        async with asked(self._session, "GET", self._url + path, limit) as response:
            if response.status >= 400:
                await _accepted(response)
            async for chunk in response.content.iter_chunked(64 * 1024):
                yield chunk

    async def lines(self, path: str) -> AsyncGenerator[list[Json]]:
        """The lines of JSON of an answer as they come, some at once; cut off, it raises ``NeighbourError``."""
        rest, lines = b"", list[Json]()
        async with aclosing(self.stream(path)) as chunks:
            async for chunk in chunks:
                *whole, rest = (rest + chunk).split(b"\n")
                lines += map(json.loads, whole)
                if len(lines) >= _LINES_AT_ONCE:
                    yield lines
                    lines = []
        yield lines


async def _accepted(response: aiohttp.ClientResponse) -> Json:
    answer = await decoded(response)
    if response.status >= 500 and response.status != _FULL:
        raise NeighbourError(f"http_{response.status}", str(response.url))
    if response.status >= 400:
        raise StudioRefusedError(response.status, answer if isinstance(answer, dict) else {})
    return cast(Json, answer)


def _part(name: str) -> str:
    return quote(name, safe="")


def _draft(article_id: str, locale: str) -> str:
    return f"/drafts/{_part(article_id)}/{_part(locale)}"


def _published(article_id: str, locale: str) -> str:
    return f"/articles/{_part(article_id)}/{_part(locale)}"
