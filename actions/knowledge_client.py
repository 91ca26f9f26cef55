"""The knowledge base, as the actions use it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from actions.history import Asked
from actions.neighbour import Neighbour, NeighbourError

TIMEOUT_SECONDS = 5.0


class Found(BaseModel):
    """One article that may answer; `answer` is what the chat shows, `passage` what matched, `sentence` its core."""

    article_id: str
    version: int | str
    locale: str
    title: str
    answer: str
    passage: str = ""
    sentence: str | None = None
    url: str
    score: float
    topic: str | None = None


class SearchReply(BaseModel):
    """What the knowledge base decided, best results first; it alone may abstain.

    `follow_up`: the question was understood with the one before it.
    """

    decision: Literal["answer", "clarify", "abstain"]
    confidence: float
    results: list[Found] = []
    follow_up: bool = False


class Article(BaseModel):
    """A published article in one language."""

    article_id: str
    version: int | str
    locale: str
    title: str
    answer: str
    url: str
    topic: str | None = None


class KnowledgeBase(Neighbour):
    """Client of knowledge_base. An unreachable one is an error of the whole turn, which bot then repeats."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, timeout_seconds=TIMEOUT_SECONDS)

    async def search(
        self,
        question: str,
        locale: str,
        *,
        history: Sequence[Asked] = (),
        audience: str | None = None,
        limit: int = 3,
    ) -> SearchReply:
        """The decision on a question, `history` being what was asked before. Raises NeighbourError."""
        asked: dict[str, Any] = {"question": question, "locale": locale, "limit": limit}
        asked |= {"history": list(history)} if history else {}
        asked |= {"audience": audience} if audience else {}
        status, body = await self._call("POST", "/search", body=asked)
        if status == 400 and history:  # a knowledge base of an earlier release, which takes no history
            return await self.search(question, locale, audience=audience, limit=limit)
        if status != 200:
            raise NeighbourError(f"POST search: status {status}")
        try:
            reply = SearchReply.model_validate(body)
        except ValidationError as error:
            raise NeighbourError("POST search: not the agreed form") from error
        # An answer without an article would show nothing.
        return (
            reply if reply.results or reply.decision == "abstain" else SearchReply(decision="abstain", confidence=0.0)
        )

    async def article(self, article_id: str, locale: str) -> Article | None:
        """One article, None when it is not (or no longer) published. Raises NeighbourError."""
        path = f"/articles/{quote(article_id, safe='')}"
        status, body = await self._call("GET", path, params={"locale": locale})
        if status == 404:
            return None
        try:
            return Article.model_validate(body)
        except ValidationError as error:
            raise NeighbourError("GET articles: not the agreed form") from error
