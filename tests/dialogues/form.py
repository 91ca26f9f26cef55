"""Conversations as they are written in conversations/*.yml: read, checked, and told by file and line what is wrong.

The files are read as plain text, without YAML's own ideas: `customer: yes` is the word yes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "conversations"
VISITOR = "visitor"
LANGUAGES = ("fr", "en")
PATHS = ("happy", "correction", "interruption", "cancel", "failure", "not_verified")
MODES = ("ok", "down", "slow", "nonsense")
# What a customer does, and what must be true after it.
ACTS = ("customer", "presses", "sends_photo", "proves", "signs_in", "goes_on_in", "back_office")
CHECKS = ("assistant", "not_said", "answer", "done", "not_done", "shop_holds", "shop_lacks", "task", "handoff")
LISTS = ("assistant", "not_said", "shop_holds", "shop_lacks")
KEYS = ("conversation", "language", "signed_in", "path", "steps")
OUTCOMES = ("started", "done", "failed", "cancelled")
# What the shop calls a change; the first ones are of an order.
OF_ORDERS = ("cancellation", "delivery_address", "return", "problem", "repair", "tracking")
OF_CUSTOMERS = ("contact", "erasure", "closure")
ANYTHING = "anything"

CUSTOMER = re.compile(r"C-\d{4}")
CHANGE = re.compile(rf"(?P<what>{'|'.join(OF_ORDERS)}) of (?P<order>MA-\d{{6}})|(?P<own>{'|'.join(OF_CUSTOMERS)})")


class FormError(Exception):
    """Files that cannot be read as conversations; one line a problem: file:line: what is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Step:
    """One line: `kind` is its key, `words` what stands after it."""

    kind: str
    words: tuple[str, ...]
    line: int

    @property
    def word(self) -> str:
        """The only one."""
        return self.words[0]


@dataclass(frozen=True)
class Conversation:
    """Who says what, and what must come of it."""

    file: Path
    line: int
    name: str
    language: str
    signed_in: str | None
    paths: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def task(self) -> str:
        """The name of the file: a task, or another matter."""
        return self.file.stem

    @property
    def id(self) -> str:
        """Unique among all."""
        return f"{self.task}: {self.name} ({self.language})"

    @property
    def customers(self) -> tuple[str, ...]:
        """Whose orders it may touch."""
        proven = {step.word for step in self.steps if step.kind in ("proves", "signs_in")}
        return tuple(sorted(proven | ({self.signed_in} if self.signed_in else set())))

    @property
    def alone(self) -> bool:
        """Whether it changes how the shop behaves, so that no other may run meanwhile."""
        return any(step.kind == "back_office" for step in self.steps)

    def has(self, kind: str, *words: str) -> bool:
        """Whether a step says one of `words`, or is of the kind at all."""
        return any(step.kind == kind and (not words or step.word in words) for step in self.steps)


def load(folder: Path = FOLDER) -> list[Conversation]:
    """All conversations of a folder. Raises FormError with every problem there is."""
    found: list[Conversation] = []
    problems: list[str] = []
    for file in sorted(folder.glob("*.yml")):
        reader = _Reader(file)
        found += reader.read()
        problems += reader.problems
    seen: dict[str, Conversation] = {}
    for each in found:
        first = seen.setdefault(each.id, each)
        if first is not each:
            problems.append(f"{each.file.name}:{each.line}: the name “{each.name}” is taken since line {first.line}")
    if problems:
        raise FormError(problems)
    return found


class _Reader:
    """Reads one file; collects problems instead of stopping at the first."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.problems: list[str] = []

    def read(self) -> list[Conversation]:
        try:
            top = yaml.compose(self._file.read_text("utf-8"), Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            hint = "words that hold : ? , { [ or # need quotes"
            self._wrong(mark.line + 1 if mark else 1, f"not readable ({error.problem}); {hint}")
            return []
        if not isinstance(top, yaml.SequenceNode):
            self._wrong(1, "a file is a list of conversations, each beginning with “- conversation:”")
            return []
        return [each for node in top.value if (each := self._conversation(node))]

    def _wrong(self, line: int, what: str) -> None:
        self.problems.append(f"{self._file.name}:{line}: {what}")

    def _conversation(self, node: yaml.Node) -> Conversation | None:
        before, line = len(self.problems), _line(node)
        fields = dict(self._pairs(node, KEYS))
        for key in ("conversation", "language", "signed_in", "steps"):
            if key not in fields:
                self._wrong(line, f"“{key}:” is missing")
        if len(self.problems) > before:
            return None
        language = self._one_of(fields["language"], LANGUAGES, "language")
        paths = [self._one_of(each, PATHS, "path") for each in _items(fields["path"])] if "path" in fields else []
        signed_in = self._text(fields["signed_in"])
        if signed_in != VISITOR and not CUSTOMER.fullmatch(signed_in):
            self._wrong(_line(fields["signed_in"]), f"signed_in is “{VISITOR}” or a customer such as C-1001")
        steps = [step for each in _items(fields["steps"]) if (step := self._step(each))]
        if len(self.problems) == before:
            self._order_of(steps, line)
        if len(self.problems) > before:
            return None
        name = self._text(fields["conversation"])
        who = None if signed_in == VISITOR else signed_in
        return Conversation(self._file, line, name, language, who, tuple(paths), tuple(steps))

    def _pairs(self, node: yaml.Node, known: Iterable[str]) -> Iterator[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._wrong(_line(node), f"expected “key: words”, with one of the keys {', '.join(known)}")
            return
        for key, value in node.value:
            name = str(key.value)
            if name in known:
                yield name, value
                continue
            near = difflib.get_close_matches(name, list(known), 1)
            hint = f"did you mean “{near[0]}:”?" if near else f"there are {', '.join(known)}"
            self._wrong(_line(key), f"there is no “{name}:”; {hint}")

    def _step(self, node: yaml.Node) -> Step | None:
        pairs = list(self._pairs(node, (*ACTS, *CHECKS)))
        if len(pairs) != 1:
            if pairs:
                self._wrong(_line(node), "one thing a line: begin each with a dash of its own")
            return None
        kind, value = pairs[0]
        words = tuple(self._text(each) for each in _items(value))
        if not all(words) or not words:
            self._wrong(_line(value), f"“{kind}:” has no words")
            return None
        if len(words) > 1 and kind not in LISTS:
            self._wrong(_line(value), f"“{kind}:” takes one thing, not a list")
            return None
        problem = _problem(kind, words[0])
        if problem:
            self._wrong(_line(value), problem)
        return Step(kind, words, _line(node))

    def _order_of(self, steps: list[Step], line: int) -> None:
        if steps and not any(step.kind in CHECKS for step in steps):
            self._wrong(line, "nothing is checked: say what the assistant must answer")
        said = False
        for step in steps:
            said = said or step.kind in ("customer", "presses", "sends_photo", "proves")
            if step.kind in CHECKS and not said:
                self._wrong(step.line, f"“{step.kind}:” comes before the customer has said anything")
                return

    def _one_of(self, node: yaml.Node, known: tuple[str, ...], what: str) -> str:
        word = self._text(node)
        if word not in known:
            self._wrong(_line(node), f"{what} “{word}” is not one of {', '.join(known)}")
        return word

    def _text(self, node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value).strip()
        self._wrong(_line(node), "expected words here; put them in quotes when they hold a colon or a brace")
        return ""


def _problem(kind: str, word: str) -> str | None:
    """What is wrong with the words of a step."""
    if kind in ("done", "not_done") and not CHANGE.fullmatch(word) and (kind, word) != ("not_done", ANYTHING):
        orders, own = ", ".join(OF_ORDERS), ", ".join(OF_CUSTOMERS)
        return f"“{word}” is no change: write one of {orders} with “of MA-104871”, or {own} alone"
    if kind in ("proves", "signs_in") and not CUSTOMER.fullmatch(word):
        return f"“{word}” is no customer such as C-1001"
    if kind == "goes_on_in" and word not in LANGUAGES:
        return f"“{word}” is not one of {', '.join(LANGUAGES)}"
    if kind == "back_office" and word not in MODES:
        return f"“{word}” is not one of {', '.join(MODES)}"
    if kind == "task" and (len(word.split()) != 2 or word.split()[1] not in OUTCOMES):
        return f"“{word}” should be a task and how it went: {', '.join(OUTCOMES)}"
    return None


def _items(node: yaml.Node) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
