"""A day at the desk on a virtual clock, with the product's own routing: who waits how long, and was it told truly?"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import fmean, median
from typing import Any

from bench.figures import percentile
from bot.routing.estimate import estimate
from bot.routing.floor import Advisor, Waiting, queue_at
from bot.routing.offers import Offer, offers

Json = dict[str, Any]
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOURS = 10
ADVISORS, CAPACITY = 20, 4
MEAN_SECONDS, VARIATION = 600.0, 1.2  # of a conversation: lognormal, its standard deviation over its mean
RUSH = (1.0, 2.5)  # hours after the start
# Share of the floor's capacity that is asked for: on an ordinary hour, and in the rush.
ORDINARY, RUSHED = 0.85, 1.35
OVERFLOW_AFTER = timedelta(minutes=30)
LAST_SERVICES = 200
SKILLS = ("delivery", "after_sales", "payment", "general")
PRIORITIES = ((0, 0.80), (10, 0.12), (20, 0.05), (100, 0.03))


@dataclass
class _Day:
    chance: random.Random
    floor: dict[str, Advisor]
    queue: dict[str, Waiting] = field(default_factory=dict)
    priorities: dict[str, int] = field(default_factory=dict)
    told: dict[str, float | None] = field(default_factory=dict)
    waited: dict[str, float] = field(default_factory=dict)
    served: list[float] = field(default_factory=lambda: [MEAN_SECONDS])
    ends: list[tuple[datetime, str, float]] = field(default_factory=list)

    def arrive(self, number: int, now: datetime) -> None:
        priority = self.chance.choices([p for p, _ in PRIORITIES], [share for _, share in PRIORITIES])[0]
        skill = self.chance.choice(SKILLS)
        locale = "fr" if self.chance.random() < 0.8 else "en"
        one = Waiting(f"{number:05}", skill, locale, now, queue_at(now, priority))
        told = estimate(one, list(self.queue.values()), list(self.floor.values()), now, OVERFLOW_AFTER, self.usual())
        self.told[one.handoff_id], self.priorities[one.handoff_id] = told.seconds, priority
        self.queue[one.handoff_id] = one

    def usual(self) -> float:
        return fmean(self.served[-LAST_SERVICES:])

    def offer(self, now: datetime) -> None:
        while made_now := offers(list(self.queue.values()), list(self.floor.values()), now, OVERFLOW_AFTER):
            self.take(made_now, now)

    def take(self, made_now: list[Offer], now: datetime) -> None:
        for made in made_now:
            one = self.queue.pop(made.handoff_id)
            self.waited[one.handoff_id] = (now - one.requested_at).total_seconds()
            advisor = self.floor[made.advisor_id]
            self.floor[advisor.id] = replace(advisor, load=advisor.load + 1, given_at=now)
            lasts = _lognormal(self.chance)
            heapq.heappush(self.ends, (now + timedelta(seconds=lasts), advisor.id, lasts))

    def end_until(self, now: datetime) -> None:
        while self.ends and self.ends[0][0] <= now:
            at, advisor_id, lasted = heapq.heappop(self.ends)
            advisor = self.floor[advisor_id]
            self.floor[advisor_id] = replace(advisor, load=advisor.load - 1)
            self.served.append(lasted)
            self.offer(at)


def _lognormal(chance: random.Random) -> float:
    sigma = math.sqrt(math.log(1 + VARIATION**2))
    return chance.lognormvariate(math.log(MEAN_SECONDS) - sigma**2 / 2, sigma)


def _arrivals(chance: random.Random, hours: int) -> Iterator[datetime]:
    at, per_second = 0.0, ADVISORS * CAPACITY / MEAN_SECONDS
    while at < hours * 3600:
        rushed = RUSH[0] <= at / 3600 < RUSH[1]
        at += chance.expovariate(per_second * (RUSHED if rushed else ORDINARY))
        yield START + timedelta(seconds=at)


def measure(seed: int = 11, hours: int = HOURS) -> Json:
    """One day. ``truth`` is of those who were told a wait of a minute or more."""
    chance = random.Random(seed)  # noqa: S311 - the same day each time
    people = [
        Advisor(
            f"a{number:02}",
            frozenset({SKILLS[number % 4], SKILLS[(number // 4) % 4], "general"}),
            frozenset({"fr", "en"} if number % 3 == 0 else {"fr"}),
            CAPACITY,
        )
        for number in range(ADVISORS)
    ]
    day = _Day(chance, {person.id: person for person in people})
    for number, now in enumerate(_arrivals(chance, hours)):
        day.end_until(now)
        day.arrive(number, now)
        day.offer(now)
    day.end_until(START + timedelta(days=2))
    return _figures(day)


def _figures(day: _Day) -> Json:
    told = {key: seconds for key, seconds in day.told.items() if seconds is not None and seconds >= 60}
    away = [abs(seconds - day.waited[key]) / max(day.waited[key], 1.0) for key, seconds in told.items()]
    by_priority = {
        str(priority): [seconds for key, seconds in day.waited.items() if day.priorities[key] == priority]
        for priority, _ in PRIORITIES
    }
    return {
        "customers": len(day.told),
        "never_served": len(day.told) - len(day.waited),
        "told_a_wait": len(told),
        "estimate_off_by": {"median": round(median(away), 3), "p90": round(percentile(away, 0.9), 3)},
        "waited_seconds": {
            name: {"customers": len(rows), "p50": round(median(rows)), "p95": round(percentile(rows, 0.95)),
                   "longest": round(max(rows))}
            for name, rows in by_priority.items()
        },
    }  # fmt: skip


def show(found: Json) -> str:
    """The figures as a table."""
    off, told = found["estimate_off_by"], found["told_a_wait"]
    about = f"conversations of {MEAN_SECONDS / 60:.0f} min (coefficient of variation {VARIATION})"
    lines = [f"{ADVISORS} advisors, {CAPACITY} conversations each, {HOURS} hours with a morning rush, {about}"]
    lines += [f"{found['customers']} customers, {found['never_served']} never served"]
    lines += [f"{'priority':>10}{'customers':>11}{'p50 s':>8}{'p95 s':>8}{'longest s':>11}"]
    lines += [
        f"{name:>10}{row['customers']:>11}{row['p50']:>8}{row['p95']:>8}{row['longest']:>11}"
        for name, row in found["waited_seconds"].items()
    ]
    lines += [f"{told} were told a wait of a minute or more; off by {off['median']:.0%} (p50), {off['p90']:.0%} (p90)"]
    return "\n".join(lines)
