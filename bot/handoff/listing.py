"""The rows of the desk's list: all of them for whoever sits down, then one at a time as something moves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from bot.clocks.reading import read_runs, shown
from bot.db.models import OPEN, Conversation, Handoff
from bot.db.people import Customer, User
from bot.errors import Refusal
from bot.handoff.extras import extras_of
from bot.identity.links import is_with
from bot.identity.rights import assurance_of
from bot.services import Services

Json = dict[str, Any]
MOST_ROWS = 500
# Not whole rows of the record: a context is long, and every desk reads this list.
_HANDOFF = Bundle[Any](
    "handoff",
    Handoff.id,
    Handoff.status,
    Handoff.requested_at,
    Handoff.accepted_at,
    Handoff.queue_at,
    Handoff.reason,
    Handoff.topic,
    Handoff.priority,
    Handoff.contact,
    Handoff.advisor_id,
    Handoff.offered_to,
    Handoff.offered_until,
    Handoff.overflow,
    Handoff.context["why"]["summary"].as_string().label("summary"),
)
_CONVERSATION = Bundle[Any](
    "conversation",
    Conversation.id,
    Conversation.locale,
    Conversation.channel,
    Conversation.last_seq,
    Conversation.assurance,
    Conversation.method,
    Conversation.verified_at,
)


async def list_handoffs(services: Services, status: str | None, before: str | None = None) -> list[Json]:
    """Rows for the queue: all open ones by default, most pressing first.

    With a ``status`` that is over the newest come first; ``before``, the id of the last one, asks for those before it.
    Raises ``Refusal`` (422) for a ``before`` that is none.
    """
    which: ColumnElement[bool] = Handoff.status.in_((status,) if status else OPEN)
    is_over = status is not None and status not in OPEN
    async with services.db.read() as session:
        if before is not None:
            which &= await _ended_before(session, before)
        return await _rows(services, session, which, newest=is_over)


async def _ended_before(session: AsyncSession, handoff_id: str) -> ColumnElement[bool]:
    last = await session.get(Handoff, handoff_id) if "\x00" not in handoff_id else None
    if last is None or last.ended_at is None:
        raise Refusal("bad_request", 422)
    return (Handoff.ended_at < last.ended_at) | ((Handoff.ended_at == last.ended_at) & (Handoff.id < last.id))


async def row_of(services: Services, session: AsyncSession, conversation_id: str) -> Json | None:
    """The row of the handoff that is open in a conversation."""
    here = (Handoff.conversation_id == conversation_id) & Handoff.status.in_(OPEN)
    return next(iter(await _rows(services, session, here)), None)


async def _rows(
    services: Services, session: AsyncSession, which: ColumnElement[bool], *, newest: bool = False
) -> list[Json]:
    order = (Handoff.ended_at.desc(), Handoff.id.desc()) if newest else (Handoff.queue_at, Handoff.id)
    query = (
        select(_HANDOFF, _CONVERSATION, Customer.display_name, User.name)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .join(Customer, is_with(Customer.id))
        .join(User, User.id == Handoff.advisor_id, isouter=True)
        .where(which)
        .order_by(*order)
        .limit(MOST_ROWS)
    )
    rows = (await session.execute(query)).all()
    running = await read_runs(services, session, [row[0] for row in rows])
    extras = await extras_of(session, [row[0].id for row in rows])
    now = services.clock()
    return [
        _row(services, now, *row) | {"clocks": shown(running.get(row[0].id, []), now)} | extras[row[0].id]
        for row in rows
    ]


def _row(
    services: Services, now: datetime, handoff: Any, conversation: Any, customer: str, advisor: str | None
) -> Json:
    return {
        "handoff_id": handoff.id,
        "conversation_id": conversation.id,
        "status": handoff.status,
        "requested_at": handoff.requested_at.isoformat(),
        "queue_at": handoff.queue_at.isoformat(),
        "waiting_seconds": int(((handoff.accepted_at or now) - handoff.requested_at).total_seconds()),
        "customer_name": customer,
        "assurance": assurance_of(services, conversation),
        "locale": conversation.locale,
        "channel": conversation.channel,
        "reason": handoff.reason,
        "topic": handoff.topic,
        "summary": handoff.summary,
        "priority": handoff.priority,
        "advisor": {"id": handoff.advisor_id, "name": advisor} if advisor else None,
        "contact": handoff.contact,
        "last_seq": conversation.last_seq,
        "offered_to": handoff.offered_to,
        "offered_until": handoff.offered_until.isoformat() if handoff.offered_to and handoff.offered_until else None,
        "overflow": handoff.overflow,
    }
