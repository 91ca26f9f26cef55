"""Latencies and their summary."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter


@dataclass(frozen=True)
class Figures:
    """Milliseconds for one call; calls a second over the whole run."""

    p50_ms: float
    p95_ms: float
    per_second: float
    count: int

    def shown(self) -> dict[str, float]:
        """For ``--json``."""
        return asdict(self)


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile of a non-empty sequence."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summarise(seconds: Sequence[float], elapsed: float) -> Figures:
    """Figures of calls that took ``seconds`` each, all within ``elapsed`` seconds."""
    milliseconds = [value * 1000 for value in seconds]
    return Figures(
        round(percentile(milliseconds, 0.5), 1),
        round(percentile(milliseconds, 0.95), 1),
        round(len(seconds) / elapsed, 1),
        len(seconds),
    )


async def timed(call: Callable[[], Awaitable[object]]) -> float:
    """How long one call took, in seconds."""
    started = perf_counter()
    await call()
    return perf_counter() - started
