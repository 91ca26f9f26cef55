"""Beside the requests: writes to those who asked for a new password, and forgets what is too old to matter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from sqlalchemy import delete

from bot.accounts.links import settle_asked
from bot.accounts.tries import forget_old
from bot.background import beside
from bot.db.accounts import AccountLink
from bot.services import Services

_LOOK_EVERY_SECONDS = 1.0
_TIDY_SECONDS = 600.0
_KEPT = timedelta(days=30)
_log = structlog.get_logger()


class Clerk:
    """Several processes may run it: a row is looked at under its lock."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        async with beside(self._letters(), self._tidy()):
            yield

    async def _letters(self) -> None:
        while True:
            try:
                await settle_asked(self._services)
            except Exception:  # noqa: BLE001  what was asked stays asked
                _log.exception("resets_not_looked_at")
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def _tidy(self) -> None:
        while True:
            try:
                await tidy(self._services)
            except Exception:  # noqa: BLE001
                _log.exception("accounts_not_tidied")
            await asyncio.sleep(_TIDY_SECONDS)


async def tidy(services: Services) -> None:
    """Deletes links and tries of long ago."""
    now = services.clock()
    async with services.db.write() as session:
        await session.execute(delete(AccountLink).where(AccountLink.expires_at <= now - _KEPT))
        await forget_old(session, now)
