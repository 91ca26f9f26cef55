"""Everything kept of a customer, for them to take along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import messages_after, public
from bot.db.channels import Consent
from bot.db.identity import CustomerLink
from bot.db.models import Base, Conversation, Feedback, PageView, Rating, UnansweredQuestion
from bot.db.people import Customer, Identity, Promise
from bot.identity.links import circle, person_of
from bot.identity.rights import assurance_of, may_see_personal_data
from bot.services import Services

Json = dict[str, Any]


async def exported(services: Services, session: AsyncSession, conversation: Conversation) -> Json:
    """All conversations of who has proved who they are, on every channel; this one alone of anybody else."""
    person = await person_of(session, conversation)
    proven = may_see_personal_data(services, conversation)
    theirs = await circle(session, person.id) if proven else [conversation.customer_id]
    mine = Conversation.customer_id.in_(theirs) | Conversation.proven_customer_id.in_(theirs)
    which = mine if proven else Conversation.id == conversation.id
    found = (await session.execute(select(Conversation).where(which).order_by(Conversation.created_at))).scalars()
    customer = await session.get_one(Customer, theirs[0])
    known_as = theirs if proven else []
    return {
        "exported_at": services.clock().isoformat(),
        "assurance": assurance_of(services, conversation),
        "customer": _fields(customer, "reference", "display_name", "email", "created_at") if proven else None,
        "identities": await _all(session, Identity, known_as, "kind", "subject", "assurance", "verified_at"),
        "consents": await _all(session, Consent, theirs, "purpose", "granted", "channel", "question_id", "at"),
        "links": await _all(session, CustomerLink, known_as, "channel", "status", "created_at", "decided_at"),
        "conversations": [await _conversation(session, each) for each in found],
    }


async def _conversation(session: AsyncSession, conversation: Conversation) -> Json:
    async def rows(table: Any, *names: str) -> list[Json]:
        found = (await session.execute(select(table).where(table.conversation_id == conversation.id))).scalars()
        return [_fields(row, *names) for row in found]

    shown = _fields(conversation, "id", "channel", "locale", "topic", "outcome", "created_at", "updated_at")
    return shown | {
        "messages": [public(message) for message in await messages_after(session, conversation.id, 0)],
        "pages": await rows(PageView, "url", "title", "seen_at"),
        "ratings": await rows(Rating, "score", "comment", "created_at"),
        "feedback": await rows(Feedback, "article_id", "helpful", "comment", "created_at"),
        "unanswered_questions": await rows(UnansweredQuestion, "id", "question", "reason", "created_at"),
        "promises": await rows(Promise, "kind", "text", "due_at", "status", "created_at"),
    }


async def _all(session: AsyncSession, table: Any, theirs: list[str], *names: str) -> list[Json]:
    rows = (await session.execute(select(table).where(table.customer_id.in_(theirs)))).scalars()
    return [_fields(row, *names) for row in rows]


def _fields(row: Base, *names: str) -> Json:
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
