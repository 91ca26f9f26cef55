"""A question that a writer has foreseen word for word is answered by that article, whatever stands beside it.

Likeness alone cannot promise that: among articles that resemble each other even one's own wording is asked back.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import replace
from functools import lru_cache

import numpy as np

from knowledge_base.retrieval import text
from knowledge_base.retrieval.engine import COMPARED, Ranking
from knowledge_base.retrieval.index import Index, Unit

CONFIDENCE = 0.99
OWN = ("question", "title")
# Words, and the signs that change what is said ("-20 %" is not "20", nor "< 24 h" "> 24 h").
_SAID = re.compile(r"[^\W_]+|[+<>%€$£#]|(?<!\w)-(?=\d)")


def put_first(
    ranking: Ranking,
    index: Index,
    question: str,
    locale: str,
    audience: str | None = None,
    failed: Set[str | None] = frozenset(),
) -> Ranking | None:
    """The ranking with the one article first that holds this very question; None when none does, or several do.

    Case, accents and punctuation do not count. It is looked for among the first COMPARED of the ranking, where it is
    found by likeness already; of several the one that holds it in this language is taken. `failed`: ids of those that
    did not help. A text for some counts only where the customer is known to be one of them.
    """
    asked = _key(question)
    holding: dict[int, set[str]] = {}
    for number in map(int, ranking.order[:COMPARED]):
        locales = {unit.locale for unit in _own(index, number) if _known(unit.text) == asked}
        meant = {one for one in locales if _is_for(index, number, one, audience)}
        if asked and meant and index.ids[number] not in failed:
            holding[number] = meant
    found = [number for number, locales in holding.items() if locale in locales] or list(holding)
    if len(found) != 1:
        return None
    return replace(ranking, order=np.concatenate([found, ranking.order[ranking.order != found[0]]]))


def _own(index: Index, number: int) -> list[Unit]:
    start = int(index.starts[number])
    return [unit for unit in index.units[start : start + int(index.counts[number])] if unit.field in OWN]


def _is_for(index: Index, number: int, locale: str, audience: str | None) -> bool:
    version = index.by_locale[number][locale]
    return not version.audience or audience in version.audience


def _key(said: str) -> str:
    return " ".join(_SAID.findall(text.fold(said).replace("'", "")))


_known = lru_cache(maxsize=20_000)(_key)
