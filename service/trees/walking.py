"""The walk through a tree: which choice an answer means, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.trees.hearing import chosen
from service.trees.model import Tree

# Where a fix was proposed, the answers to "does it work now?".
WORKS, DOES_NOT = "works", "does_not"
End = Literal["works", "does_not", "repair", "human"]


@dataclass(frozen=True)
class Heard:
    """An answer: a button that was pressed, or words (through `service.fold`) and what short ones among them mean."""

    pressed: str | None = None
    words: str = ""
    yes: bool | None = None
    unsure: bool = False


@dataclass(frozen=True)
class Next:
    """`target`: the node that it leads to, or WORKS or DOES_NOT after a fix. `doubted`: the safe one was taken."""

    target: str
    doubted: bool = False


def understood(tree: Tree, at: str, heard: Heard, locale: str) -> Next | None:
    """Where the answer leads from the node `at`; None when it says nothing that the node asks for."""
    node = tree.nodes[at]
    if node.end == "fix":
        if heard.yes is None:
            return None
        return Next(WORKS if heard.yes else node.otherwise or DOES_NOT)
    target = next((each.next for each in node.choices if each.next == heard.pressed), None)
    target = target or chosen(node, heard.words, locale, yes=heard.yes)
    if target is None and heard.unsure:  # where one choice is for a person, the safe one
        target = next((each.next for each in node.choices if _end_of(tree, each.next) == "human"), None)
        return Next(target, doubted=True) if target else None
    return Next(target) if target else None


def end_at(tree: Tree, target: str) -> End | None:
    """How the walk ends with this step; None when the node `target` is asked next."""
    if target in (WORKS, DOES_NOT):
        return "works" if target == WORKS else "does_not"
    end = _end_of(tree, target)
    return "repair" if end == "repair" else "human" if end == "human" else None


def _end_of(tree: Tree, name: str) -> str | None:
    node = tree.nodes.get(name)
    return node.end if node else None
