"""Beside the requests: writes to those who asked for a new password, and forgets what is too old to matter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from sqlalchemy import delete

from bot.accounts.links import settle_asked
from bot.accounts.tries import forget_old
from bot.background import beside, every
from bot.db.accounts import AccountLink
from bot.services import Services

_LOOK_EVERY_SECONDS = 1.0
_TIDY_SECONDS = 600.0
_KEPT = timedelta(days=30)


class Clerk:
    """Several processes may run it: a row is looked at under its lock."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        async with beside(
            every(_LOOK_EVERY_SECONDS, "resets", partial(settle_asked, self._services)),
            every(_TIDY_SECONDS, "tidying_accounts", partial(tidy, self._services)),
        ):
            yield


async def tidy(services: Services) -> None:
    """Deletes links and tries of long ago."""
    now = services.clock()
    async with services.db.write() as session:
        await session.execute(delete(AccountLink).where(AccountLink.expires_at <= now - _KEPT))
        await forget_old(session, now)
