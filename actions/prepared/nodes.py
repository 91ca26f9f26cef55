"""A guided diagnosis in a form: the questions met so far, each with its choices."""

from __future__ import annotations

from typing import Any

from actions.prepared.form_context import FormContext
from actions.prepared.wording import label
from actions.tasks.context import Values
from actions.tasks.diagnosis import NodesStep
from actions.tasks.task import Taken
from service.trees import Node
from service.trees.walking import DOES_NOT, WORKS

# By what a step reads whether a fix helped.
_SAID = {WORKS: "oui", DOES_NOT: "non"}


async def walk(ctx: FormContext, step: NodesStep, picks: list[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The questions from the first to the open one, and the picks that led there; later ones fall away."""
    path: list[dict[str, Any]] = []
    used: list[str] = []
    for pick in [*picks, ""]:
        node = step.node(ctx)
        asked = _asked(node)
        path.append(asked)
        if pick not in [choice["value"] for choice in asked["choices"]]:
            break
        fix = node.end == "fix"
        with ctx.reading(typed=_SAID[pick] if fix else "", picked="" if fix else pick):
            reading = await step.read(ctx)
        if not isinstance(reading, Taken):
            break
        ctx.values |= reading.values
        asked["value"] = pick
        used.append(pick)
        if step.name in ctx.values:
            break
    return path, used


def _asked(node: Node) -> dict[str, Any]:
    if node.end == "fix":
        said = {"fr": node.say.fr, "en": node.say.en} if node.say else {"fr": "", "en": ""}
        choices = [{"value": each, "title": label("fixes", each)} for each in (WORKS, DOES_NOT)]
        return {"question": said, "choices": choices, "value": None}
    question = {"fr": node.question.fr, "en": node.question.en} if node.question else {"fr": "", "en": ""}
    choices = [{"value": c.next, "title": {"fr": c.label.fr, "en": c.label.en}} for c in node.choices]
    return {"question": question, "choices": choices, "value": None}


def told(ctx: FormContext, path: list[dict[str, Any]]) -> str:
    """What was answered, in the customer's language."""
    chosen = [each for asked in path for each in asked["choices"] if each["value"] == asked["value"]]
    return " › ".join(each["title"][ctx.locale] for each in chosen)


def picks_of(ctx: FormContext, values: Values) -> list[str]:
    """The picks behind a diagnosis that was begun in the chat."""
    tree = ctx.tools.trees.get(str(values.get("tree")))
    path = [str(name) for name in values.get("nodes_path") or []]
    if tree is None or not all(name in tree.nodes for name in path):
        return []
    ends = [*path[1:], values.get("nodes_at")] if path else []
    picks = []
    for name, to in zip(path, ends, strict=True):
        fix = tree.nodes[name].end == "fix"
        picks.append((WORKS if to is None else DOES_NOT) if fix else str(to))
    return picks
