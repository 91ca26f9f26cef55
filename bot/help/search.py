"""Searching the help centre: the same engine as the chat's, and titles alone while it is away."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.errors import NeighbourError
from bot.help.catalogue import Catalogue, Entry, unbroken
from bot.words.shelf import Shelf

Json = dict[str, Any]
MOST_CHARACTERS = 200
_MOST = 8
_MOST_NEAR = 5
# Below this an article that does not answer is not even near.
_NEAR = 0.25
_EXCERPT = 260
# ``answer``: the first one answers. ``some``: all may. ``near``: none does for sure. ``titles``: the engine is away.
Kind = Literal["answer", "some", "near", "nothing", "titles"]


@dataclass(frozen=True)
class Hit:
    """An article found, with what of it fits the question: the text before, the sentence that answers, the rest."""

    title: str
    url: str
    locale: str
    topic: str
    before: str = ""
    marked: str = ""
    after: str = ""


@dataclass(frozen=True)
class Found:
    """What a question found."""

    query: str
    kind: Kind
    hits: list[Hit] = field(default_factory=list)


def asked(text: str | None) -> str:
    """The question as it is searched and shown: one line, of a sane length, without control characters."""
    visible = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in (text or "")[: 4 * MOST_CHARACTERS])
    return " ".join(visible.split())[:MOST_CHARACTERS].strip()


async def search(shelf: Shelf, catalogue: Catalogue, locale: str, query: str) -> Found:
    """Never fails: without the engine it finds by titles."""
    if not any(character.isalnum() for character in query):
        return Found(query, "nothing")
    try:
        found = await shelf.search(query, locale, _MOST)
    except NeighbourError:
        return by_titles(catalogue, locale, query)
    results = [row for row in found.get("results", []) if _is_shown(row)]
    if found["decision"] == "abstain":
        return _near(query, results, catalogue.matching(locale, query, _MOST_NEAR, every_word=True))
    first = found["decision"] == "answer"
    hits = [_of_result(row, whole=first and place == 0) for place, row in enumerate(results)]
    return Found(query, ("answer" if first else "some") if hits else "nothing", hits)


def by_titles(catalogue: Catalogue, locale: str, query: str) -> Found:
    """What can be said without asking the engine."""
    hits = [_of_entry(entry) for entry in catalogue.matching(locale, query, _MOST)]
    return Found(query, "titles", hits)


def _near(query: str, results: list[Json], by_title: list[Entry]) -> Found:
    """A word half typed is no question yet: titles that go on like it come first."""
    known = {entry.url for entry in by_title}
    further = [row for row in results if row["url"] not in known and float(row["score"]) >= _NEAR]
    hits = [_of_entry(entry) for entry in by_title] + [_of_result(row, whole=False) for row in further]
    return Found(query, "some" if by_title else "near" if hits else "nothing", hits[:_MOST_NEAR])


def _is_shown(row: Json) -> bool:
    # An address that a page may link to: ours.
    return str(row.get("url", "")).startswith(("/aide/", "/help/"))


def _of_entry(entry: Entry) -> Hit:
    return Hit(entry.title, entry.url, entry.locale, entry.topic, before=shortened(entry.answer))


def _of_result(row: Json, *, whole: bool) -> Hit:
    """``whole``: the short answer as in the chat, with the sentence that answers; the others say a sentence or two."""
    locale = str(row["locale"])
    text, sentence, title = (unbroken(locale, str(row.get(name) or "")) for name in ("answer", "sentence", "title"))
    before, marked, after = text if whole else shortened(text), "", ""
    if whole and sentence and sentence != text:
        before, marked, after = text.partition(sentence)
    return Hit(title, str(row["url"]), locale, str(row.get("topic") or ""), before, marked, after)


def shortened(text: str) -> str:
    """The beginning of a text, cut at a word."""
    if len(text) <= _EXCERPT:
        return text
    return text[:_EXCERPT].rpartition(" ")[0].rstrip(" ,;:") + "…"
