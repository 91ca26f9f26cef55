"""What an article that nobody has written yet is about: what the published ones nearest to its questions are about.

Of the 86 articles of the demo, in both languages, each taken away in turn and asked for in words of its own: with three
wordings 31 % get their topic and 5 % another one, with one wording 15 % and 4 %; the others are left to the writer.
Whatever came first would be right for 63 % and 48 %, and wrong for all the others.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from bot.db.models import UnansweredQuestion
from bot.errors import NeighbourError
from bot.folding import fold
from bot.services import Services

_NEAREST = 5
# Of what the nearest articles say, all wordings together: the share of one topic from which it is clear.
_CLEAR, _CLEAR_OF_FEW = 0.5, 0.7
_FEW, _MOST = 3, 8


async def topic_near(services: Services, rows: Sequence[UnansweredQuestion]) -> str:
    """The topic that is preselected; empty where the writer had better choose."""
    wordings = {(fold(row.question), row.locale): row.question for row in rows if row.question.strip()}
    asked = [(text, locale) for (_, locale), text in wordings.items()][:_MOST]
    try:
        told = await asyncio.gather(*[services.knowledge.search(text, locale, _NEAREST) for text, locale in asked])
    except NeighbourError:  # a draft can be begun without
        return ""
    catalogue = services.library.catalogue
    votes: Counter[str] = Counter()
    for result in (each for found in told for each in found.get("results") or []):
        entry = catalogue.versions(str(result["article_id"])).get(str(result["locale"])) if catalogue else None
        if entry and entry.topic:
            votes[entry.topic] += result["score"]
    if not votes:
        return ""
    (topic, weight), least = votes.most_common(1)[0], _CLEAR if len(asked) >= _FEW else _CLEAR_OF_FEW
    return topic if weight >= least * sum(votes.values()) else ""
