"""What happens to a handoff, noted in the transaction in which it happens: no step is lost, none is invented."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import Handoff
from bot.db.types import new_id
from bot.db.webhooks import HandoffEvent, WebhookDelivery
from bot.services import Services

TYPES = frozenset(
    {
        "requested",
        "offered",
        "declined",
        "expired",
        "withdrawn",
        "accepted",
        "transferred",
        "taken_back",
        "released",
        "reopened",
        "cancelled",
        "context_changed",
    }
)


async def record(
    services: Services,
    session: AsyncSession,
    handoff: Handoff,
    type_: str,
    *,
    advisor_id: str | None = None,
    details: dict[str, Any] | None = None,
) -> HandoffEvent:
    """Notes a step that the caller's transaction has just made, and that the addresses outside are due to hear of it.

    ``advisor_id``: whom the step is about, by default who has the handoff or is offered it. ``details`` go out as they
    are, so nothing personal belongs in them. Raises ``ValueError`` for a type that ``TYPES`` does not have.
    """
    if type_ not in TYPES:
        raise ValueError(f"{type_!r} is no step of a handoff")
    # The change itself goes first and holds the row: two steps at once get two numbers, in their order.
    await session.flush()
    await services.db.hold(session, select(Handoff.id).where(Handoff.id == handoff.id))
    last = select(func.max(HandoffEvent.number)).where(HandoffEvent.handoff_id == handoff.id)
    now = services.clock()
    event = HandoffEvent(
        id=new_id(),
        handoff_id=handoff.id,
        conversation_id=handoff.conversation_id,
        number=((await session.execute(last)).scalar_one() or 0) + 1,
        type=type_,
        status=handoff.status,
        advisor_id=advisor_id or handoff.advisor_id or handoff.offered_to,
        details=details or {},
        created_at=now,
    )
    session.add(event)
    await session.flush()
    session.add_all(
        WebhookDelivery(
            event_id=event.id,
            handoff_id=handoff.id,
            conversation_id=handoff.conversation_id,
            target=target,
            next_attempt_at=now,
            created_at=now,
        )
        for target, _ in enumerate(services.settings.webhook_url, 1)
    )
    return event
