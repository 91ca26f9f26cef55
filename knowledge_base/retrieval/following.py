"""What the conversation so far changes: who is asking, what did not help, and questions that hang on the last one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from knowledge_base.content.article import Article
from knowledge_base.retrieval import text
from knowledge_base.retrieval.engine import Ranking
from knowledge_base.retrieval.index import Index

# An article written for this customer's audience comes before one for everybody that is a little nearer; for a customer
# we do not know it comes after an equal one.
OWN_AUDIENCE, ANY_AUDIENCE = 0.18, -0.08
MOST_WORDS = 8
MOST_CONTENT_WORDS = 2
# A question that opens like this goes on from another; those of the second kind do so only when there is little else.
_GOES_ON = {
    "fr": re.compile(r"(?:et|mais|sinon|aussi|idem|pareil|meme chose|dans ce cas|du coup)\b"),
    "en": re.compile(r"(?:and|but|or|also|what about|how about|same|in that case|then)\b"),
}
_MAY_GO_ON = {
    "fr": re.compile(r"(?:c'est |ca |pour |vers |depuis |avec |sans |combien|quand|lequel|laquelle)"),
    "en": re.compile(r"(?:is it|it |for |to |from |with |without |how (?:much|long)|when)"),
}
# Where, whereby or for what, and nothing else: no subject of its own ("et la garantie ?" has one).
_CIRCUMSTANCE = {
    "fr": re.compile(
        r"(?:(?:et|mais|sinon|du coup) )?"
        r"(?:(?:en|au|aux|a|dans|depuis|vers|chez|par|sans|avec)(?: (?:la|le|les|un|une|mon|ma|mes|votre|vos))?"
        r"|pour(?: (?:un|une|des))?) (?:l'|d')?(?P<what>.+)"
    ),
    "en": re.compile(
        r"(?:(?:and|but|or|what about|how about) )?"
        r"(?:(?:in|to|from|at|by|with|without|through|via)(?: (?:the|a|an|my|your))?|for(?: an?)?) (?P<what>.+)"
    ),
}
LONGEST_BEFORE = 300  # characters of the question before that are read with the next


@dataclass(frozen=True)
class Past:
    """An earlier question of the conversation, the article shown for it, and whether it helped."""

    question: str
    article_id: str | None = None
    helped: bool | None = None


@dataclass(frozen=True)
class Asked:
    """A question with what is known about who asks it. `locale` is the language to show; `history` the oldest first."""

    question: str
    locale: str | None = None
    limit: int = 3
    audience: str | None = None
    history: tuple[Past, ...] = ()


def joined(question: str, history: tuple[Past, ...], locale: str) -> str | None:
    """The question together with the last one if it seems to go on from it, as "et en Belgique ?" does."""
    folded = text.fold(question).strip(" ?!.…")
    words = folded.split()
    earlier = (" ".join(past.question.split())[:LONGEST_BEFORE] for past in reversed(history))
    before = next((question for question in earlier if question), None)
    if before is None or not words or len(words) > MOST_WORDS or text.fold(before).strip(" ?!.…") == folded:
        return None
    content = text.content_words(question, locale)
    goes_on = _GOES_ON.get(locale, _GOES_ON["en"]).match(folded) or is_circumstance(question, locale)
    may = len(content) <= MOST_CONTENT_WORDS and _MAY_GO_ON.get(locale, _MAY_GO_ON["en"]).match(folded)
    return f"{before.strip(' ?!.…')}, {question}" if goes_on or may else None


def is_circumstance(question: str, locale: str) -> bool:
    """Whether there is nothing but a preposition and what goes with it: "et en Belgique ?", "without the box"."""
    said = _CIRCUMSTANCE.get(locale, _CIRCUMSTANCE["en"]).fullmatch(text.fold(question).strip(" ?!.…"))
    if said is None:
        return False
    content = text.content_words(said["what"], locale)
    return len(content) <= MOST_CONTENT_WORDS and len(content) == len(said["what"].split())


def reordered(ranking: Ranking, index: Index, audience: str | None, history: tuple[Past, ...]) -> Ranking:
    """Leave out what is written for others, prefer what is for this audience, put last what did not help."""
    scores, useless_ids = ranking.scores, failed(history)
    if not index.special.any() and not useless_ids:
        return ranking
    scores, others = scores.copy(), []
    for number in np.flatnonzero(index.special):
        if not meant_for(index.by_locale[number].values(), audience):
            others.append(number)
        named = any(audience in article.audience for article in index.by_locale[number].values())
        scores[number] += OWN_AUDIENCE if named else ANY_AUDIENCE
    order = np.argsort(-scores, kind="stable")
    order = order[~np.isin(order, others)]
    if not useless_ids:
        return replace(ranking, scores=scores, order=order)
    useless = np.array([index.ids[number] in useless_ids for number in order], dtype=bool)
    return replace(ranking, scores=scores, order=np.concatenate([order[~useless], order[useless]]))


def ordinary(ranking: Ranking, index: Index) -> Ranking:
    """What everybody sees: without the articles that are written for an audience of their own."""
    return replace(ranking, order=ranking.order[~index.special[ranking.order]]) if index.special.any() else ranking


def failed(history: tuple[Past, ...]) -> set[str | None]:
    """Ids of the articles that did not help."""
    return {past.article_id for past in history if past.helped is False}


def meant_for(versions: Iterable[Article], audience: str | None) -> list[Article]:
    """The versions of an article that a customer may see: all of them when we do not know the customer."""
    return [one for one in versions if audience is None or not one.audience or audience in one.audience]
