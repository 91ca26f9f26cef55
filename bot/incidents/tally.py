"""How often each topic is asked about, counted without a trace of who asked."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from bot.db.engine import Database
from bot.db.incidents import TopicCount
from bot.db.types import new_id

MINUTES = 10
SLOTS_AN_HOUR = 60 // MINUTES
SLOTS = 24 * SLOTS_AN_HOUR
KEPT = timedelta(days=35)


def slot_of(at: datetime, zone: str) -> int:
    """Which ten minutes of the company's day a moment lies in."""
    local = at.astimezone(ZoneInfo(zone))
    return (local.hour * 60 + local.minute) // MINUTES


def begin_of(at: datetime) -> datetime:
    """When its ten minutes began."""
    return at.replace(minute=at.minute - at.minute % MINUTES, second=0, microsecond=0)


class Tally:
    """Counts in memory; ``keep`` writes what was counted. A crash loses at most what came since."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(8)
        self._counted: Counter[tuple[str, datetime, int]] = Counter()

    def count(self, topic: str, at: datetime, zone: str) -> None:
        """One more question about ``topic``."""
        self._counted[topic, begin_of(at), slot_of(at, zone)] += 1

    async def keep(self, db: Database, now: datetime) -> None:
        """Writes the counts of this process, and drops what is too old to compare with."""
        counted, self._counted = self._counted, Counter()
        if not counted:
            return
        try:
            async with db.write() as session:
                await session.execute(delete(TopicCount).where(TopicCount.at < now - KEPT))
                for (topic, at, slot), asked in counted.items():
                    mine = select(TopicCount).where(TopicCount.slot == slot, TopicCount.at == at)
                    query = mine.where(TopicCount.topic == topic, TopicCount.process == self._process)
                    row = (await session.execute(query)).scalar_one_or_none()
                    if row is None:
                        row = TopicCount(id=new_id(), topic=topic, at=at, slot=slot, asked=0, process=self._process)
                        session.add(row)
                    row.asked += asked
        except BaseException:
            self._counted.update(counted)
            raise
