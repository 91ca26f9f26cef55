"""Looks at the last hour of each topic, and raises an alert when it is far above what is usual."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.incidents import TopicCount, TopicRise
from bot.db.people import AuditEntry
from bot.db.types import new_id
from bot.incidents.rise import DAYS, Usual, is_over, is_rise, usual
from bot.incidents.tally import MINUTES, SLOTS, SLOTS_AN_HOUR, begin_of, slot_of
from bot.live import DESK
from bot.services import Services

# Put aside or over: the same topic is not raised again so soon.
_QUIET = timedelta(hours=6)
_HOUR = timedelta(hours=1)
_RISES = 7_351  # the number of this work among those done by one process at a time
_DAY = timedelta(days=1)


async def look(services: Services) -> bool:
    """One look at every topic; whether an alert began or ended."""
    now = services.clock()
    async with services.db.read() as session:
        asked, normal = await measured(session, now, services.service.timezone)
    if not normal:
        return False
    handled = {topic for one in services.incidents.current() for topic in one.topics}
    changed = False
    async with services.db.write() as session:
        await services.db.one_at_a_time(session, _RISES)
        query = select(TopicRise).where(TopicRise.ended_at.is_(None) | (TopicRise.ended_at > now - _QUIET))
        known = {row.topic: row for row in (await session.execute(query.order_by(TopicRise.raised_at))).scalars()}
        for topic, count in asked.items():
            row, expected = known.get(topic), normal[topic]
            if row is None and topic not in handled and is_rise(count, expected):
                session.add(_raised(topic, count, expected, now))
                session.add(AuditEntry(at=now, action="topic_rise_raised", target=topic, detail=str(count)))
                changed = True
            elif row is not None and row.ended_at is None:
                row.asked = max(row.asked, count)
        for topic, row in known.items():
            over = topic in handled or is_over(asked[topic], normal.get(topic, Usual(0.0, 1.0)))
            if row.ended_at is None and over:
                row.ended_at, changed = now, True
    if changed:
        services.live.publish(DESK, {"type": "alerts"})
    return changed


def _raised(topic: str, count: int, expected: Usual, now: datetime) -> TopicRise:
    return TopicRise(id=new_id(), topic=topic, raised_at=now, asked=count, usual=round(expected.mean, 1))


async def measured(session: AsyncSession, now: datetime, zone: str) -> tuple[Counter[str], Mapping[str, Usual]]:
    """How often each topic was asked in the last hour, and what is usual then; nothing usual with too little past."""
    last = slot_of(now, zone)
    slots = [(last - back) % SLOTS for back in range(SLOTS_AN_HOUR)]
    query = (
        select(TopicCount.topic, TopicCount.at, func.sum(TopicCount.asked))
        .where(TopicCount.slot.in_(slots), TopicCount.at > now - (DAYS + 1) * _DAY)
        .group_by(TopicCount.topic, TopicCount.at)
    )
    rows = (await session.execute(query)).all()
    first = (await session.execute(select(func.min(TopicCount.at)))).scalar_one_or_none()
    asked: Counter[str] = Counter()
    past: dict[str, Counter[int]] = defaultdict(Counter)
    middle = begin_of(now) + timedelta(minutes=MINUTES) - _HOUR / 2
    for topic, at, count in rows:
        # A day is 23 or 25 hours long twice a year: rounding forgives it.
        days = round((middle - at) / _DAY)
        if days == 0:
            asked[topic] += count
        elif days <= DAYS:
            past[topic][days] += count
    compared = comparable(now, first, zone)
    normal = {topic: usual([past[topic][day] for day in compared]) for topic in asked.keys() | past.keys()}
    return asked, {topic: each for topic, each in normal.items() if each is not None}


def comparable(now: datetime, first: datetime | None, zone: str) -> list[int]:
    """Days ago, as far as anything was counted: working days for a working day if there are enough of them."""
    if first is None:
        return []
    # The day on which counting began is not whole.
    known = range(1, min(DAYS, int((now - _HOUR - first) / _DAY)) + 1)
    local = now.astimezone(ZoneInfo(zone))
    alike = [day for day in known if ((local - day * _DAY).weekday() > 4) == (local.weekday() > 4)]
    return alike if len(alike) >= 4 else list(known)
