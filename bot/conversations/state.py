"""What the customer may know of a conversation's state."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import OPEN, WAITING, Conversation, Handoff
from bot.db.people import User
from bot.db.widget import DeskReading
from bot.handoff.floor import wait_of
from bot.services import Services


async def open_handoff(session: AsyncSession, conversation_id: str) -> Handoff | None:
    """The handoff under way in a conversation; there is at most one."""
    query = select(Handoff).where(Handoff.conversation_id == conversation_id, Handoff.status.in_(OPEN))
    return (await session.execute(query.order_by(Handoff.requested_at.desc()).limit(1))).scalar_one_or_none()


async def state_of(
    services: Services, session: AsyncSession, conversation: Conversation, *, place: bool = True
) -> dict[str, Any]:
    """``{owner, handoff: {status, position, wait_seconds, opens_at?}?, advisor_name?, read_seq?, notices?}``.

    There is no estimate of the wait while the service is closed, and neither place nor wait without ``place``.
    """
    # The epoch lets a reader tell an answer that was overtaken on its way from what is true now.
    state: dict[str, Any] = {
        "owner": conversation.owner,
        "epoch": conversation.epoch,
        "locale": conversation.locale,
    }
    notices = services.incidents.notices(conversation.locale)
    if notices:
        state["notices"] = notices
    handoff = await open_handoff(session, conversation.id) if conversation.owner != "bot" else None
    if conversation.owner != "queue":
        # What an advisor has read stays read when they leave.
        read = await session.get(DeskReading, conversation.id)
        if read is not None or conversation.owner != "bot":
            state["read_seq"] = read.read_seq if read else 0
    if handoff is None:
        return state
    shown: dict[str, Any] = {"status": handoff.status}
    if handoff.status in WAITING and place:
        wait = await wait_of(services, session, handoff, conversation.locale)
        shown["position"] = wait.position
        is_open = services.service.is_open(services.clock())
        shown["wait_seconds"] = round(wait.seconds) if is_open and wait.seconds is not None else None
        opening = None if is_open else services.service.next_opening(services.clock())
        if opening is not None:
            shown["opens_at"] = opening.isoformat()
    elif handoff.advisor_id:
        advisor = await session.get(User, handoff.advisor_id)
        state["advisor_name"] = advisor.name if advisor else None
    return state | {"handoff": shown}
