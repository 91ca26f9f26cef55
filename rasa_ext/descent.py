"""L-BFGS in single precision: half the memory of scipy's, and none of its bookkeeping for each parameter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

REMEMBERED = 6
ENOUGH = 1e-4  # of the descent that the slope promises
CLOSE = 1e-5  # relative change of the loss at which it is low enough


def lowest(loss: Callable[[Floats], tuple[float, Floats]], start: Floats, steps: int) -> Floats:
    """Where a smooth convex function is lowest, after so many steps at most; it returns its value and slope."""
    here, (value, slope) = start, loss(start)
    moves: list[tuple[Floats, Floats, float]] = []
    for step in range(steps):
        way = _way(slope, moves)
        promised = float(np.vdot(way, slope))
        if promised >= 0:  # rounding has spoilt what was remembered
            moves, way, promised = [], -slope, -float(np.vdot(slope, slope))
        stride = 1.0 if moves else min(1.0, 1.0 / max(float(np.abs(slope).sum()), 1e-9)) * 10
        for _ in range(20):
            there = here + np.float32(stride) * way
            reached, tilted = loss(there)
            if reached <= value + ENOUGH * stride * promised:
                break
            stride /= 2
        else:
            return here
        move, turn = there - here, tilted - slope
        bend = float(np.vdot(move, turn))
        if bend > 1e-10:
            moves = [*moves[-REMEMBERED + 1 :], (move, turn, 1 / bend)]
        settled = value - reached <= CLOSE * max(abs(value), 1.0) and step > 0
        here, value, slope = there, reached, tilted
        if settled:
            break
    return here


def _way(slope: Floats, moves: list[tuple[Floats, Floats, float]]) -> Floats:
    """The two-loop recursion."""
    way = -slope
    shares = []
    for move, turn, rate in reversed(moves):
        shares.append(rate * float(np.vdot(move, way)))
        way = way - np.float32(shares[-1]) * turn
    if moves:
        move, turn, rate = moves[-1]
        way = way * np.float32(1 / (rate * float(np.vdot(turn, turn))))
    for (move, turn, rate), share in zip(moves, reversed(shares), strict=True):
        way = way + np.float32(share - rate * float(np.vdot(turn, way))) * move
    return way
