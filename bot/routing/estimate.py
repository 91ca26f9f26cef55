"""How long somebody will wait, told from how long conversations took lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.routing.floor import Advisor, Waiting
from bot.routing.offers import suited


@dataclass(frozen=True)
class Estimate:
    """``position`` from 1 among those who wait for the same people; ``seconds`` None when nobody suitable is there."""

    position: int
    seconds: float | None


def estimate(
    one: Waiting,
    queue: Sequence[Waiting],
    floor: Sequence[Advisor],
    now: datetime,
    overflow_after: timedelta,
    service_seconds: float,
) -> Estimate:
    """The place of ``one`` in the queue and its wait; ``queue`` holds all who wait, ``one`` may be among them.

    A conversation ends every ``service_seconds / capacity`` of the advisors who may serve ``one``. Who waits before it
    takes such an end as far as those advisors are the ones who may serve them too.
    """
    mine = {advisor.id: advisor for advisor in suited(one, floor, now, overflow_after)[0]}
    before = [other for other in queue if _place(other) < _place(one)]
    if not mine:
        return Estimate(1 + len(before), None)
    ahead = sum(_share(other, mine, floor, now, overflow_after) for other in before)
    position = 1 + sum(_share(other, mine, floor, now, overflow_after) > 0 for other in before)
    free = sum(advisor.free for advisor in mine.values())
    slots = sum(advisor.capacity for advisor in mine.values())
    return Estimate(position, max(0.0, ahead + 1 - free) * service_seconds / slots)


def _place(one: Waiting) -> tuple[datetime, str]:
    return one.queue_at, one.handoff_id


def _share(
    other: Waiting, mine: dict[str, Advisor], floor: Sequence[Advisor], now: datetime, overflow_after: timedelta
) -> float:
    """How much of the room of ``mine`` somebody else in the queue will take, 0 to 1."""
    able = suited(other, floor, now, overflow_after)[0]
    theirs = sum(advisor.capacity for advisor in able)
    return sum(advisor.capacity for advisor in able if advisor.id in mine) / theirs if theirs else 0.0
