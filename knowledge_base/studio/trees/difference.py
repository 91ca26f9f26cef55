"""What differs between two versions of a tree, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from service.trees import LANGUAGES, Node, Said, Tree, TreeChoice, Words

Json = dict[str, Any]

# Choices have no names: the same one is that which is alike in all, else in a label, else in where it leads.
_ALIKE: tuple[Callable[[TreeChoice, TreeChoice], bool], ...] = (
    lambda one, other: one == other,
    lambda one, other: any(one.label.to(code) and one.label.to(code) == other.label.to(code) for code in LANGUAGES),
    lambda one, other: bool(one.next) and one.next == other.next,
)


def difference(before: Tree | None, after: Tree) -> Json:
    """`{fields: [{field, before, after}], steps: [{node, state, fields, choices, reordered}]}`; what is empty is null.

    `state`: added, removed or changed. Without `before` all is new.
    """
    earlier = before.nodes if before else {}
    names = [*after.nodes, *(name for name in earlier if name not in after.nodes)]
    steps = [_step(name, earlier.get(name), after.nodes.get(name)) for name in names]
    return {"fields": _changed(_head(before), _head(after)), "steps": [step for step in steps if step]}


def _head(tree: Tree | None) -> Json:
    return _said("title", tree.title) | _heard(tree.words) | {"start": tree.start} if tree else {}


def _step(name: str, before: Node | None, after: Node | None) -> Json | None:
    """Null where nothing of it changed."""
    fields = _changed(_own(before), _own(after))
    choices, reordered = _choices(before.choices if before else [], after.choices if after else [])
    if before and after and not (fields or choices or reordered):
        return None
    state = "changed" if before and after else "added" if after else "removed"
    return {"node": name, "state": state, "fields": fields, "choices": choices, "reordered": reordered}


def _own(node: Node | None) -> Json:
    """What a step says itself; `text` is its question, or what the customer reads at an end."""
    if node is None:
        return {}
    text = node.say if node.end else node.question
    said = _said("text", text or Said())
    return {"kind": node.end or "question"} | said | {"otherwise": node.otherwise, "diagnosis": node.diagnosis}


def _choices(before: Sequence[TreeChoice], after: Sequence[TreeChoice]) -> tuple[list[Json], bool]:
    """`{before, after, fields}` of each that differs, by its place then and now; whether what stayed moved."""
    was = _paired(before, after)
    places: list[tuple[int | None, int | None]] = [(was.get(now), now) for now in range(len(after))]
    places += [(then, None) for then in range(len(before)) if then not in was.values()]
    rows = [
        {"before": then, "after": now, "fields": _changed(_answer(before, then), _answer(after, now))}
        for then, now in places
    ]
    order = [was[now] for now in sorted(was)]
    return [row for row in rows if row["fields"] or None in row.values()], order != sorted(order)


def _paired(before: Sequence[TreeChoice], after: Sequence[TreeChoice]) -> dict[int, int]:
    """By the place of a choice now, the place that it had."""
    found: dict[int, int] = {}
    for alike in _ALIKE:
        for now in (place for place in range(len(after)) if place not in found):
            free = (place for place in range(len(before)) if place not in found.values())
            then = next((place for place in free if alike(before[place], after[now])), None)
            if then is not None:
                found[now] = then
    return found


def _answer(choices: Sequence[TreeChoice], place: int | None) -> Json:
    if place is None:
        return {}
    choice = choices[place]
    return _said("label", choice.label) | _heard(choice.words) | {"next": choice.next}


def _said(name: str, said: Said) -> Json:
    return {f"{name}.{code}": said.to(code) for code in LANGUAGES}


def _heard(words: Words) -> Json:
    return {"words.fr": words.fr, "words.en": words.en}


def _changed(before: Json, after: Json) -> list[Json]:
    pairs = ((name, before.get(name) or None, after.get(name) or None) for name in after | before)
    return [{"field": name, "before": then, "after": now} for name, then, now in pairs if then != now]
