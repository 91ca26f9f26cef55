"""Whose the desk's live lines are: asked of the record for all of them at once, since all ask at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bot.rights import may
from bot.services import Services
from bot.sharing import Shared
from bot.users import users_of


class Hearers:
    """The lines of this process, by the tokens of their sessions."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tokens: Counter[str] = Counter()
        self._look = Shared(self._read)

    @contextmanager
    def listening(self, token: str) -> Iterator[None]:
        """A line of this session is open while the block lasts."""
        self._tokens[token] += 1
        try:
            yield
        finally:
            self._tokens[token] -= 1
            self._tokens += Counter()

    async def whose(self, token: str) -> str | None:
        """The user's id; nothing when the session has ended, or may not serve customers any more."""
        return (await self._look()).get(token)

    async def settled(self) -> None:
        """Waits for what is under way, before the record is closed."""
        await self._look.settled()

    async def _read(self) -> dict[str, str]:
        found = await users_of(self._services.db, self._services.clock, set(self._tokens))
        return {token: user.id for token, user in found.items() if may(user.role, "converse")}
