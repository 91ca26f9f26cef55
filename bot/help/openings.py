"""How often articles of the help centre are opened, counted by day without knowing anything of the readers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.background import beside, every
from bot.db.engine import Database
from bot.db.help import ArticleOpening

_KEEP_EVERY_SECONDS = 5.0
_ROBOTS = r"bot\b|crawl|spider|slurp|preview|monitor|headless|curl|wget|python|java/|go-http|http-?client"
_ROBOT = re.compile(_ROBOTS, re.IGNORECASE)
Opened = tuple[str, str, str, str]  # article id, language, version, day


def is_reading(headers: Mapping[str, str]) -> bool:
    """Whether somebody opens a page to read it, as far as their browser says.

    Not counted: who asks not to be (DNT, GPC), a reload, a page that the browser still holds from before, what is
    fetched ahead or into a frame, robots, and whatever sends none of what browsers send.
    """
    if headers.get("DNT") == "1" or headers.get("Sec-GPC") == "1":
        return False
    if "If-None-Match" in headers or headers.get("Cache-Control") in ("max-age=0", "no-cache"):
        return False
    ahead = headers.get("Sec-Purpose", "") + headers.get("Purpose", "") + headers.get("X-Moz", "")
    if "prefetch" in ahead or headers.get("Sec-Fetch-Dest", "document") != "document":
        return False
    agent = headers.get("User-Agent", "")
    is_browser = "Accept-Language" in headers and "text/html" in headers.get("Accept", "")
    return is_browser and agent != "" and _ROBOT.search(agent) is None


class Openings:
    """Counts in memory and writes every few seconds, so that a reader never waits; a crash loses those seconds."""

    def __init__(self) -> None:
        self._counted: Counter[Opened] = Counter()

    def count(self, article_id: str, locale: str, version: str, day: str) -> None:
        """One more opening."""
        self._counted[article_id, locale, version[:64], day] += 1

    @asynccontextmanager
    async def running(self, db: Database) -> AsyncIterator[None]:
        """While the block lasts; what was counted last is written at its end."""
        async with beside(every(_KEEP_EVERY_SECONDS, "counting_openings", partial(self.keep, db))):
            yield
        await self.keep(db)

    async def keep(self, db: Database) -> None:
        """Writes what was counted since the last time."""
        counted, self._counted = self._counted, Counter()
        if not counted:
            return
        try:
            async with db.write() as session:
                for (article_id, locale, version, day), times in sorted(counted.items()):
                    key = {"article_id": article_id, "locale": locale, "version": version, "day": day}
                    query = select(ArticleOpening).filter_by(**key).with_for_update()
                    row = (await session.execute(query)).scalar_one_or_none()
                    if row is None:
                        session.add(ArticleOpening(**key, times=times))
                    else:
                        row.times += times
        except IntegrityError:  # another process has just begun the same row: the next time finds it
            self._counted.update(counted)
        except BaseException:
            self._counted.update(counted)
            raise
