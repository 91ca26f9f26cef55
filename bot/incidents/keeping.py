"""Beside the requests: what is over ends by itself, who waits is told, news goes out, and topics are watched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.background import beside, every
from bot.db.incidents import IncidentUpdate
from bot.incidents.switching import end_by_itself
from bot.incidents.telling import send_news, tell_queue
from bot.incidents.watching import look
from bot.services import Services

_EVERY_SECONDS = 1.0
_LOOKS_EVERY = timedelta(minutes=1)


class Keeping:
    """Looks every second; several processes may: each telling is decided under the lock of its conversation."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._looked_at: datetime | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts; what was counted is kept at the end."""
        async with beside(every(_EVERY_SECONDS, "incidents", self.keep)):
            yield
        await self._services.tally.keep(self._services.db, self._services.clock())

    async def keep(self) -> None:
        """One look at everything."""
        services, now = self._services, self._services.clock()
        await end_by_itself(services)
        for incident in services.incidents.current():
            if incident.tells_from <= now:
                await tell_queue(services, incident)
        await self._send(now)
        if self._looked_at is None or not self._looked_at <= now < self._looked_at + _LOOKS_EVERY:
            self._looked_at = now
            await services.tally.keep(services.db, now)
            await look(services)

    async def _send(self, now: datetime) -> None:
        services = self._services
        query = select(IncidentUpdate).where(IncidentUpdate.done_at.is_(None), IncidentUpdate.send_at <= now)
        async with services.db.read() as session:
            due = (await session.execute(query.order_by(IncidentUpdate.created_at))).scalars().all()
        for update in due:
            if await send_news(services, update):
                async with services.db.write() as session:
                    row = await session.get(IncidentUpdate, update.id)
                    if row is not None:
                        row.done_at = now
