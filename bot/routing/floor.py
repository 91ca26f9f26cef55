"""The floor at one moment: who waits, and who is there to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# A point of priority is worth so much waiting. Everybody ages alike, so that however many urgent cases come,
# each of them overtakes only those who have waited less than its own credit: nobody waits for ever.
SECONDS_A_POINT = 30


@dataclass(frozen=True)
class Waiting:
    """A request for a human; ``queue_at`` orders the queue, ``declined_by`` declined it or let it expire, in order."""

    handoff_id: str
    skill: str
    locale: str
    requested_at: datetime
    queue_at: datetime
    preferred: str | None = None
    declined_by: tuple[str, ...] = ()
    not_before: datetime | None = None  # those who declined it are not asked again until then
    is_free: bool = True  # offered to nobody at this moment
    to_others: bool = True  # whether those without the skill may take it, if nobody who has it comes


@dataclass(frozen=True)
class Advisor:
    """Somebody at the desk. ``load``: conversations and offers in hand; ``given_at``: when the last of them came."""

    id: str
    skills: frozenset[str]
    locales: frozenset[str]
    capacity: int
    load: int = 0
    asked: bool = False  # an offer stands: nobody can read two cards at once
    given_at: datetime | None = None

    @property
    def free(self) -> int:
        """How many more conversations they take."""
        return max(0, self.capacity - self.load)


def queue_at(requested_at: datetime, priority: int) -> datetime:
    """The place in the queue: the moment of the request, moved ahead by what its priority is worth."""
    return requested_at - timedelta(seconds=SECONDS_A_POINT * priority)
