"""How well questions are grouped: beside k-means on the plain encoder, on questions whose true groups are known."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from encoder.joint import JointEncoder
from knowledge_base.content import jsonlines
from knowledge_base.measuring.evaluation import EvaluationError
from knowledge_base.studio.grouping import Grouped, Item, group
from knowledge_base.studio.space import Report, Space

Json = dict[str, Any]
TEXTS, LABELS = ("text", "question", "query"), ("label", "intent", "group")
CHUNK = 128


@dataclass(frozen=True)
class Questions:
    """What is to be grouped, and the true group of each where the file tells it."""

    items: list[Item]
    truth: list[str] | None


def read_questions(path: Path, locale: str) -> Questions:
    """JSON Lines (also .gz) of {text, locale?, label?}. Raises EvaluationError with file and line."""
    items, truth = [], []
    try:
        rows = list(jsonlines.rows(jsonlines.text_of(path)))
    except jsonlines.UnreadableError as error:
        raise EvaluationError(str(error)) from error
    for line, row in rows:
        if isinstance(row, str):
            raise EvaluationError(f"{path}:{line}: {row}")
        text = next((row[name] for name in TEXTS if isinstance(row.get(name), str)), "")
        if not text.strip():
            raise EvaluationError(f"{path}:{line}: has no text (as one of {', '.join(TEXTS)}).")
        items.append(Item(str(line), text, str(row.get("locale") or locale)[:2]))
        truth.append(next((str(row[name]) for name in LABELS if row.get(name)), None))
    if not items:
        raise EvaluationError(f"{path}:1: there is nothing to group: the file is empty.")
    told = [label for label in truth if label is not None]
    return Questions(items, told if len(told) == len(items) else None)


def measure(encoder: JointEncoder, questions: Questions, report: Report) -> tuple[Grouped, Json]:
    """The groups; `{n, groups, alone, largest, seconds}`; with the truth also how well they fit it, and baselines."""
    started = time.perf_counter()
    found = group(Space(encoder), questions.items, {}, report)
    seconds = time.perf_counter() - started
    figures: Json = {
        "n": len(questions.items),
        "groups": len(found.groups),
        "alone": len(found.alone),
        "largest": max((len(each.members) for each in found.groups), default=0),
        "seconds": round(seconds, 1),
    }
    if questions.truth is not None:
        figures |= _compared(encoder, questions.items, questions.truth, found)
    return found, figures


def _compared(encoder: JointEncoder, items: Sequence[Item], truth: Sequence[str], found: Grouped) -> Json:
    """k-means on the first encoder's vectors as they come: told our number of groups, and told the true one."""
    from sklearn.cluster import KMeans  # noqa: PLC0415 - a second that other commands need not wait

    texts = [item.text for item in items]
    plain = encoder.encoders[0]
    vectors = np.concatenate([plain.encode(texts[at : at + CHUNK], "query") for at in range(0, len(texts), CHUNK)])
    sets = [each.members for each in found.groups] + [[only] for only in found.alone]
    ours = {member: number for number, members in enumerate(sets) for member in members}
    real = len(set(truth))
    baselines = []
    for told, count in (("our number", len(sets)), ("the true number", real)):
        labels = KMeans(count, n_init=3, random_state=0).fit_predict(vectors)
        baselines.append({"told": told, "groups": count, "ami": _ami(truth, labels.tolist())})
    own = _ami(truth, [ours[item.id] for item in items])
    return {"true_groups": real, "ami": own, "kmeans": baselines}


def _ami(truth: Sequence[str], labels: Sequence[int]) -> float:
    from sklearn.metrics import adjusted_mutual_info_score  # noqa: PLC0415

    return round(float(adjusted_mutual_info_score(truth, labels)), 3)


def show(figures: Json) -> str:
    """The figures as lines."""
    found = f"{figures['groups']} groups (the largest {figures['largest']}), {figures['alone']} alone"
    lines = [f"{figures['n']} questions: {found}, in {figures['seconds']} s"]
    if "ami" in figures:
        lines.append(f"true groups: {figures['true_groups']}; adjusted mutual information {figures['ami']:.3f}")
        lines += [
            f"k-means on the plain encoder, told {each['told']} ({each['groups']}): {each['ami']:.3f}"
            for each in figures["kmeans"]
        ]
    return "\n".join(lines)
