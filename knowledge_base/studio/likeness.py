"""What is published already about the same thing: an article's own questions are asked, itself left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from knowledge_base.content.article import Article
from knowledge_base.knowledge import Prepared, Snapshot, clean
from knowledge_base.retrieval.engine import Question
from knowledge_base.studio.form import Form

ASKED = 8  # of an article: its title and its first questions
DUPLICATE = 0.6  # of what is asked of it, so much is answered by the other article
CLOSE = 3  # first articles of a question that are about something near
SHOWN = 5


@dataclass(frozen=True)
class Alike:
    """The articles that would answer in its place, and those worth naming beneath it; the likest first."""

    duplicates: list[tuple[Article, float]]
    related: list[tuple[Article, float]]

    def as_json(self) -> dict[str, Any]:
        """As `check` tells it; a score is between 0 and 1."""
        return {"duplicates": _told(self.duplicates), "related": _told(self.related)}


def texts(snapshot: Snapshot, form: Form) -> list[Prepared]:
    """What is to be encoded."""
    if snapshot.engine is None:
        return []
    asked = [clean(text) for text in (form.title, *form.questions)]
    kept = list(dict.fromkeys(text for text in asked if any(map(str.isalnum, text))))[:ASKED]
    locale = form.locale if form.locale in snapshot.engine.index.spellers else "fr"
    return [(snapshot.engine.read(text, locale), locale) for text in kept]


def alike(snapshot: Snapshot, form: Form, questions: Sequence[Question]) -> Alike:
    """`questions` is what `texts` gave, encoded."""
    engine, evidence = snapshot.engine, snapshot.evidence
    if engine is None or evidence is None or not questions:
        return Alike([], [])
    index = engine.index
    answered: dict[int, float] = defaultdict(float)
    near: dict[int, float] = defaultdict(float)
    for question in questions:
        ranking = engine.rank(question)
        others = [number for number in ranking.order if index.ids[number] != form.article_id]
        if not others:
            return Alike([], [])
        found = evidence.of(replace(ranking, order=ranking.order[_places(ranking.order, others)]), question.vector)
        if snapshot.model.answers(found):
            answered[int(others[0])] += 1 / len(questions)
        for place, number in enumerate(others[:CLOSE], 1):
            near[int(number)] += max(0.0, float(ranking.scores[number])) / place
    duplicates = _best({number: share for number, share in answered.items() if share >= DUPLICATE})
    most = sum(1 / place for place in range(1, CLOSE + 1)) * len(questions)
    left = {n: min(1.0, score / most * CLOSE) for n, score in near.items() if index.ids[n] not in form.related}
    related = _best({number: score for number, score in left.items() if number not in dict(duplicates)})
    return Alike(
        [(_shown(index.by_locale[number], form.locale), score) for number, score in duplicates],
        [(_shown(index.by_locale[number], form.locale), score) for number, score in related],
    )


def _places(order: Any, others: list[int]) -> list[int]:
    wanted = set(others)
    return [place for place, number in enumerate(order) if number in wanted]


def _best(scores: dict[int, float]) -> list[tuple[int, float]]:
    return sorted(scores.items(), key=lambda one: -one[1])[:SHOWN]


def _shown(versions: dict[str, Article], locale: str) -> Article:
    return versions.get(locale) or next(iter(versions.values()))


def _told(found: list[tuple[Article, float]]) -> list[dict[str, Any]]:
    return [
        {"article_id": one.id, "locale": one.locale, "title": one.title, "url": one.url, "score": round(score, 3)}
        for one, score in found
    ]
