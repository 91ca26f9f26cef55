"""The answer comes back: who asked, was not answered and agreed to be told gets the new answer on their channel, once.

What is owed is written down before the review of the article: a process that dies in between looks again. It is said in
one transaction with the note that it was said, under the conversation's lock: either both are kept or neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, held_conversation
from bot.db.gaps import GapTelling
from bot.db.models import Conversation, Message, Turn, UnansweredQuestion
from bot.db.people import AuditEntry
from bot.identity.consents import may_answer, wants_to_know
from bot.identity.links import person_of
from bot.services import Services
from bot.texts import say
from bot.turns.claim import UNFINISHED
from bot.turns.replies import answer_draft

Json = dict[str, Any]
_log = structlog.get_logger()
DUE, TOLD, DROPPED = "due", "told", "dropped"
# An answer that could not be told until then (an advisor had the conversation) comes too late.
_IN_TIME = timedelta(days=30)
_AT_ONCE = 50
_QUOTED = 160
KEY_PREFIX = "told:"


@dataclass(frozen=True)
class Owed:
    """Who is to be told, and where."""

    conversation_id: str
    customer_id: str
    question_id: str


async def who_is_owed(session: AsyncSession, article_id: str, rows: Sequence[UnansweredQuestion]) -> list[Owed]:
    """Who is to be told of this article: once for each person, in the conversation in which they asked last.

    Who was told of it is owed it again for what they asked since.

    It takes a few queries for each conversation: so it only reads, and nobody waits for it.
    """
    noted = await session.execute(
        select(GapTelling.customer_id, func.max(func.coalesce(GapTelling.told_at, GapTelling.created_at)))
        .where(GapTelling.article_id == article_id)
        .group_by(GapTelling.customer_id)
    )
    known: dict[str, datetime] = dict(noted.all())
    owed, met = [], set[str]()
    for row in sorted(rows, key=lambda each: each.created_at, reverse=True):
        conversation = None if row.conversation_id in met else await session.get(Conversation, row.conversation_id)
        if conversation is None or not await wants_to_know(session, conversation, row.id):
            continue
        met.add(conversation.id)
        person = await person_of(session, conversation)
        if person.id not in known or known[person.id] < row.created_at:
            known[person.id] = row.created_at
            owed.append(Owed(conversation.id, person.id, row.id))
    return owed


async def owe(services: Services, gap_id: str, article_id: str, owed: Sequence[Owed]) -> None:
    """Notes it, each in a transaction of its own: customers who write meanwhile get their turn in between."""
    for each in sorted(owed, key=lambda one: one.conversation_id):
        telling = GapTelling(
            gap_id=gap_id,
            customer_id=each.customer_id,
            conversation_id=each.conversation_id,
            question_id=each.question_id,
            article_id=article_id,
            status=DUE,
            created_at=services.clock(),
        )
        try:
            async with services.db.write() as session:
                session.add(telling)
        except IntegrityError:  # another process has just noted it, or the conversation was erased
            continue


async def tell_due(services: Services) -> int:
    """Says what is owed where nobody else is speaking; how many were told. Raises ``NeighbourError``."""
    query = (
        select(GapTelling.id, GapTelling.conversation_id, GapTelling.article_id, Conversation.locale)
        .join(Conversation, Conversation.id == GapTelling.conversation_id)
        .where(GapTelling.status == DUE, Conversation.owner == "bot")
        .order_by(GapTelling.created_at, GapTelling.id)
        .limit(_AT_ONCE)
    )
    async with services.db.read() as session:
        due = (await session.execute(query)).all()
    told = 0
    for telling_id, conversation_id, article_id, locale in due:
        article = await services.knowledge.article_by_id(article_id, locale)
        told += await _tell(services, telling_id, conversation_id, article)
    return told


async def _tell(services: Services, telling_id: str, conversation_id: str, article: Json | None) -> bool:
    now = services.clock()
    async with services.db.write() as session:
        conversation = await held_conversation(session, conversation_id)
        if conversation is None:  # erased meanwhile
            return False
        telling = await session.get(GapTelling, telling_id, populate_existing=True)
        if telling is None or telling.status != DUE or conversation.owner != "bot":
            return False
        if not await _wanted(session, conversation, telling, article, too_late=telling.created_at < now - _IN_TIME):
            telling.status = DROPPED
            return False
        if article is None:
            # Gone, or refused for good. Nothing is owed of it; it is again if the article comes back.
            _log.warning("telling_stopped", telling=telling_id)
            await session.delete(telling)
            return False
        if await _at_work(session, conversation):
            return False
        messages = [
            await append(session, services.channels, conversation, draft, now)
            for draft in await _drafts(services, session, conversation, telling, article)
        ]
        telling.status, telling.told_at = TOLD, now
        if conversation.outcome == "unanswered":
            conversation.outcome = "answered"
        session.add(AuditEntry(at=now, action="answer_told", target=conversation.id, detail=telling.article_id))
    notify.told(services, conversation, messages)
    return True


async def _wanted(
    session: AsyncSession, conversation: Conversation, telling: GapTelling, article: Json | None, *, too_late: bool
) -> bool:
    """Still in time, still agreed to, and the customer has not read this very answer since they asked."""
    if too_late or not await may_answer(session, conversation):
        return False
    question = await session.get(UnansweredQuestion, telling.question_id)
    # Taken back, as it helped after all; or not wanted any more.
    if question is None or not await wants_to_know(session, conversation, question.id):
        return False
    shown = select(Message.data).where(
        Message.conversation_id == conversation.id, Message.kind == "answer", Message.created_at > question.created_at
    )
    known = {
        (data.get("answer", {}).get("article_id"), str(data.get("answer", {}).get("version")))
        for data in (await session.execute(shown)).scalars()
    }
    return article is None or (article["article_id"], str(article["version"])) not in known


async def _at_work(session: AsyncSession, conversation: Conversation) -> bool:
    """The assistant is about to answer something else: that goes first."""
    query = select(Turn.id).where(Turn.conversation_id == conversation.id, Turn.status.in_(UNFINISHED)).limit(1)
    return (await session.execute(query)).first() is not None


async def _drafts(
    services: Services, session: AsyncSession, conversation: Conversation, telling: GapTelling, article: Json
) -> list[Draft]:
    """A sentence that says why we write, then the article as the assistant shows it."""
    row = await session.get_one(UnansweredQuestion, telling.question_id)
    name, locale = services.service.brand.assistant_name, conversation.locale
    asked = " ".join(row.question.split())
    quoted = asked if len(asked) <= _QUOTED else asked[: _QUOTED - 1].rstrip() + "…"
    words = say(locale, "gap_told", question=quoted)
    found = article | {"passage": article["answer"], "score": 0.0, "question": row.question}
    shown = answer_draft(found, name, services.settings.public_url)
    key = f"{KEY_PREFIX}{telling.id}"
    return [Draft("bot", words, author_name=name, told_rasa=True, client_message_id=key), shown]
