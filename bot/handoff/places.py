"""Whoever waits sees their place move on by itself: pages are told to look again when it did."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.db.models import WAITING, Handoff
from bot.services import Services

# Telling all of a long queue at each step would have everybody's wait computed again: the others look by themselves.
_TOLD = 20
_EVERY = timedelta(seconds=2)


class Places:
    """What each of the first in the queue was told last."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ranks: dict[str, int] = {}
        self._next: datetime | None = None

    async def tell(self) -> None:
        """Tells those whose rank changed since."""
        now = self._services.clock()
        if self._next is not None and now < self._next < now + 2 * _EVERY:
            return
        self._next = now + _EVERY
        query = select(Handoff.conversation_id).where(Handoff.status.in_(WAITING))
        async with self._services.db.read() as session:
            first = (await session.execute(query.order_by(Handoff.queue_at, Handoff.id).limit(_TOLD))).scalars()
            ranks = {conversation_id: rank for rank, conversation_id in enumerate(first)}
        for conversation_id, rank in ranks.items():
            if self._ranks.get(conversation_id, rank) != rank:
                self._services.live.publish(conversation_id, {"type": "state"})
        self._ranks = ranks
