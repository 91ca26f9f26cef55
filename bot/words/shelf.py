"""What the knowledge base said of late: remembered for a minute, and not asked again while it is down."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.errors import NeighbourError
from bot.neighbours.knowledge import KnowledgeClient

Json = dict[str, Any]
_FRESH = timedelta(seconds=60)
_AFTER_A_FAILURE = timedelta(seconds=10)  # so long the desk does not wait for what is down
_MOST = 500
_WITHIN = 2.0


class Shelf:
    """The searches of the last minute, by question and language; and what each handoff was last suggested."""

    def __init__(self, knowledge: KnowledgeClient, clock: Clock, *, within: float = _WITHIN) -> None:
        self._knowledge = knowledge
        self._clock = clock
        self._within = within
        self._found: OrderedDict[tuple[str, str, int], tuple[datetime, Json]] = OrderedDict()
        self._last: OrderedDict[str, Json] = OrderedDict()
        self._down_until: datetime | None = None

    async def search(self, question: str, locale: str, limit: int = 3) -> Json:
        """``{decision, results}``, at most a minute old. Raises ``NeighbourError``, at once for a while after one."""
        key, now = (question.strip(), locale, limit), self._clock()
        if key in self._found and now - self._found[key][0] < _FRESH:
            return self._found[key][1]
        if self._down_until is not None and now < self._down_until:
            raise NeighbourError("down", "knowledge_base did not answer a moment ago")
        try:
            async with asyncio.timeout(self._within):
                found = await self._knowledge.search(question, locale, limit)
        except NeighbourError as error:
            # What is refused is no sign that anything is down.
            self._down_until = None if error.permanent else now + _AFTER_A_FAILURE
            raise
        except TimeoutError as error:
            self._down_until = now + _AFTER_A_FAILURE
            raise NeighbourError("timeout", "search") from error
        self._down_until = None
        _keep(self._found, key, (now, found))
        return found

    def known(self, article_id: str, locale: str) -> Json | None:
        """The article as a search of late showed it, with the passage that fits and its score."""
        for (_, asked_in, _), (_, found) in reversed(self._found.items()):
            for result in found.get("results", []) if asked_in == locale else []:
                if result.get("article_id") == article_id and result.get("locale") == locale:
                    return dict(result)
        return None

    def remember(self, handoff_id: str, shown: Json) -> None:
        """What the card of this handoff shows."""
        _keep(self._last, handoff_id, shown)

    def last(self, handoff_id: str) -> Json | None:
        """What the card of this handoff showed last."""
        return self._last.get(handoff_id)


def _keep(shelf: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    shelf[key] = value
    shelf.move_to_end(key)
    while len(shelf) > _MOST:
        shelf.popitem(last=False)
