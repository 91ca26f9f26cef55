"""What the assistant would say with drafts published: an index beside the one that is searched."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge_base import memory
from knowledge_base.knowledge import KnowledgeBase, Snapshot
from knowledge_base.retrieval import text
from knowledge_base.retrieval.dense import Floats, Ints
from knowledge_base.retrieval.engine import LEXICAL_WEIGHT, TOKEN_WEIGHT, HybridEngine, Question, Ranking
from knowledge_base.retrieval.following import Asked
from knowledge_base.retrieval.found import Found, Result
from knowledge_base.retrieval.index import Index
from knowledge_base.studio.errors import StudioError
from knowledge_base.studio.form import Form
from service.typography import typeset

Json = dict[str, Any]
KEPT_QUESTIONS = 4_000  # with their vectors, about 5 kB each
KEPT_ANSWERS = 20_000  # about half a kB each
SHOWN = 5
UNNAMED = "draft"  # the id of one that has none yet
FIELDS = {"passage": "body"}


@dataclass(frozen=True)
class Overlay:
    """What is published, and the same with drafts in the place of their published versions."""

    live: Snapshot
    drafts: Snapshot
    places: frozenset[tuple[str, str]]  # (id, locale) of the drafts

    @property
    def ids(self) -> set[str]:
        """The articles that drafts belong to."""
        return {article_id for article_id, _ in self.places}


class Trials:
    """Any thread may ask; one overlay is built at a time, and only the last one is kept."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge
        self.recent = knowledge.recent(KEPT_QUESTIONS)
        self._building = threading.Lock()
        self._used = time.monotonic()
        self._last: tuple[tuple[Form, ...], Overlay] | None = None
        # What is published says the same until it changes: the next replay, of any draft, need not ask it again.
        self._without: tuple[Snapshot | None, dict[Asked, Json]] = (None, {})

    def overlay(self, forms: Sequence[Form]) -> Overlay:
        """These drafts over what is published now. Raises StudioError 503 before the folder has been read."""
        with self._building:
            self._used = time.monotonic()
            live = self.knowledge.snapshot
            if live is None:
                raise StudioError("starting", 503, "The articles are still being read.")
            asked = tuple(forms)
            if self._last is not None and self._last[0] == asked and self._last[1].live is live:
                return self._last[1]
            self._last = None  # never three indexes at once
            made = self._built(live, asked)
            self._last = (asked, made)
            memory.give_back()
            return made

    def let_go(self, idle_seconds: float) -> bool:
        """Forget the index with the draft and all that was asked when nobody has tried anything for so long.

        A replay that is under way keeps what it holds. True when there was anything to forget.
        """
        with self._building:
            held = self._last is not None or self._without[0] is not None
            if not held or time.monotonic() - self._used < idle_seconds:
                return False
            self._last, self._without = None, (None, {})
            self.recent.forget()
        return True

    def _built(self, live: Snapshot, forms: Sequence[Form]) -> Overlay:
        named = [form if form.article_id else form.at(UNNAMED, form.locale) for form in forms]
        drafts = {(form.article_id, form.locale): form.article_if_possible() for form in named}
        known = {(one.id, one.locale): one for one in live.contents.articles}
        return Overlay(live, self.knowledge.beside(list((known | drafts).values())), frozenset(drafts))

    def asked(self, form: Form, asked: Asked) -> Json:
        """`{with, without}`: the answer to a question, and why it is that one."""
        overlay = self.overlay([form])
        return {
            "with": self._explained(asked, overlay.drafts, overlay.places),
            "without": self._explained(asked, overlay.live, frozenset()),
        }

    def without(self, asked: Sequence[Asked], overlay: Overlay) -> list[Json]:
        """What is said to each now, `first_of` each; what was asked since the last change is remembered."""
        self._used = time.monotonic()
        live, kept = self._without
        known = kept if live is overlay.live else {}
        new = [one for one in dict.fromkeys(asked) if one not in known]
        found = {one: known[one] for one in asked if one in known}
        found |= zip(new, self.answers(new, overlay.live), strict=True)
        # Replaced, never changed: another replay may be reading it.
        self._without = (overlay.live, found if len(known) + len(new) > KEPT_ANSWERS else known | found)
        return [found[one] for one in asked]

    def answers(self, asked: Sequence[Asked], snapshot: Snapshot) -> list[Json]:
        """What a snapshot says to each, `first_of` each."""
        return [first_of(found) for found in self.knowledge.search_many(asked, snapshot, self.recent)]

    def _explained(self, asked: Asked, snapshot: Snapshot, drafts: frozenset[tuple[str, str]]) -> Json:
        read = self.knowledge.encode(self.knowledge.prepare(asked, snapshot), self.recent)
        found = self.knowledge.search(asked, read, snapshot=snapshot)
        told = found.as_json()
        if found.ranking is None or snapshot.engine is None:
            return told
        why = [
            _why(result, found.ranking, snapshot.engine, read[0]) | {"draft": _is_of(result, drafts)}
            for result in found.results
        ]
        return told | {"results": [one.as_json() | more for one, more in zip(found.results, why, strict=True)]}


def _is_of(result: Result, drafts: frozenset[tuple[str, str]]) -> bool:
    return (result.article.id, result.article.locale) in drafts


def _why(result: Result, ranking: Ranking, engine: HybridEngine, question: Question) -> Json:
    """The article's nearest text with the field that it stands in, the words it shares, and what the engine measured.

    Signals, each about 0 to 1, more is nearer: `meaning` (texts and centre of the article), `nearest` (its nearest
    text), `words` (rare words covered), `letters` (pieces of words), `wording` (token by token; null when unknown).
    """
    index = engine.index
    number = index.ids.index(result.article.id)
    span = np.arange(index.starts[number], index.starts[number] + index.counts[number])
    unit = index.units[int(span[int(_nearness(span, ranking, index, question).argmax())])]
    likeness = float(ranking.likeness[number])
    signals = {
        "meaning": float(ranking.dense[number]),
        "nearest": float(ranking.units[span].max()),
        "words": float(ranking.stems[number]),
        "letters": float(ranking.ngrams[number]),
    }
    rounded = {name: round(value, 3) for name, value in signals.items()}
    return {
        "matched": {"field": FIELDS.get(unit.field, unit.field), "text": typeset(unit.shown), "locale": unit.locale},
        "shared": _shared(question.text, [index.units[each] for each in span], result.article.locale),
        "signals": rounded | {"wording": round(likeness, 3) if likeness else None},
    }


def _nearness(span: Ints, ranking: Ranking, index: Index, question: Question) -> Floats:
    """(units,) of one article: what speaks for each text by itself, weighted as for a whole article."""
    near: Floats = ranking.units[span] + TOKEN_WEIGHT * index.tokens.likeness(question.tokens, span)
    part = index.lexical.get(question.locale)
    if part is not None:
        letters = np.zeros(len(index.units))
        letters[part.units] = part.ngrams.scores(*index.lexicon.ngrams.known(question.text, question.locale))
        near += LEXICAL_WEIGHT * letters[span]
    # Across languages tokens and letters say little: a text in the question's own comes first where there is one.
    near += index.languages[span] == question.locale
    return near


def _shared(question: str, units: Sequence[Any], locale: str) -> list[str]:
    """The question's words of substance that the article holds in any form, as they were asked."""
    held = {stem for unit in units if unit.locale == locale for stem in text.stems(unit.text, locale)}
    asked = dict.fromkeys(text.content_words(question, locale))
    return [word for word in asked if set(text.stems(word, locale)) & held]


def first_of(found: Found) -> Json:
    """What is compared of an answer."""
    result = found.results[0] if found.results else None
    return {
        "decision": found.decision,
        "confidence": round(found.confidence, 3),
        "article_id": result.article.id if result and found.decision != "abstain" else None,
        "title": typeset(result.article.title) if result and found.decision != "abstain" else None,
    }
