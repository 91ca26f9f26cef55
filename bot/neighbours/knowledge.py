"""Client of knowledge_base."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote

import aiohttp

from bot.errors import NeighbourError
from bot.neighbours.http import call

Json = dict[str, Any]
_TIMEOUT = 5.0
_CATALOGUE_TIMEOUT = 20.0  # thousands of articles at once


class KnowledgeClient:
    """Searches and reads articles. Every call raises ``NeighbourError`` when knowledge_base does not answer."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def search(self, question: str, locale: str, limit: int = 3) -> Json:
        """``{decision, confidence, results}`` of DESIGN's ``POST /search``."""
        body = {"question": question[:2000], "locale": locale, "limit": limit}
        return cast(Json, await call(self._session, "POST", f"{self._url}/search", body=body, within=_TIMEOUT))

    async def articles(self, locale: str) -> list[Json]:
        """The published articles of one language, without their bodies."""
        answer = await call(self._session, "GET", f"{self._url}/articles?locale={quote(locale)}", within=_TIMEOUT)
        return cast(list[Json], answer["articles"])

    async def catalogue(self, known: str | None) -> tuple[str, list[Json] | None]:
        """The revision and the articles of every language, without bodies; no articles while ``known`` is current."""
        url = f"{self._url}/articles" + (f"?unless={quote(known, safe='')}" if known is not None else "")
        answer = await call(self._session, "GET", url, within=_CATALOGUE_TIMEOUT)
        return str(answer["revision"]), cast("list[Json] | None", answer["articles"])

    async def article(self, locale: str, slug: str) -> Json:
        """One article with its Markdown body."""
        url = f"{self._url}/articles/by-slug/{quote(locale, safe='')}/{quote(slug, safe='')}"
        return cast(Json, await call(self._session, "GET", url, within=_TIMEOUT))

    async def article_by_id(self, article_id: str, locale: str) -> Json | None:
        """One article by its id, in this language if it exists in it; nothing when it is gone."""
        url = f"{self._url}/articles/{quote(article_id, safe='')}?locale={quote(locale)}"
        try:
            return cast(Json, await call(self._session, "GET", url, within=_TIMEOUT))
        except NeighbourError as error:
            if error.permanent:
                return None
            raise

    async def group(self, questions: list[Json], known: list[Json]) -> str:
        """The id of a job that groups ``[{id, text, locale}]``; ``known`` groups ``[{id, examples}]`` may be joined."""
        body = {"questions": questions, "known": known}
        url = f"{self._url}/studio/groups"
        return str((await call(self._session, "POST", url, body=body, within=_CATALOGUE_TIMEOUT))["job"])

    async def job(self, job_id: str) -> Json:
        """``{state, done, total, result}``; raises a permanent ``NeighbourError`` when it is not known any more."""
        return cast(Json, await call(self._session, "GET", f"{self._url}/studio/jobs/{job_id}", within=_TIMEOUT))

    async def health(self) -> None:
        """Raises ``NeighbourError`` when it is not there."""
        await call(self._session, "GET", f"{self._url}/healthz", within=2.0)
