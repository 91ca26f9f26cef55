"""Articles for whoever answers: what the knowledge base says of the customer's latest question, remembered briefly."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.db.models import Message, Turn
from bot.errors import NeighbourError
from bot.handoff.questions import latest_questions
from bot.handoff.slip import replaced_question
from bot.services import Services

Json = dict[str, Any]
KEYS = ("article_id", "version", "locale", "title", "answer", "passage", "sentence", "url", "score", "topic")
_LOOKED_AT = 20
_TRIED = 3


async def with_suggestions(services: Services, context: Json, *, search: bool = True) -> Json:
    """The context with suggestions for what the customer asked last.

    ``suggestions_for`` says for which question they are, and whether they are ``current``: not while the knowledge base
    is down, when the last ones stay. Without ``search`` nothing is waited for.
    """
    shelf, handoff_id = services.shelf, context["handoff_id"]
    first = {"suggestions": context["suggestions"], "suggestions_for": _about(context["why"]["question"], True)}
    # What was shown before the customer revised their slip may be about what they struck out.
    shown = (None if "slip" in context else shelf.last(handoff_id)) or first
    if search:
        try:
            shown = await _found(services, context) or first
            shelf.remember(handoff_id, shown)
        except NeighbourError:
            shown = shown | {"suggestions_for": shown["suggestions_for"] | {"current": False}}
    return context | shown


def _about(question: str, current: bool) -> Json:
    return {"question": question, "current": current}


async def _found(services: Services, context: Json) -> Json | None:
    """Suggestions for the latest question that the knowledge base has something to say about."""
    for question in await _latest(services, context["conversation_id"], context["handoff_id"]):
        found = await services.shelf.search(question, context["locale"])
        if found.get("decision") != "abstain" and found.get("results"):
            results = [{key: result.get(key) for key in KEYS} for result in found["results"]]
            return {"suggestions": results, "suggestions_for": _about(question, True)}
    return None


async def _latest(services: Services, conversation_id: str, handoff_id: str) -> list[str]:
    theirs = select(Message).where(Message.conversation_id == conversation_id, Message.author == "customer")
    async with services.db.read() as session:
        messages = list((await session.execute(theirs.order_by(Message.seq.desc()).limit(_LOOKED_AT))).scalars())
        ids = [message.id for message in messages]
        turns = list((await session.execute(select(Turn).where(Turn.message_id.in_(ids)))).scalars())
        replaced = await replaced_question(session, handoff_id)
    found = latest_questions(messages[::-1], turns)
    if replaced is not None:
        gone, instead = replaced
        found = [question for question in (instead if each == gone else each for each in found) if question]
    return found[:_TRIED]
