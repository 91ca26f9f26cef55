"""The company's rules as they are now: ``service.yml``, and what pages have changed of it (``docs/decisions/0012``)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select

from bot.background import beside
from bot.db.accounts import CompanySetting
from bot.db.engine import Database
from bot.live import DESK, Live
from service import Service
from service.overrides import FOR_TASKS, SECTIONS, with_sections

Json = dict[str, Any]
CHANGED = "settings"  # the live event
_log = structlog.get_logger()


class Company:
    """Holds ``service``, replaced as a whole when a page changed something: who has read it goes on with that."""

    def __init__(self, base: Service) -> None:
        self.base = base
        self.service = base
        self.values: Json = {}
        self.problems: dict[str, str] = {}
        self._seen: dict[str, int] = {}
        # A look that began earlier must not put back what a later one has read.
        self._looking = asyncio.Lock()

    @property
    def for_tasks(self) -> Json:
        """What the self-care tasks must know instead of the file; empty as long as nothing was changed."""
        return {name: self.values[name] for name in FOR_TASKS if name in self.values and name not in self.problems}

    async def refresh(self, db: Database) -> None:
        """Looks whether a page changed something since, here or in another process."""
        async with self._looking:
            await self._refresh(db)

    async def _refresh(self, db: Database) -> None:
        async with db.read() as session:
            seen = {key: revision for key, revision in await session.execute(_REVISIONS)}  # noqa: C416  rows to ints
            if seen == self._seen:
                return
            rows = (await session.execute(select(CompanySetting))).scalars().all()
        self.values = {row.key: row.value for row in rows if row.value is not None and row.key in SECTIONS}
        self.service, self.problems = with_sections(self.base, self.values)
        self._seen = seen
        for section, cause in self.problems.items():
            _log.warning("setting_not_used", section=section, cause=cause)

    @asynccontextmanager
    async def running(self, db: Database, live: Live) -> AsyncIterator[None]:
        """Follows the record while the block lasts."""
        await self.refresh(db)
        async with beside(live.follow(DESK, partial(self.refresh, db), CHANGED)):
            yield


_REVISIONS = select(CompanySetting.key, CompanySetting.revision)
