"""A topic that rises: found soon, false alarms rare on a simulated month, and the matching incident is proposed."""

from __future__ import annotations

import math
import random
from datetime import timedelta
from typing import Any

from bot.db.incidents import TopicCount
from bot.db.types import new_id
from bot.incidents.rise import Usual, chance_of, is_rise, usual
from bot.incidents.tally import begin_of, slot_of
from bot.incidents.watching import look
from service.topics import TOPICS
from tests.bot.conftest import OPEN_HOUR, Bot
from tests.bot.preparing_incidents import studio_of

Json = dict[str, Any]
DAY, HOURS = 24, range(24)
DAYS = 58  # four weeks to learn from, thirty days to watch


class Month:
    """Questions by topic, day and hour: a daily curve, quiet weekends, good and bad days, chance."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.rates = {topic: 0.3 * 1.7**index for index, topic in enumerate(TOPICS[:8])}

    def drawn(self, mean: float) -> int:
        if mean > 30:
            return max(0, round(self.random.gauss(mean, math.sqrt(mean))))
        count, left = 0, math.exp(-mean)
        product = self.random.random()
        while product > left:
            count, product = count + 1, product * self.random.random()
        return count

    def counts(self, rate: float) -> list[list[int]]:
        curve = [max(0.05, math.sin(math.pi * (hour - 6) / 17)) if 6 <= hour <= 23 else 0.05 for hour in HOURS]
        weekend = [0.6 if day % 7 > 4 else 1.0 for day in range(DAYS)]
        moods = [self.random.gammavariate(25, 1 / 25) for _ in range(DAYS)]
        return [[self.drawn(rate * weekend[day] * moods[day] * curve[hour]) for hour in HOURS] for day in range(DAYS)]


def alike(day: int) -> list[int]:
    return [other for other in range(max(0, day - 28), day) if (other % 7 > 4) == (day % 7 > 4)]


def measured(seed: int, times: float) -> tuple[int, int, int]:
    """Looks, alarms, and hours with ``times`` as many questions that were found."""
    month, looks, alarms, found = Month(seed), 0, 0, 0
    for rate in month.rates.values():
        counts = month.counts(rate)
        for day in range(28, DAYS):
            for hour in HOURS:
                normal = usual([counts[other][hour] for other in alike(day)])
                assert normal is not None
                looks += 1
                alarms += is_rise(counts[day][hour], normal)
                if hour == 14 and rate > 10:
                    found += is_rise(month.drawn(rate * (0.6 if day % 7 > 4 else 1.0) * times), normal)
    return looks, alarms, found


def test_a_simulated_month_has_hardly_a_false_alarm_and_hides_no_rise() -> None:
    results = [measured(seed, 5.0) for seed in range(3)]
    assert sum(looks for looks, _, _ in results) == 3 * 8 * 30 * DAY
    assert sum(alarms for _, alarms, _ in results) <= 1, results
    rising = sum(rate > 10 for rate in Month(0).rates.values()) * 30
    assert all(found >= 0.9 * rising for _, _, found in results), results


def test_the_bound_is_that_of_chance() -> None:
    assert abs(chance_of(20, Usual(10.0, 1.0)) - 0.003454) < 1e-5, "Poisson"
    assert 0 < chance_of(60, Usual(10.0, 1.0)) < 1e-20
    assert chance_of(20, Usual(10.0, 3.0)) > chance_of(20, Usual(10.0, 1.0)), "days that differ forgive more"
    assert usual([5, 5]) is None, "two days are no past"
    calm = usual([10, 9, 11, 10, 10, 12, 9, 10, 11, 90])
    assert calm is not None
    assert is_rise(60, calm), "an incident of before does not hide the next"


async def test_a_rise_raises_an_alert_that_proposes_what_is_prepared(bot: Bot) -> None:
    studio = await studio_of(bot)
    incident = await studio.prepare()
    await studio.prepare(name="Tout", topics=["delivery", "orders"])
    zone = bot.services.service.timezone
    async with bot.services.db.write() as session:
        for days in range(1, 22):
            at = begin_of(OPEN_HOUR - timedelta(days=days, minutes=20))
            row = TopicCount(id=new_id(), topic="delivery", at=at, slot=slot_of(at, zone), asked=4, process="p")
            session.add(row)
    customers = [await bot.customer(locale="fr") for _ in range(3)]
    for customer in customers:
        for _ in range(7):
            await customer.ask("Quel est le délai ?")
    await bot.services.tally.keep(bot.services.db, bot.clock())
    await look(bot.services)
    _, body = await studio.call("GET")
    alert = body["alerts"][0]
    assert (alert["topic"], alert["asked"], alert["proposed"]) == ("delivery", 21, incident["id"])
    marc = (await studio_of(bot, "marc", "supervisor")).desk
    _, floor = await marc.call("GET", "alerts")
    assert [(each["topic"], each["usual"]) for each in floor["rises"]] == [("delivery", alert["usual"])]

    await studio.on(incident)
    await look(bot.services)
    assert (await studio.call("GET"))[1]["alerts"] == [], "it is being dealt with"
