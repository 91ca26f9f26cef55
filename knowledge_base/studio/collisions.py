"""Which published articles a draft would take questions from: their own questions and titles, worded a little anew.

Each is asked as if the article did not hold that very text, which is what another wording of it meets, once of what
is published and once with the draft. Only those that are near the draft are asked: far ones cannot change.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from knowledge_base.knowledge import Snapshot
from knowledge_base.retrieval import following, wordings
from knowledge_base.retrieval.dense import LeftOut
from knowledge_base.retrieval.engine import HybridEngine, Question
from knowledge_base.retrieval.index import Index, Unit
from knowledge_base.studio.form import Form
from knowledge_base.studio.trying import Overlay, Trials
from service.typography import typeset

Json = dict[str, Any]
MOST_ASKED = 100
OWN = ("question", "title")


def collisions(trials: Trials, form: Form) -> Json:
    """`{collisions: [{article_id, locale, title, url, stolen: [{field, text, exact}], of}], asked}`, the worst first.

    `exact`: even that very wording goes to the draft. `of`: how many texts of the article were asked.
    """
    overlay = trials.overlay([form])
    if overlay.live.engine is None or overlay.drafts.engine is None:
        return {"collisions": [], "asked": 0}
    live, after = overlay.live.engine, overlay.drafts.engine
    near = _near(after.index, overlay)
    locales = [after.index.units[unit].locale for unit in near]
    read = [
        (live.read(after.index.units[unit].text, locale), locale) for unit, locale in zip(near, locales, strict=True)
    ]
    questions = trials.knowledge.encode_own(read)
    stolen: dict[tuple[str, str], list[Json]] = defaultdict(list)
    asked: dict[tuple[str, str], int] = defaultdict(int)
    for number, question in zip(near, questions, strict=True):
        unit = after.index.units[number]
        owner = (after.index.ids[unit.article], unit.locale)
        if _first(live, question, owner[0], without=unit) != owner[0]:
            continue
        asked[owner] += 1
        if _first(after, question, owner[0], without=unit) in overlay.ids:
            exact = _first(after, question, owner[0], worded=unit.text) in overlay.ids
            stolen[owner].append({"field": unit.field, "text": typeset(unit.shown), "exact": exact})
    found = [_told(overlay.live, owner, texts, asked[owner]) for owner, texts in stolen.items()]
    found.sort(key=lambda one: (-sum(each["exact"] for each in one["stolen"]), -len(one["stolen"])))
    return {"collisions": found, "asked": len(near)}


def _near(index: Index, overlay: Overlay) -> list[int]:
    """The units nearest to the draft: questions and titles of other articles."""
    drafts = [n for n, unit in enumerate(index.units) if (index.ids[unit.article], unit.locale) in overlay.places]
    special = index.special
    others = [
        n
        for n, unit in enumerate(index.units)
        if unit.field in OWN and index.ids[unit.article] not in overlay.ids and not special[unit.article]
    ]
    if not drafts or not others:
        return []
    dense = index.dense[0]
    likeness = (dense.spaced[others] @ dense.spaced[drafts].T).max(axis=1)
    return [others[int(place)] for place in np.argsort(-likeness, kind="stable")[:MOST_ASKED]]


def _first(
    engine: HybridEngine, question: Question, owner: str, without: Unit | None = None, worded: str | None = None
) -> str | None:
    """The id of the first article: that text of its owner left out of the index, or asked in these very words."""
    index, gap = engine.index, None
    if without is not None:
        article = index.ids.index(owner)
        span = range(index.starts[article], index.starts[article] + index.counts[article])
        same = [n for n in span if (index.units[n].text, index.units[n].locale) == (without.text, without.locale)]
        if same and len(same) < len(span):
            gap = LeftOut(article, np.array(same))
    ranking = following.ordinary(engine.rank(question, gap), index)
    if worded is not None:
        ranking = wordings.put_first(ranking, index, worded, question.locale) or ranking
    return index.ids[ranking.order[0]] if len(ranking.order) else None


def _told(live: Snapshot, owner: tuple[str, str], texts: list[Json], of: int) -> Json:
    article = next(one for one in live.contents.articles if (one.id, one.locale) == owner)
    texts.sort(key=lambda one: not one["exact"])
    shown = {"article_id": article.id, "locale": article.locale, "title": typeset(article.title), "url": article.url}
    return shown | {"stolen": texts, "of": of}
