"""Many questions asked of the assistant with drafts and without them: which answers change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from knowledge_base.retrieval.following import Asked
from knowledge_base.studio.form import Form
from knowledge_base.studio.trying import Overlay, Trials

Json = dict[str, Any]
Change = Literal["gain", "loss", "other"]
CHUNK = 64  # questions between two looks at whether to go on: their likenesses with 25,000 texts are 13 MB
MOST_TOLD = 500
ORDER: dict[str, int] = {"loss": 0, "other": 1, "gain": 2}
RANK = {"abstain": 0, "clarify": 1, "answer": 2}


@dataclass(frozen=True)
class Replayed:
    """A question that was asked `count` times."""

    id: str
    question: str
    locale: str
    count: int = 1


def replay(trials: Trials, forms: Sequence[Form], questions: Sequence[Replayed], report: Callable[[int], None]) -> Json:
    """`{changes, more, totals}`: what changes, the costliest first; totals weighted by how often each was asked."""
    overlay = trials.overlay(forms)
    report(0)
    told: list[Json] = []
    counts: Counter[str] = Counter()
    alike = sorted(questions, key=lambda one: len(one.question))  # those of a length are encoded in one run
    for start in range(0, len(alike), CHUNK):
        chunk = alike[start : start + CHUNK]
        asked = [Asked(one.question, one.locale, limit=1) for one in chunk]
        before, after = trials.without(asked, overlay), trials.answers(asked, overlay.drafts)
        for one, old, new in zip(chunk, before, after, strict=True):
            change = _changed(old, new)
            counts.update(_counted(one, old, new, change, overlay))
            if change is not None:
                shown = {"id": one.id, "question": one.question, "locale": one.locale, "count": one.count}
                told.append(shown | {"before": old, "after": new, "change": change})
        report(min(start + CHUNK, len(questions)))
    places = {one.id: place for place, one in enumerate(questions)}
    told.sort(key=lambda each: (ORDER[each["change"]], -each["count"], places[each["id"]]))
    return {
        "changes": _fewest(told),
        "more": max(0, len(told) - MOST_TOLD),
        "totals": {
            "questions": len(questions),
            "asked": counts["asked"],
            "answered": {"before": counts["before"], "after": counts["after"]},
            "by_draft": {"before": counts["draft_before"], "after": counts["draft_after"]},
            **{name: counts[name] for name in ("gain", "loss", "other")},
        },
    }


def _fewest(told: list[Json]) -> list[Json]:
    """At most MOST_TOLD, each kind with its share of the place."""
    if len(told) <= MOST_TOLD:
        return told
    share = MOST_TOLD // len(ORDER)
    return [one for kind in ORDER for one in [each for each in told if each["change"] == kind][:share]]


def _changed(old: Json, new: Json) -> Change | None:
    if RANK[new["decision"]] > RANK[old["decision"]]:
        return "gain"
    if RANK[new["decision"]] < RANK[old["decision"]]:
        return "loss"
    return "other" if old["article_id"] != new["article_id"] else None


def _counted(one: Replayed, old: Json, new: Json, change: Change | None, overlay: Overlay) -> dict[str, int]:
    held = {
        "asked": True,
        "before": old["decision"] == "answer",
        "after": new["decision"] == "answer",
        "draft_before": old["decision"] == "answer" and old["article_id"] in overlay.ids,
        "draft_after": new["decision"] == "answer" and new["article_id"] in overlay.ids,
        change or "same": True,
    }
    return {name: one.count for name, holds in held.items() if holds}
