"""Follows the knowledge base: which articles there are, and the texts that were read; both outlive its absence."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog

from bot.background import beside
from bot.errors import NeighbourError
from bot.help.catalogue import Catalogue, Entry
from bot.neighbours.knowledge import KnowledgeClient

Json = dict[str, Any]
_LOOK_EVERY_SECONDS = 1.0
_WHILE_DOWN_SECONDS = 3.0
_MOST_TEXTS = 2_000
_log = structlog.get_logger()


class Library:
    """``catalogue`` is nothing until the knowledge base has answered once; then always the last one known."""

    def __init__(self, knowledge: KnowledgeClient) -> None:
        self.catalogue: Catalogue | None = None
        self._knowledge = knowledge
        self._texts: OrderedDict[tuple[str, str, str], Json] = OrderedDict()
        self._looking = asyncio.Lock()

    async def current(self) -> Catalogue:
        """What is known, asked for now when nothing is yet. Raises ``NeighbourError``."""
        if self.catalogue is None:
            await self.refresh()
        if self.catalogue is None:
            raise NeighbourError("nonsense", "no catalogue")
        return self.catalogue

    async def refresh(self) -> None:
        """Looks whether anything was published since. Raises ``NeighbourError``."""
        async with self._looking:
            known = self.catalogue.revision if self.catalogue else None
            revision, rows = await self._knowledge.catalogue(known)
            if rows is not None and revision != known:
                # Thousands of articles take their time; requests must not wait for that.
                self.catalogue = await asyncio.to_thread(Catalogue, revision, rows)

    async def text(self, entry: Entry) -> Json:
        """The article with ``body`` and ``related``. Raises ``NeighbourError``, permanent when it is gone."""
        key = (entry.locale, entry.slug, entry.version)
        if key in self._texts:
            self._texts.move_to_end(key)
            return self._texts[key]
        found = await self._knowledge.article(entry.locale, entry.slug)
        self._texts[entry.locale, entry.slug, str(found["version"])] = found
        while len(self._texts) > _MOST_TEXTS:
            self._texts.popitem(last=False)
        return found

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follows while the block lasts."""
        async with beside(self._follow()):
            yield

    async def _follow(self) -> None:
        was_down = False
        while True:
            try:
                await self.refresh()
                was_down = False
            except NeighbourError as error:
                if not was_down:
                    _log.warning("catalogue_not_read", cause=str(error))
                was_down = True
            except Exception:  # noqa: BLE001  what was known goes on to hold
                _log.exception("catalogue_not_read")
                was_down = True
            await asyncio.sleep(_WHILE_DOWN_SECONDS if was_down else _LOOK_EVERY_SECONDS)
