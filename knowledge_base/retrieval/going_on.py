"""A few words that are a circumstance of what was just talked of: "et en Belgique ?" after a question about returns.

Alone they find the article that speaks of Belgium most, which is about delivery. What is meant is what the topic of the
article just shown says of Belgium.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from knowledge_base.retrieval import following
from knowledge_base.retrieval.dense import Ints
from knowledge_base.retrieval.engine import Question, Ranking
from knowledge_base.retrieval.following import MOST_CONTENT_WORDS, Asked
from knowledge_base.retrieval.index import Index

# A word in the titles of so many articles of other topics is a subject: "et pour le remboursement ?" changes it.
TITLES_OF_A_SUBJECT = 2


def within_topic(asked: Asked, alone: Question, found: int, joined: Ranking, index: Index) -> Ints:
    """Articles of the topic last shown that speak of what is asked, in the order of `joined`; often none.

    `found`: the article that the question `alone` finds; of the same topic, it is what is meant.
    """
    nothing = joined.order[:0]
    shown = _last_shown(asked, index)
    if shown is None or not _topic(index, shown) or _topic(index, found) == _topic(index, shown):
        return nothing
    part, locale = index.lexical.get(alone.locale), alone.locale
    terms, unknown = index.lexicon.stems.known(alone.text, locale)
    if part is None or unknown or not 0 < len(terms) <= MOST_CONTENT_WORDS:
        return nothing
    if not following.is_circumstance(alone.text, locale) and _names_a_subject(
        index, terms, locale, _topic(index, shown)
    ):
        return nothing
    useless = following.failed(asked.history)
    holding = set(part.stems.holding(terms).tolist()) - {shown}
    fit = [one for one in joined.order.tolist() if one in holding and index.ids[one] not in useless]
    return np.array([one for one in fit if _topic(index, one) == _topic(index, shown)], dtype=joined.order.dtype)


def _last_shown(asked: Asked, index: Index) -> int | None:
    """The number of the article that the last question got."""
    last = next((past.article_id for past in reversed(asked.history) if past.question.strip()), None)
    return index.ids.index(last) if last in index.ids else None


def _topic(index: Index, number: int) -> str:
    return next(iter(index.by_locale[number].values())).topic or ""


def _names_a_subject(index: Index, terms: Ints, locale: str, topic: str) -> bool:
    return any(
        len(list(islice(_titles_elsewhere(index, term, locale, topic), TITLES_OF_A_SUBJECT))) == TITLES_OF_A_SUBJECT
        for term in terms
    )


def _titles_elsewhere(index: Index, term: int, locale: str, topic: str) -> Iterator[str]:
    """Titles of other topics that hold the term: looked for where anything holds it."""
    for number in index.lexical[locale].stems.holding(np.array([term])).tolist():
        article = index.by_locale[number].get(locale)
        if article and (article.topic or "") != topic and term in index.lexicon.stems.count(article.title, locale)[0]:
            yield article.title
