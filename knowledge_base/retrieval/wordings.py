"""A question that a writer has foreseen word for word is answered by that article, whatever stands beside it.

Likeness alone cannot promise that: among articles that resemble each other even one's own wording is asked back.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from knowledge_base.retrieval import text
from knowledge_base.retrieval.engine import COMPARED, Ranking
from knowledge_base.retrieval.index import Index

CONFIDENCE = 0.99
OWN = ("question", "title")
SLACK = 4  # characters that signs and spaces may add: longer or shorter texts are not worth folding
_WORD = re.compile(r"[^\W_]+")


def put_first(ranking: Ranking, index: Index, question: str, audience: str | None) -> Ranking | None:
    """The ranking with the one article first that holds this very question; None when none does, or several do.

    Case, accents and signs do not count. It is looked for among the first COMPARED of the ranking, where it is found by
    likeness already. An article for some is meant only where the customer is known to be one of them.
    """
    asked = _key(question)
    holding = [
        int(number)
        for number in ranking.order[:COMPARED]
        if _holds(index, int(number), question, asked) and _is_for(index, int(number), audience)
    ]
    if len(holding) != 1:
        return None
    return replace(ranking, order=np.concatenate([holding, ranking.order[ranking.order != holding[0]]]))


def _holds(index: Index, number: int, question: str, asked: str) -> bool:
    start = int(index.starts[number])
    own = index.units[start : start + int(index.counts[number])]
    return any(
        unit.field in OWN and abs(len(unit.text) - len(question)) <= SLACK and _key(unit.text) == asked for unit in own
    )


def _is_for(index: Index, number: int, audience: str | None) -> bool:
    versions = index.by_locale[number].values()
    return not index.special[number] or any(audience in one.audience for one in versions)


def _key(said: str) -> str:
    return " ".join(_WORD.findall(text.fold(said)))
