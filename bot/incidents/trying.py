"""What a question would get, were this incident in front: for whoever prepares it."""

from __future__ import annotations

from typing import Any

from bot.errors import NeighbourError
from bot.incidents.words import speaks_of
from bot.services import Services
from bot.texts import LOCALES

Json = dict[str, Any]


async def tried(services: Services, form: Json, question: str, locale: str) -> Json:
    """``{in_front, because: phrase | topic | topics | danger | null, ordinary: {article_id, title, topic} | null}``."""
    locale = locale if locale in LOCALES else services.service.brand.languages[0]
    if services.service.match_danger(question) is not None:
        return {"in_front": False, "because": "danger", "ordinary": None}
    try:
        found = await services.knowledge.search(question, locale)
    except NeighbourError:
        found = {"decision": "abstain", "results": []}
    first = found["results"][0] if found["decision"] == "answer" and found["results"] else None
    ordinary = {key: first.get(key) for key in ("article_id", "title", "topic")} if first else None
    topics = {each.get("topic") for each in found["results"]}
    # Between articles of one topic the assistant would ask which is meant: that is its topic too.
    asks_back = found["decision"] == "clarify" and len(topics) == 1 and topics <= set(form["topics"])
    because = None
    if speaks_of(question, locale, form["phrases"].get(locale) or []):
        because = "phrase"
    elif ordinary is not None and ordinary["topic"] in form["topics"]:
        because = "topic"
    elif asks_back:
        because = "topics"
    return {"in_front": because is not None, "because": because, "ordinary": ordinary}
