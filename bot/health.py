"""Whether the parts are there: 503 until every one has been ready once, then 200 with each one's state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text

from bot.background import beside, every
from bot.services import Services

_EVERY_SECONDS = 1.0
Probe = Callable[[], Awaitable[object]]


class Health:
    """Probes every part once a second and remembers."""

    def __init__(self, services: Services) -> None:
        self._probes: dict[str, Probe] = {
            "record": lambda: _ask_record(services),
            "rasa": services.rasa.health,
            "actions": services.actions.health,
            "knowledge_base": services.knowledge.health,
        }
        if services.redis is not None:
            self._probes["switchboard"] = services.redis.ping
        self.parts = dict.fromkeys(self._probes, "starting")
        self._ready_once: set[str] = set()

    @property
    def ready(self) -> bool:
        """Whether every part has been ready once."""
        return self._ready_once == set(self._probes)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Probes while the block lasts."""
        async with beside(every(_EVERY_SECONDS, "health", self._look)):
            yield

    async def _look(self) -> None:
        await asyncio.gather(*(self._probe(name) for name in self._probes))

    async def _probe(self, name: str) -> None:
        try:
            async with asyncio.timeout(3.0):
                await self._probes[name]()
        except Exception:  # noqa: BLE001  a driver has errors of its own, and the next look must come
            self.parts[name] = "down" if name in self._ready_once else "starting"
        else:
            self.parts[name] = "ok"
            self._ready_once.add(name)


async def _ask_record(services: Services) -> None:
    async with services.db.read() as session:
        await session.execute(text("SELECT 1"))
