"""Decision trees of the guided diagnosis: files a writer edits, checked with sentences that name what to mend.

`python -m actions.trees [folder]` checks a folder.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import structlog
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import service

LANGUAGES = ("fr", "en")
MOST_CHOICES = 6

log = structlog.get_logger(__name__)


class TreeError(Exception):
    """A file that cannot be used; one sentence a problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Said(BaseModel):
    """The same words in each language."""

    model_config = ConfigDict(extra="forbid")

    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def to(self, locale: str) -> str:
        """In the customer's language."""
        return self.en if locale == "en" else self.fr


class Words(BaseModel):
    """What customers write in each language."""

    model_config = ConfigDict(extra="forbid")

    fr: list[str] = []
    en: list[str] = []

    def found_in(self, folded: str) -> bool:
        """Whether one of them is in a text that went through `service.fold`."""
        return any(service.fold(phrase) in folded for phrase in [*self.fr, *self.en])


class TreeChoice(BaseModel):
    """One answer to a question, and where it leads."""

    model_config = ConfigDict(extra="forbid")

    label: Said
    next: str
    words: Words = Words()


class Node(BaseModel):
    """A question with its choices, or an end."""

    model_config = ConfigDict(extra="forbid")

    question: Said | None = None
    choices: list[TreeChoice] = []
    end: Literal["fix", "repair", "human"] | None = None
    say: Said | None = None
    # After a fix: where to go on when it did not help.
    otherwise: str | None = None
    # What the advisor and the workshop read.
    diagnosis: str | None = None


class Tree(BaseModel):
    """One guided diagnosis."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    title: Said
    words: Words
    start: str
    nodes: dict[str, Node]


def load(folder: Path) -> dict[str, Tree]:
    """The trees of a folder by id. A broken file is logged and left out: the others go on working."""
    trees: dict[str, Tree] = {}
    for file in sorted(folder.glob("*.yml")):
        try:
            tree = read(file)
        except TreeError as error:
            log.warning("tree_broken", file=file.name, problems=error.problems)
        else:
            trees[tree.id] = tree
    return trees


def read(file: Path) -> Tree:
    """One tree. Raises TreeError."""
    try:
        raw = yaml.safe_load(file.read_text("utf-8"))
        tree = Tree.model_validate(raw)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        raise TreeError([f"{file.name}{f', line {where.line + 1}' if where else ''}: this is not YAML."]) from error
    except ValidationError as error:
        raise TreeError([f"{file.name}: {_sentence(problem)}" for problem in error.errors()]) from error
    problems = [f"{file.name}: {problem}" for problem in _problems(tree)]
    if tree.id != file.stem:
        problems.append(f"{file.name}: its id is “{tree.id}”, it must be the name of the file, “{file.stem}”.")
    if problems:
        raise TreeError(problems)
    return tree


def _problems(tree: Tree) -> Iterator[str]:
    if not tree.words.fr or not tree.words.en:
        yield "“words” needs at least one word in French and one in English by which customers name the thing."
    leads = {name: _leads_to(node) for name, node in tree.nodes.items()}
    if tree.start not in tree.nodes:
        yield f"“start” names “{tree.start}”, and there is no such node."
        return
    for name, node in tree.nodes.items():
        yield from (f"node “{name}”: {problem}" for problem in _node_problems(node))
        for target in leads[name]:
            if target not in tree.nodes:
                yield f"node “{name}” leads to “{target}”, and there is no such node."
    reached = _reached(tree.start, leads)
    yield from (f"node “{name}” is never reached." for name in tree.nodes if name not in reached)
    looping = next((name for name in tree.nodes if name in _reached_after(name, leads)), None)
    if looping:
        yield f"node “{looping}” leads back to itself: the customer would go round in circles."


def _node_problems(node: Node) -> Iterator[str]:
    if (node.question is None) == (node.end is None):
        yield "give it either a “question” with “choices”, or an “end”."
        return
    if node.question is not None:
        if not 2 <= len(node.choices) <= MOST_CHOICES:
            yield f"a question needs 2 to {MOST_CHOICES} choices."
        for language in LANGUAGES:
            labels = [choice.label.to(language) for choice in node.choices]
            if len(set(labels)) < len(labels):
                yield f"two choices have the same label ({language})."
        if node.otherwise:
            yield "“otherwise” belongs to an end: fix."
    else:
        if node.choices:
            yield "an end has no choices."
        if node.say is None:
            yield "an end needs “say”: the words for the customer."
        if node.otherwise and node.end != "fix":
            yield "“otherwise” belongs to an end: fix."


def _leads_to(node: Node) -> list[str]:
    return [choice.next for choice in node.choices] + ([node.otherwise] if node.otherwise else [])


def _reached(start: str, leads: Mapping[str, list[str]]) -> set[str]:
    return {start} | _reached_after(start, leads)


def _reached_after(start: str, leads: Mapping[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(leads.get(start, []))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += leads.get(name, [])
    return reached


def _sentence(problem: object) -> str:
    assert isinstance(problem, dict)  # noqa: S101 - pydantic's own form
    where = ".".join(str(part) for part in problem["loc"]) or "the file"
    kinds = {
        "missing": "is missing.",
        "extra_forbidden": "is not known; look for a typing error.",
        "literal_error": "must be fix, repair or human.",
        "string_too_short": "is empty.",
    }
    return f"“{where}” {kinds.get(problem['type'], 'does not have the right form: ' + problem['msg'])}"


def main(arguments: list[str]) -> int:
    """Check a folder: nothing printed but a count when all is well, else a sentence a problem and exit code 1."""
    folder = Path(arguments[0]) if arguments else Path("knowledge_base/trees")
    files = sorted(folder.glob("*.yml"))
    problems: list[str] = [] if files else [f"{folder}: no tree (*.yml) in it."]
    for file in files:
        try:
            read(file)
        except TreeError as error:
            problems += error.problems
    for problem in problems:
        print(problem)  # noqa: T201 - a command line
    if not problems:
        print(f"{len(files)} trees, no problem found.")  # noqa: T201 - a command line
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
