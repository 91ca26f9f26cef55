"""A hint that never came (Redis was away) delays a reader by seconds: one look for all of them, not one for each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import select

from bot.background import beside, every
from bot.db.models import Conversation
from bot.services import Services

_EVERY_SECONDS = 5.0
# So far back: transactions commit after the moment they bear, and the clocks of two machines differ.
_BACK = timedelta(seconds=30)


class Missed:
    """Tells the live lines of this process which conversations moved, whoever moved them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[str, tuple[int, int]] = {}
        self._looked_at = services.clock()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        async with beside(every(_EVERY_SECONDS, "missed", self.look)):
            yield

    async def look(self) -> None:
        """Hints at what moved since the look before, however long ago that was: the record may have been away."""
        live, now = self._services.live, self._services.clock()
        query = select(Conversation.id, Conversation.last_seq, Conversation.epoch)
        recent = query.where(Conversation.updated_at >= min(self._looked_at, now) - _BACK)
        async with self._services.db.read() as session:
            found = {row.id: (row.last_seq, row.epoch) for row in await session.execute(recent)}
        for conversation_id, moved in found.items():
            if self._known.get(conversation_id) != moved:
                live.hint(conversation_id)
        self._known, self._looked_at = found, now
