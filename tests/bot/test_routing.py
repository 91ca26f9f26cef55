"""Who is offered what, and what is told of the wait: the rules alone, on floors made up for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bench import floor as day
from bot.routing.estimate import estimate
from bot.routing.floor import Advisor, Waiting, queue_at
from bot.routing.offers import offers

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOON = timedelta(minutes=5)


def asked(name: str, *, ago: float = 0, priority: int = 0, skill: str = "general", **more: object) -> Waiting:
    at = NOW - timedelta(seconds=ago)
    return Waiting(name, skill, str(more.pop("locale", "fr")), at, queue_at(at, priority), **more)  # type: ignore[arg-type]


def person(name: str, *, skills: str = "general", locales: str = "fr", capacity: int = 1, load: int = 0) -> Advisor:
    return Advisor(name, frozenset(skills.split()), frozenset(locales.split()), capacity, load)


def made(waiting: list[Waiting], floor: list[Advisor]) -> dict[str, tuple[str, bool]]:
    return {one.handoff_id: (one.advisor_id, one.overflow) for one in offers(waiting, floor, NOW, SOON)}


def test_who_served_the_customer_last_comes_before_who_has_most_room() -> None:
    floor = [person("a", capacity=4), person("b", capacity=4, load=3)]
    assert made([asked("x")], floor) == {"x": ("a", False)}
    assert made([asked("x", preferred="b")], floor) == {"x": ("b", False)}


def test_a_request_nobody_can_take_holds_nobody_up() -> None:
    floor = [person("a"), person("e", locales="en", load=1)]
    waiting = [asked("english", locale="en", ago=100), asked("french", ago=1)]
    assert made(waiting, floor) == {"french": ("a", False)}


def test_skill_then_language_then_anybody() -> None:
    general, english = person("g"), person("e", locales="en", skills="payment")
    assert made([asked("x", skill="payment")], [general, english]) == {"x": ("g", True)}  # the language counts more
    assert made([asked("x", skill="payment", locale="nl")], [general, english]) == {"x": ("e", True)}
    assert made([asked("x", skill="shops", locale="nl")], [general]) == {"x": ("g", True)}
    # The skilled one is there and busy: the customer waits for them, up to a limit.
    busy = person("p", skills="payment", load=1)
    assert made([asked("x", skill="payment", ago=60)], [general, busy]) == {}
    assert made([asked("x", skill="payment", ago=301)], [general, busy]) == {"x": ("g", True)}


def test_nobody_waits_for_ever_behind_newer_urgent_cases() -> None:
    """One advisor, an urgent case each minute: the ordinary one has its turn once its wait is worth their credit."""
    ordinary = asked("ordinary")
    for minute in range(120):
        now = NOW + timedelta(minutes=minute)
        urgent = Waiting(f"u{minute}", "general", "fr", now, queue_at(now, 100))
        if offers([ordinary, urgent], [person("a")], now, SOON)[0].handoff_id == "ordinary":
            assert minute == 50
            return
    raise AssertionError("it waited for two hours")


def test_the_estimate_counts_those_who_wait_for_the_same_people() -> None:
    floor = [person("a", capacity=4, load=4), person("e", locales="en", capacity=4, load=4)]
    queue = [asked("1", ago=90), asked("2", ago=60, locale="en"), asked("3", ago=30)]
    told = estimate(asked("mine"), queue, floor, NOW, SOON, service_seconds=400)
    assert (told.position, told.seconds) == (3, 300.0)  # two French ones before, and an end every 100 seconds
    free = [person("a", capacity=4, load=2), floor[1]]
    assert estimate(asked("mine"), [], free, NOW, SOON, service_seconds=400).seconds == 0.0
    assert estimate(asked("mine"), queue, [], NOW, SOON, service_seconds=400).seconds is None


def test_on_a_busy_morning_everybody_is_served_and_the_wait_is_told_truly() -> None:
    found = day.measure(seed=7, hours=3)
    assert found["never_served"] == 0
    assert found["told_a_wait"] > 100
    assert found["estimate_off_by"]["median"] < 0.25
    waited = found["waited_seconds"]
    assert waited["100"]["p95"] < waited["0"]["p95"]
    assert "off by" in day.show(found)
