"""How far a long command has come, on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from tqdm import tqdm

from knowledge_base.retrieval.vectors import Progress

LINE_SECONDS = 10.0


@contextmanager
def shown(label: str, stream: TextIO | None = None) -> Iterator[Progress]:
    """A function (done, total) to call as the work goes on; what is done at once shows nothing."""
    out = stream or sys.stderr
    if not out.isatty():
        yield _Lines(label, out)
        return
    bars: list[tqdm] = []

    def report(done: int, total: int) -> None:
        if not bars:
            bars.append(tqdm(total=total, desc=label, file=out, leave=False))
        bars[0].update(done - bars[0].n)

    try:
        yield report
    finally:
        for bar in bars:
            bar.close()


class _Lines:
    """At most one line in LINE_SECONDS: how much, how long, how long still."""

    def __init__(self, label: str, out: TextIO) -> None:
        self._label, self._out = label, out
        self._told = time.monotonic()
        self._lately: deque[tuple[float, int]] = deque([(self._told, 0)], maxlen=6)

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told < LINE_SECONDS or not done:
            return
        self._told = now
        then, before = self._lately[0]  # what was kept from another run went by at once and foretells nothing
        self._lately.append((now, done))
        left = (now - then) * (total - done) / max(done - before, 1)
        self._out.write(f"{self._label}: {done} of {total}, about {left:.0f} s left\n")
        self._out.flush()
