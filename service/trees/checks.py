"""What is wrong with a tree: found as one types in the studio, and told in sentences by `python -m actions.trees`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from service.danger import fold
from service.trees.hearing import same_words
from service.trees.model import ENDS, LANGUAGES, MOST_CHOICES, Node, Said, Tree
from service.trees.walking import DOES_NOT, WORKS

IDENTITY = re.compile(r"[a-z][a-z0-9_-]{0,59}")
NODE = re.compile(r"[^\W_][\w-]{0,59}")
# The page where a tree is begun has this address; the walk ends by these words.
RESERVED_IDS, RESERVED_NODES = ("new",), (WORKS, DOES_NOT)
MOST_NODES = 200
LONGEST_LABEL = 80  # a button of the chat
LONGEST_BUTTON = 64  # as Telegram shows it; what is longer is cut there
LONGEST_TEXT = 600
LONGEST_DIAGNOSIS = 1000  # the back office takes it with what was tried, 2,000 in all

SENTENCES = {
    "id_invalid": "“id” must be lower-case letters, digits, - and _, beginning with a letter.",
    "id_reserved": "“id” must not be “{name}”: the studio has a page of that address.",
    "words_missing": "“words” needs at least one word in French and one in English by which customers name the thing.",
    "start_unknown": "“start” names “{name}”, and there is no such node.",
    "many_nodes": "a tree holds at most {most} nodes.",
    "node_name": "its name must be letters, digits, - and _.",
    "node_reserved": "its name is a word by which the walk itself ends, and would end here: choose another one.",
    "text_missing": "“{field}” is missing.",
    "text_too_long": "“{field}” is longer than {most} characters.",
    "button_cut": "“{field}” is a button: Telegram shows the first {most} characters of it.",
    "end_unknown": "“{field}” must be fix, repair or human.",
    "node_empty": "give it either a “question” with “choices”, or an “end”.",
    "choice_count": "a question needs 2 to {most} choices.",
    "same_label": "two choices have the same label ({locale}).",
    "same_words": "“{word}” stands for two choices: written by a customer, it picks neither.",
    "otherwise_misplaced": "“otherwise” belongs to an end: fix.",
    "choices_misplaced": "an end has no choices.",
    "say_missing": "an end needs “say”: the words for the customer.",
    "leads_nowhere": "leads to “{target}”, and there is no such node.",
    "unreached": "is never reached.",
    "loop": "leads back to itself: the customer would go round in circles.",
}
# Those whose sentence goes on from the node's name.
_VERBS = ("leads_nowhere", "unreached", "loop")


@dataclass(frozen=True)
class Problem:
    """`field`: the place as `nodes.plug.choices.1.label.fr`; only errors keep a tree from customers."""

    code: str
    field: str = ""
    node: str | None = None
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    severity: Literal["error", "warning"] = "error"

    @property
    def sentence(self) -> str:
        """In English, for whoever writes the file by hand."""
        told = SENTENCES[self.code].format(field=self.field, **self.params)
        if self.node is None or "{field}" in SENTENCES[self.code]:
            return told
        return f"node “{self.node}”{' ' if self.code in _VERBS else ': '}{told}"

    def as_json(self) -> dict[str, Any]:
        """As the studio tells it."""
        named = {"field": self.field, "node": self.node, "code": self.code}
        return {**named, "params": dict(self.params), "severity": self.severity}


def problems(tree: Tree) -> list[Problem]:
    """All of them, the most general first."""
    return list(_problems(tree))


def _problems(tree: Tree) -> Iterator[Problem]:
    if not IDENTITY.fullmatch(tree.id):
        yield Problem("id_invalid", "id")
    elif tree.id in RESERVED_IDS:
        yield Problem("id_reserved", "id", params={"name": tree.id})
    yield from _text(tree.title, "title", None, LONGEST_TEXT)
    yield from _cut(tree.title, "title", None)
    if not _any(tree.words.fr) or not _any(tree.words.en):
        yield Problem("words_missing", "words")
    if len(tree.nodes) > MOST_NODES:
        yield Problem("many_nodes", "nodes", params={"most": MOST_NODES})
    for name, node in tree.nodes.items():
        yield from _node(name, node)
        yield from _leads(tree, name, node)
    if tree.start not in tree.nodes:
        yield Problem("start_unknown", "start", params={"name": tree.start})
        return
    leads = {name: node.leads_to for name, node in tree.nodes.items()}
    reached = {tree.start} | reached_after(tree.start, leads)
    yield from (Problem("unreached", f"nodes.{name}", name) for name in tree.nodes if name not in reached)
    if len(tree.nodes) > MOST_NODES:  # looking for circles takes the square of their number
        return
    circle = [name for name in tree.nodes if name in reached_after(name, leads)]
    if circle:
        yield Problem("loop", f"nodes.{circle[0]}", circle[0], {"nodes": circle})


def _node(name: str, node: Node) -> Iterator[Problem]:
    place = f"nodes.{name}"
    if not NODE.fullmatch(name):
        yield Problem("node_name", place, name)
    elif name in RESERVED_NODES:
        yield Problem("node_reserved", place, name, {"name": name})
    if node.end is not None and node.end not in ENDS:
        yield Problem("end_unknown", f"{place}.end", name)
    elif (node.question is None) == (node.end is None):
        yield Problem("node_empty", place, name)
    elif node.question is not None:
        yield from _text(node.question, f"{place}.question", name, LONGEST_TEXT)
        yield from _choices(name, node)
    else:
        yield from _end(name, node)
    if len(node.diagnosis or "") > LONGEST_DIAGNOSIS:
        yield Problem("text_too_long", f"{place}.diagnosis", name, {"most": LONGEST_DIAGNOSIS})


def _choices(name: str, node: Node) -> Iterator[Problem]:
    place = f"nodes.{name}.choices"
    if not 2 <= len(node.choices) <= MOST_CHOICES:
        yield Problem("choice_count", place, name, {"most": MOST_CHOICES, "count": len(node.choices)})
    for number, choice in enumerate(node.choices):
        yield from _text(choice.label, f"{place}.{number}.label", name, LONGEST_LABEL)
        yield from _cut(choice.label, f"{place}.{number}.label", name)
    for locale in LANGUAGES:
        # Capitals and spaces tell no two buttons apart.
        labels = [" ".join(choice.label.to(locale).casefold().split()) for choice in node.choices]
        if len(set(filter(None, labels))) < len(list(filter(None, labels))):
            yield Problem("same_label", place, name, {"locale": locale})
    for number, locale, word in same_words(node):
        where = f"{place}.{number}.words.{locale}"
        yield Problem("same_words", where, name, {"locale": locale, "word": word}, "warning")
    if node.otherwise:
        yield Problem("otherwise_misplaced", f"nodes.{name}.otherwise", name)


def _end(name: str, node: Node) -> Iterator[Problem]:
    place = f"nodes.{name}"
    if node.choices:
        yield Problem("choices_misplaced", f"{place}.choices", name)
    if node.say is None:
        yield Problem("say_missing", f"{place}.say", name)
    else:
        yield from _text(node.say, f"{place}.say", name, LONGEST_TEXT)
    if node.otherwise and node.end != "fix":
        yield Problem("otherwise_misplaced", f"{place}.otherwise", name)


def _leads(tree: Tree, name: str, node: Node) -> Iterator[Problem]:
    for number, target in enumerate(node.leads_to):
        if target not in tree.nodes:
            place = f"choices.{number}.next" if number < len(node.choices) else "otherwise"
            yield Problem("leads_nowhere", f"nodes.{name}.{place}", name, {"target": target})


def _text(said: Said, place: str, node: str | None, most: int) -> Iterator[Problem]:
    for locale in LANGUAGES:
        text = said.to(locale)
        if not _shows(text):
            yield Problem("text_missing", f"{place}.{locale}", node, {"locale": locale})
        elif len(text) > most:
            yield Problem("text_too_long", f"{place}.{locale}", node, {"locale": locale, "most": most})


def _cut(said: Said, place: str, node: str | None) -> Iterator[Problem]:
    """Of a text that is a button; what is too long anyway is told already."""
    for locale in LANGUAGES:
        if LONGEST_BUTTON < len(said.to(locale)) <= (LONGEST_LABEL if node else LONGEST_TEXT):
            params = {"locale": locale, "most": LONGEST_BUTTON}
            yield Problem("button_cut", f"{place}.{locale}", node, params, "warning")


def _shows(text: str) -> bool:
    """Something can be seen of it: spaces of no width are nothing."""
    return any(sign.isprintable() and not sign.isspace() for sign in text)


def _any(words: list[str]) -> bool:
    return any(fold(word).strip() for word in words)


def reached_after(start: str, leads: Mapping[str, list[str]]) -> set[str]:
    """The nodes that can come after one; itself among them when it leads back to itself."""
    reached: set[str] = set()
    waiting = list(leads.get(start, []))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += leads.get(name, [])
    return reached
