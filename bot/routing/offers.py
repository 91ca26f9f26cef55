"""To whom each waiting request is offered next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.routing.floor import Advisor, Waiting

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Offer:
    """This request goes to this advisor; ``overflow``: who has the skill is not there, or not soon."""

    handoff_id: str
    advisor_id: str
    overflow: bool


def offers(
    waiting: Iterable[Waiting], floor: Sequence[Advisor], now: datetime, overflow_after: timedelta
) -> list[Offer]:
    """The best free advisor for each request, the queue's head first. ``floor``: those who take conversations now.

    Who served the customer last comes first, then who has most room, then who was given nothing for longest.
    A request for which no suitable advisor is free keeps its place and holds nobody up; each is asked one at a time.
    """
    given: Counter[str] = Counter()
    made: list[Offer] = []
    for one in sorted(waiting, key=lambda one: (one.queue_at, one.handoff_id)):
        able, overflow = suited(one, floor, now, overflow_after)
        willing = _willing(able, one, now)
        free = [advisor for advisor in willing if advisor.free and not advisor.asked and not given[advisor.id]]
        if free:
            best = min(free, key=lambda advisor: _order(advisor, one, given))
            given[best.id] += 1
            made.append(Offer(one.handoff_id, best.id, overflow))
    return made


def suited(
    one: Waiting, floor: Sequence[Advisor], now: datetime, overflow_after: timedelta
) -> tuple[list[Advisor], bool]:
    """Who may serve a request, free or not, and whether that is an overflow.

    Skill and language count first. Where nobody there has both, or the wait grew beyond ``overflow_after``, the
    language is enough; where nobody speaks it, the skill is; in the end anybody is better than nobody.
    Where the company does not want that (``to_others``), the skill is always needed.
    """
    speaking = [advisor for advisor in floor if one.locale in advisor.locales]
    both = [advisor for advisor in speaking if one.skill in advisor.skills]
    if both and now - one.requested_at < overflow_after:
        return both, False
    if not one.to_others:
        return both or [advisor for advisor in floor if one.skill in advisor.skills], not both
    if speaking:
        return speaking, len(speaking) > len(both)
    skilled = [advisor for advisor in floor if one.skill in advisor.skills]
    return skilled or list(floor), True


def _willing(able: Sequence[Advisor], one: Waiting, now: datetime) -> Sequence[Advisor]:
    """Without those who did not want it; when nobody else is there, they are asked again after a pause."""
    others = [advisor for advisor in able if advisor.id not in one.declined_by]
    return others or (able if one.not_before is None or now >= one.not_before else [])


def _order(advisor: Advisor, one: Waiting, given: Counter[str]) -> tuple[int, bool, bool, float, datetime, str]:
    declined = max((place for place, name in enumerate(one.declined_by, 1) if name == advisor.id), default=0)
    share = (advisor.load + given[advisor.id]) / advisor.capacity
    unskilled, stranger = one.skill not in advisor.skills, advisor.id != one.preferred
    return declined, stranger, unskilled, share, advisor.given_at or _LONG_AGO, advisor.id
