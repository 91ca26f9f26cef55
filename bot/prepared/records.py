"""The rows of prepared tasks, and what the desk may see of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import lock_conversation
from bot.db.models import Conversation
from bot.db.people import AuditEntry, User
from bot.db.prepared import PreparedTask
from bot.errors import Refusal
from bot.identity.rights import may_see_personal_data
from bot.services import Services

Json = dict[str, Any]
DRAFT, OFFERED, CONFIRMED = "draft", "offered", "confirmed"
DONE, REFUSED, FAILED = "done", "refused", "failed"
DECLINED, WITHDRAWN, EXPIRED = "declined", "withdrawn", "expired"
_SHOWN = 10


async def owned(session: AsyncSession, conversation_id: str, advisor: User) -> Conversation:
    """The conversation, locked; its advisor's alone. Raises ``Refusal`` (403, 404)."""
    conversation = await lock_conversation(session, conversation_id)
    if conversation.owner != "advisor" or conversation.advisor_id != advisor.id:
        raise Refusal("not_your_conversation", 403)
    return conversation


async def find(session: AsyncSession, conversation_id: str, prepared_id: str) -> PreparedTask:
    """One of this conversation; the conversation must be locked by whoever changes it. Raises ``Refusal`` (404)."""
    row = await session.get(PreparedTask, prepared_id, populate_existing=True)
    if row is None or row.conversation_id != conversation_id:
        raise Refusal("unknown_prepared", 404)
    return row


async def with_status(session: AsyncSession, conversation_id: str, *statuses: str) -> list[PreparedTask]:
    """Those of a conversation in one of these states, the oldest first."""
    query = select(PreparedTask).where(
        PreparedTask.conversation_id == conversation_id, PreparedTask.status.in_(statuses)
    )
    found = await session.execute(query.order_by(PreparedTask.created_at).execution_options(populate_existing=True))
    return list(found.scalars())


async def awaits_proof(session: AsyncSession, conversation: Conversation) -> PreparedTask | None:
    """The one for which the customer is asked to prove who they are, while its advisor has the conversation."""
    if conversation.owner != "advisor":
        return None
    rows = await with_status(session, conversation.id, DRAFT, OFFERED)
    mine = (row for row in reversed(rows) if row.epoch == conversation.epoch)
    return next((row for row in mine if row.proof_asked_at is not None), None)


async def last_of(services: Services, conversation_id: str, reader: User) -> list[Json]:
    """The latest of a conversation as the desk shows them, the newest first; drafts are their advisor's alone."""
    theirs = (PreparedTask.prepared_by == reader.id) & (PreparedTask.epoch == Conversation.epoch)
    query = (
        select(PreparedTask, User, Conversation)
        .join(User, User.id == PreparedTask.prepared_by)
        .join(Conversation, Conversation.id == PreparedTask.conversation_id)
        .where(PreparedTask.conversation_id == conversation_id)
        .where(PreparedTask.offered_at.is_not(None) | ((PreparedTask.status == DRAFT) & theirs))
        .order_by(PreparedTask.created_at.desc())
        .limit(_SHOWN)
    )
    async with services.db.read() as session:
        rows = (await session.execute(query)).all()
    return [shown(services, *row) for row in rows]


def shown(services: Services, row: PreparedTask, by: User, conversation: Conversation) -> Json:
    """A prepared task as the desk reads it; `proof` says what the customer has still to do before they confirm."""
    proven = may_see_personal_data(services, conversation)
    asked = "asked" if row.proof_asked_at is not None else "needed"
    moments = ("offered_at", "expires_at", "confirmed_at", "ended_at")
    return {
        "id": row.id,
        "task": row.task,
        "label": row.label,
        "status": row.status,
        "unsure": row.unsure,
        "sentence": row.sentence,
        "lines": row.lines,
        "complete": row.complete,
        "changes": row.changes,
        "failed_step": row.failed_step,
        "by": {"id": by.id, "name": by.name},
        "proof": "verified" if proven else asked if row.asks_proof else "none",
        "outcome": {key: row.outcome.get(key) for key in ("detail", "step", "then")},
        **{name: _iso(getattr(row, name)) for name in moments},
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def audit(session: AsyncSession, services: Services, action: str, row: PreparedTask, actor: str | None = None) -> None:
    """Who did what with which task; nothing that was filled in."""
    entry = AuditEntry(at=services.clock(), actor_id=actor, action=action, target=row.conversation_id, detail=row.task)
    session.add(entry)
