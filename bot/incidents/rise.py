"""When a topic is asked about far more than is usual at this hour: a bound from its own recent past, nothing else.

The last hour is compared with the same hour of the last four weeks, working days with working days. What can happen by
chance is a negative binomial with their mean and spread; an alert is what has less than one chance in 100,000.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

DAYS = 28
# With less of a past nothing can be called unusual.
FEWEST_DAYS = 3
_CHANCE = 1e-5
_FEWEST = 8
_AT_LEAST_TIMES = 2.0
# Days differ by a quarter of their mean, as far as nothing else is known: as if twelve days had shown it.
_COMMON, _COMMON_DAYS = 0.25**2, 12


@dataclass(frozen=True)
class Usual:
    """What is usual at this hour: how many, and the spread of days (variance over mean, 1 for pure chance)."""

    mean: float
    spread: float


def usual(past: Sequence[int]) -> Usual | None:
    """From the same hour on days before; nothing when there are too few of them."""
    if len(past) < FEWEST_DAYS:
        return None
    # One earlier incident must not hide the next: the highest day counts as the one below it.
    days = sorted(past)
    days[-1] = days[-2]
    count = len(days)
    # The mean is known from few days only: somewhat more than it is still likely.
    mean = (sum(days) + 1) / count
    varies = max(0.0, sum((each - mean) ** 2 for each in days) / (count - 1) - mean) / mean**2
    # How much days differ is known even less from few of them: it leans on what is common.
    varies = (count * varies + _COMMON_DAYS * _COMMON) / (count + _COMMON_DAYS)
    return Usual(mean, (1 + mean * varies) * (1 + 1 / count))


def is_rise(asked: int, normal: Usual) -> bool:
    """Whether so many in an hour are no accident."""
    if asked < _FEWEST or asked < _AT_LEAST_TIMES * normal.mean:
        return False
    return chance_of(asked, normal) < _CHANCE


def is_over(asked: int, normal: Usual) -> bool:
    """Whether it is back to what is usual."""
    return asked <= 1.5 * normal.mean + 3


def chance_of(asked: int, normal: Usual) -> float:
    """The probability of so many or more."""
    term = log_none = _log_none(normal)
    below = math.exp(log_none) if asked else 0.0
    for k in range(1, asked):
        term += _log_step(normal, k)
        below += math.exp(term)
    # The sum of what is below ends in rounding: the tail is added up itself once it is that small.
    if below < 1 - 1e-9:
        return 1 - below
    tail = 0.0
    for k in range(max(1, asked), asked + 500):
        term += _log_step(normal, k)
        tail += math.exp(term)
    return tail


def _log_none(normal: Usual) -> float:
    """The logarithm of the probability of none."""
    if normal.spread < 1.01:
        return -normal.mean
    return -normal.mean / (normal.spread - 1) * math.log(normal.spread)


def _log_step(normal: Usual, k: int) -> float:
    """From the probability of k - 1 to that of k."""
    if normal.spread < 1.01:
        return math.log(normal.mean / k)
    size = normal.mean / (normal.spread - 1)
    return math.log((size + k - 1) / k) + math.log(1 - 1 / normal.spread)
