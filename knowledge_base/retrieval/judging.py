"""What is said to a question, and which reading of it counts: alone, joined to the one before, or within its topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge_base.retrieval import going_on
from knowledge_base.retrieval.calibration import Evidence, Model
from knowledge_base.retrieval.dense import Floats
from knowledge_base.retrieval.engine import Question, Ranking
from knowledge_base.retrieval.following import Asked
from knowledge_base.retrieval.found import Decision
from knowledge_base.retrieval.index import Index

# Asked back, how many articles stand before the one that the question alone would find.
BEFORE_ALONE = 2


@dataclass(frozen=True)
class Judged:
    """One reading of the question, and what would be said to it."""

    question: Question
    ranking: Ranking
    decision: Decision
    confidence: float


def decided(model: Model, evidence: Floats) -> Decision:
    """What is said on this evidence."""
    if model.answers(evidence):
        return "answer"
    return "clarify" if model.in_scope(evidence)[0] >= model.clarify_from else "abstain"


def better(judged: Sequence[Judged], asked: Asked, index: Index, evidence: Evidence, model: Model) -> Judged:
    """The question alone, or joined to the one before.

    Joined it holds that whole question, and would find its article again whatever is asked: such an answer is no more
    than a guess, worth asking back when the question alone is about something here.
    """
    alone, joined = judged
    within = _within_topic(alone, joined, asked, index, evidence, model)
    if within is not None:
        return within
    if alone.decision == "answer" or not len(joined.ranking.order):
        return alone
    shown = next((past.article_id for past in reversed(asked.history) if past.question.strip()), None)
    first, again = (index.ids[one.ranking.order[0]] if len(one.ranking.order) else None for one in (alone, joined))
    if again == shown != first:
        asking_back = alone.decision == "clarify" and joined.decision == "answer"
        return replace(joined, decision="clarify", confidence=alone.confidence) if asking_back else alone
    return max(alone, joined, key=lambda one: (one.decision == "answer", one.confidence))


def _within_topic(
    alone: Judged, joined: Judged, asked: Asked, index: Index, evidence: Evidence, model: Model
) -> Judged | None:
    """A circumstance of what was talked of is asked back: what that topic says of it, then what it finds alone.

    That an article of the topic names it is too little for an answer, however near: "boîte" is in many of them.
    """
    if alone.decision == "abstain" or not len(joined.ranking.order):
        return None
    kept = going_on.within_topic(asked, alone.question, int(alone.ranking.order[0]), joined.ranking, index)
    if not len(kept):
        return None
    confidence = float(model.probability(evidence.of(replace(joined.ranking, order=kept), joined.question.vector))[0])
    first = np.concatenate([kept[:BEFORE_ALONE], alone.ranking.order[:1]])
    rest = joined.ranking.order[~np.isin(joined.ranking.order, first)]
    ranking = replace(joined.ranking, order=np.concatenate([first, rest]))
    return Judged(joined.question, ranking, "clarify", confidence)
