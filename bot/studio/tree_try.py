"""Trying a decision tree: what a customer would be asked and told after some answers, by the chat's own walking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.texts import say
from service import Service, fold
from service.model import DangerTopic
from service.short_words import does_not_know, yes_or_no
from service.trees import Node, Tree, TreeChoice
from service.trees.model import ENDS
from service.trees.walking import DOES_NOT, WORKS, Heard, end_at, understood

Json = dict[str, Any]
MOST_STEPS = 60
_OPEN = ("question", "fix")
# Besides the ends of the walk: a danger that was typed.
DANGER = "danger"


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Sent):
    """One answer: what was typed, or the `next` of the button that was pressed.

    ``number``: its place among the choices, where two buttons lead to the same node; ``label``: its words in either
    language, by which it is known where it leads elsewhere since.
    """

    text: str | None = Field(None, max_length=500)
    choice: str | None = Field(None, max_length=200)
    number: int | None = Field(None, strict=True)
    label: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Step:
        if (self.text is None) == (self.choice is None):
            raise ValueError("either text or choice")
        return self


class Trial(_Sent):
    """A form as it stands, and the answers."""

    form: Tree
    locale: Literal["fr", "en"]
    steps: list[Step] = Field(default_factory=list, max_length=MOST_STEPS)


def walked(service: Service, trial: Trial, language: str) -> Json:
    """`{path, now, used}`: each answer with what it answers, and where they lead; those after an end are left out.

    What is typed and names a danger ends it, as in the chat (`bot/turns/turn.py`): the tree is not asked.
    ``language`` is the reader's, in which the danger is named.
    """
    tree, at, end = trial.form, trial.form.start, None
    path: list[Json] = []
    danger: DangerTopic | None = None
    for step in trial.steps:
        node = tree.nodes.get(at)
        if end or node is None or _kind(tree, at) not in _OPEN:
            break
        danger = service.match_danger(step.text) if step.text is not None else None
        if danger is not None:
            path.append({"node": at, "danger": danger.label.in_locale(language)} | _met(node, step, trial.locale))
            end = DANGER
            break
        told, target = _answered(tree, at, step, trial.locale)
        path.append(told)
        if target is not None:
            end = target if end_at(tree, target) in (WORKS, DOES_NOT) else None
            at = at if end else target
    now: Json = {"node": at, "kind": end or _kind(tree, at), "text": "", "choices": []}
    if end is None:
        now |= _shown(tree.nodes.get(at), now["kind"], trial.locale)
    elif danger is not None and danger.advice is not None:
        now["text"] = danger.advice.in_locale(trial.locale)
    last: Json = path[-1] if path else {"understood": True, "doubted": False}
    now |= {name: last[name] for name in ("understood", "doubted")}
    return {"path": path, "now": now, "used": len(path)}


def _met(node: Node, step: Step, locale: str) -> Json:
    """The line of a danger: neither understood nor not, a person has it."""
    return {"say": _words(node, locale), "said": step.text, "understood": True, "doubted": False}


def _kind(tree: Tree, at: str) -> str:
    """`question`, one of the ends, or `unfinished`: nothing is there, or nothing that can be shown."""
    node = tree.nodes.get(at)
    if node is None or (node.end is None and node.question is None):
        return "unfinished"
    if node.end is None:
        return "question"
    return node.end if node.end in ENDS else "unfinished"


def _answered(tree: Tree, at: str, step: Step, locale: str) -> tuple[Json, str | None]:
    """The line of the path, and where the answer leads; None: it was not understood."""
    node = tree.nodes[at]
    doubted = False
    if step.text is None:
        said, target = _pressed(node, step, locale)
        if target:
            found = understood(tree, at, _button(node, target), locale)
            target = found.target if found else None
    else:
        heard = Heard(None, fold(step.text), yes_or_no(step.text), does_not_know(step.text))
        found = understood(tree, at, heard, locale)
        said, target, doubted = step.text, found.target if found else None, bool(found and found.doubted)
    told = {"node": at, "say": _words(node, locale), "said": said, "understood": target is not None}
    return told | {"doubted": doubted, "danger": None}, target


def _pressed(node: Node, step: Step, locale: str) -> tuple[str, str | None]:
    """The label of the button, and what it leads to ("": nowhere yet); None: there is no such button."""
    choices: Sequence[tuple[str, str]] = _buttons(node, locale)
    found = [number for number, (_, target) in enumerate(choices) if target == step.choice]
    if not found and node.end is None:
        found = [number for number, one in enumerate(node.choices) if step.label in (one.label.fr, one.label.en)]
    if not found:
        return str(step.choice), None
    return choices[step.number if step.number in found else found[0]]


def _button(node: Node, target: str) -> Heard:
    return Heard(yes=target == WORKS) if node.end == "fix" else Heard(pressed=target)


def _buttons(node: Node, locale: str) -> list[tuple[str, str]]:
    if node.end == "fix":
        return [(say(locale, f"tree_{each}"), each) for each in (WORKS, DOES_NOT)]
    choices: list[TreeChoice] = node.choices if node.end is None else []
    return [(choice.label.to(locale), choice.next) for choice in choices]


def _shown(node: Node | None, kind: str, locale: str) -> Json:
    if node is None or kind == "unfinished":
        return {}
    buttons = [{"label": label, "next": target} for label, target in _buttons(node, locale)]
    return {"text": _words(node, locale), "choices": buttons}


def _words(node: Node, locale: str) -> str:
    words = node.say if node.end else node.question
    return words.to(locale) if words else ""
