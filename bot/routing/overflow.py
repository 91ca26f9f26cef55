"""What is done when nobody with the skill can come: no database, no clock, no words of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.routing.floor import Advisor, Waiting

ANOTHER_SKILL, CALL_BACK, SHOP = "another_skill", "call_back", "shop"
# Whoever is about to sit down, or steps out for a moment, is waited for.
PATIENCE = timedelta(seconds=60)


def rule_for(
    one: Waiting,
    rules: Sequence[str],
    possible: Collection[str],
    floor: Sequence[Advisor],
    now: datetime,
    overflow_after: timedelta,
) -> str | None:
    """The first of ``rules`` that helps, and is ``possible``; None while somebody with the skill may still come soon.

    A colleague helps as soon as one of them has room; a call or a shop is spoken of after ``PATIENCE``.
    """
    waited = now - one.requested_at
    if somebody_skilled(one, floor) and waited < overflow_after:
        return None
    is_time = waited >= min(PATIENCE, overflow_after)
    for rule in rules:
        if rule == ANOTHER_SKILL:
            if any(helper.free or helper.asked for helper in floor if _colleague(helper, one)):
                return rule
        elif rule in possible:
            return rule if is_time else None
    return None


def somebody_skilled(one: Waiting, floor: Sequence[Advisor]) -> bool:
    """Whether anybody there has both the skill and the language."""
    return any(one.skill in advisor.skills and one.locale in advisor.locales for advisor in floor)


def _colleague(advisor: Advisor, one: Waiting) -> bool:
    return one.skill not in advisor.skills and one.locale in advisor.locales
