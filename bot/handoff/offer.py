"""Making an offer: a waiting request goes to the best advisor who is free."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import Conversation, Handoff
from bot.db.people import AuditEntry
from bot.handoff.events import record
from bot.handoff.floor import Floor, overflow_after, see_floor
from bot.routing.offers import Offer, offers
from bot.services import Services

_OFFERING = 7_340  # the number of this work among those done by one process at a time


async def one_at_a_time(services: Services, session: AsyncSession) -> None:
    """Until the transaction ends nobody else makes offers: each advisor is asked for one request at a time."""
    await services.db.one_at_a_time(session, _OFFERING)


async def offer_waiting(services: Services, session: AsyncSession) -> set[Conversation]:
    """Offers all that can be offered; the conversations that it is about."""
    free = select(Handoff).where(Handoff.status == "requested").order_by(Handoff.id).with_for_update()
    found = await session.execute(free.execution_options(populate_existing=True))
    requested = {handoff.id: handoff for handoff in found.scalars()}
    moved = set()
    for offer in _possible(services, await see_floor(services, session)):
        # Who asked since is offered at the next look.
        if handoff := requested.get(offer.handoff_id):
            await _make(services, session, handoff, offer)
            moved.add(await session.get_one(Conversation, handoff.conversation_id))
    return moved


async def offer_at_once(services: Services, session: AsyncSession, handoff: Handoff, floor: Floor) -> None:
    """Offers a request in the transaction that makes it, if it is somebody's turn to have it.

    ``floor``: as seen since ``one_at_a_time``; whom the request is for may have become known after that.
    """
    queue = [
        replace(one, preferred=handoff.preferred_id) if one.handoff_id == handoff.id else one for one in floor.queue
    ]
    for offer in _possible(services, Floor(queue, floor.advisors)):
        if offer.handoff_id == handoff.id:
            await _make(services, session, handoff, offer)


def _possible(services: Services, floor: Floor) -> list[Offer]:
    waiting = [one for one in floor.queue if one.is_free]
    return offers(waiting, floor.advisors, services.clock(), overflow_after(services))


async def _make(services: Services, session: AsyncSession, handoff: Handoff, offer: Offer) -> None:
    now = services.clock()
    deadline = timedelta(seconds=services.service.handoff.offer_deadline_seconds)
    handoff.status, handoff.offered_to, handoff.offered_until = "offered", offer.advisor_id, now + deadline
    handoff.overflow = offer.overflow
    session.add(AuditEntry(at=now, actor_id=offer.advisor_id, action="handoff_offered", target=handoff.id))
    await record(services, session, handoff, "offered")
