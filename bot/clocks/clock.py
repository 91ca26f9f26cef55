"""Which clocks run for a handoff, since when and until when: no database, no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from service import Service

Clock = Literal["first_response", "next_response", "resolution", "customer"]
State = Literal["fine", "warning", "late"]
CUSTOMER: Clock = "customer"


@dataclass(frozen=True)
class Facts:
    """What the record knows of one handoff.

    ``asked_at``: when the customer began to wait (a call for later: its moment). ``answered_at`` and
    ``last_answer_at``: the first and the last time somebody answered. ``unanswered_since``: the oldest message of the
    customer after that. ``in_queue``: nobody has it, so that who was answered before waits again.
    """

    asked_at: datetime
    answered_at: datetime | None = None
    last_answer_at: datetime | None = None
    unanswered_since: datetime | None = None
    in_queue: bool = False


@dataclass(frozen=True)
class Run:
    """One run of a clock; ``ended_at`` when it was answered already."""

    clock: Clock
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    ended_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """How it stands at ``now``."""
        if now >= self.due_at:
            return "late"
        return "warning" if now >= self.warn_at else "fine"

    @property
    def was_late(self) -> bool:
        """Whether the answer came after the target."""
        return self.ended_at is not None and self.ended_at > self.due_at


def runs(facts: Facts, service: Service) -> list[Run]:
    """Every clock of a handoff that is open; the first response also once it was given."""
    found = [
        _business(service, "first_response", facts.asked_at, facts.answered_at),
        _business(service, "resolution", facts.asked_at),
    ]
    waits_since = waiting_since(facts)
    if facts.answered_at is not None and waits_since is not None:
        found.append(_business(service, "next_response", waits_since))
    if waits_since is not None:
        found.append(_plain(service, waits_since))
    return [run for run in found if run is not None]


def waiting_since(facts: Facts) -> datetime | None:
    """Since when the customer waits for a word of ours; None while it is theirs to speak."""
    if facts.answered_at is None:
        return facts.asked_at
    return facts.unanswered_since or (facts.last_answer_at if facts.in_queue else None)


def _business(service: Service, clock: Clock, start: datetime, ended_at: datetime | None = None) -> Run | None:
    levels = service.service_levels
    target = levels.targets[clock]
    warn, due = service.after_open(start, target * levels.warn_at), service.after_open(start, target)
    return Run(clock, start, warn, due, ended_at) if warn is not None and due is not None else None


def _plain(service: Service, start: datetime) -> Run:
    whole = timedelta(hours=service.handoff.customer_max_wait_hours)
    return Run(CUSTOMER, start, start + whole * service.service_levels.warn_at, start + whole)
