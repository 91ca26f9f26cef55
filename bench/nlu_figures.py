"""From what was predicted to the figures of the NLU bench."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
OUT_OF_SCOPE = "out_of_scope"
THRESHOLDS = tuple(round(step / 10, 1) for step in range(1, 10))


def figures(answered: Sequence[Json], *, folds: int | None = None) -> Json:
    """`answered`: rows of {intent, predicted, confidence, fold}. A figure without examples of its kind is null.

    With `folds`, the share right at no threshold is added: {accuracy, accuracy_by_fold}.
    """
    inside = [row for row in answered if row["intent"] != OUT_OF_SCOPE]
    outside = [row for row in answered if row["intent"] == OUT_OF_SCOPE]
    found: Json = {
        "auroc": _rounded(auroc([_trust(row) for row in inside], [_trust(row) for row in outside])),
        "thresholds": [
            {
                "threshold": threshold,
                "in_scope_accuracy": _share([_right(row) and _trust(row) >= threshold for row in inside]),
                "out_of_scope_recall": _share([_trust(row) < threshold for row in outside]),
            }
            for threshold in THRESHOLDS
        ],
    }
    if folds is not None:
        by_fold: dict[int, list[bool]] = defaultdict(list)
        for row in inside:
            by_fold[row["fold"]].append(_right(row))
        found["accuracy"] = _share([_right(row) for row in inside])
        found["accuracy_by_fold"] = [_share(rights) for _, rights in sorted(by_fold.items())]
    return found


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Chance that one in scope gets more confidence than one out of scope, ties by halves; None without both."""
    if not inside or not outside:
        return None
    ranked = sorted([(value, True) for value in inside] + [(value, False) for value in outside])
    total, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        rank = (place + 1 + end) / 2  # ties share the mean of their ranks
        total += rank * sum(kind for _, kind in ranked[place:end])
        place = end
    count = len(inside)
    return (total - count * (count + 1) / 2) / (count * len(outside))


def _trust(row: Json) -> float:
    """A model that was taught what is out of scope and says so trusts in no intent."""
    return 0.0 if row["predicted"] == OUT_OF_SCOPE else float(row["confidence"])


def _right(row: Json) -> bool:
    return bool(row["predicted"] == row["intent"])


def _share(rights: Sequence[bool]) -> float | None:
    return _rounded(sum(rights) / len(rights)) if rights else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
