"""The floor as the record has it, for ``bot/routing``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from bot.db.models import WAITING, Conversation, Handoff
from bot.db.people import User
from bot.db.together import Snooze
from bot.handoff.contact import moment_of
from bot.handoff.presence import is_there
from bot.handoff.snooze import asleep
from bot.routing.estimate import Estimate, estimate
from bot.routing.floor import Advisor, Waiting
from bot.routing.overflow import ANOTHER_SKILL
from bot.services import Services

# Until enough releases are on record, one conversation is taken to last this long.
USUAL_SERVICE_SECONDS = 300.0
_LAST_SERVICES = 50
_BEFORE_A_CALL = timedelta(minutes=2)  # a call at a chosen moment is offered so long before it
_FEWEST_SERVICES = 5


@dataclass(frozen=True)
class Floor:
    """All who wait, the head first, and all who take conversations now."""

    queue: list[Waiting]
    advisors: list[Advisor]


async def see_floor(services: Services, session: AsyncSession) -> Floor:
    """The floor at this moment, as this transaction sees it."""
    return Floor(await read_queue(services, session), await read_floor(services, session))


async def read_queue(services: Services, session: AsyncSession) -> list[Waiting]:
    """All who wait now, offered or not, the head first; a call for later waits for its moment."""
    query = (
        select(Handoff, Conversation.locale)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Handoff.status.in_(WAITING))
        .order_by(Handoff.queue_at, Handoff.id)
        .options(defer(Handoff.context))  # it is long, and this is read at every step of every request
    )
    rows = (await session.execute(query)).all()
    soon = services.clock() + _BEFORE_A_CALL
    return [as_waiting(services, row, locale) for row, locale in rows if (moment_of(row.contact) or soon) <= soon]


def as_waiting(services: Services, handoff: Handoff, locale: str) -> Waiting:
    """A request as the routing sees it."""
    return Waiting(
        handoff_id=handoff.id,
        skill=handoff.skill,
        locale=locale,
        requested_at=handoff.requested_at,
        queue_at=handoff.queue_at,
        preferred=handoff.preferred_id,
        declined_by=tuple(handoff.declined_by),
        not_before=handoff.offered_until,
        is_free=handoff.status == "requested",
        to_others=ANOTHER_SKILL in services.service.overflow_for(handoff.skill),
    )


async def read_floor(services: Services, session: AsyncSession) -> list[Advisor]:
    """Advisors who take conversations now, with what they have in hand: conversations and standing offers."""
    there = (User.role == "advisor") & (User.status == "active") & (User.presence == "available")
    users = (await session.execute(select(User).where(there))).scalars()
    held = await _held(session)
    return [
        Advisor(
            id=user.id,
            skills=frozenset(user.skills),
            locales=frozenset(user.locales),
            capacity=user.capacity or services.service.handoff.conversations_at_once,
            load=held.get(user.id, _NOTHING).load,
            asked=held.get(user.id, _NOTHING).asked,
            given_at=held.get(user.id, _NOTHING).given_at,
        )
        for user in users
        if is_there(services, user)
    ]


class _Held(NamedTuple):
    load: int
    asked: bool
    given_at: datetime | None


_NOTHING = _Held(0, asked=False, given_at=None)


async def _held(session: AsyncSession) -> dict[str, _Held]:
    """What each has in hand: counted by the record, since it is asked at every step of every request."""
    offered = Handoff.status == "offered"
    holder = case((offered, Handoff.offered_to), else_=Handoff.advisor_id)
    given_at = func.max(func.coalesce(Handoff.accepted_at, Handoff.requested_at), type_=Handoff.requested_at.type)
    query = select(holder, func.count(), func.max(case((offered, 1), else_=0)), given_at).group_by(holder)
    rows = await session.execute(query.where(Handoff.status.in_(("offered", "accepted")), Handoff.id.not_in(asleep())))
    return {user_id: _Held(load, bool(asked), at) for user_id, load, asked, at in rows.all()}


def overflow_after(services: Services) -> timedelta:
    """How long a request waits for the right skill."""
    return timedelta(minutes=services.service.handoff.overflow_after_minutes)


async def usual_seconds(session: AsyncSession) -> float:
    """How long a conversation with an advisor took lately, in the mean."""
    # One that was put off for a day says nothing of how long a conversation takes.
    straight = Handoff.id.not_in(select(Snooze.handoff_id))
    query = select(Handoff.accepted_at, Handoff.ended_at).where(Handoff.status == "released", straight)
    spans = (await session.execute(query.order_by(Handoff.ended_at.desc()).limit(_LAST_SERVICES))).all()
    lasted = [(ended - accepted).total_seconds() for accepted, ended in spans if ended and accepted]
    return fmean(lasted) if len(lasted) >= _FEWEST_SERVICES else USUAL_SERVICE_SECONDS


async def wait_of(
    services: Services, session: AsyncSession, handoff: Handoff, locale: str, floor: Floor | None = None
) -> Estimate:
    """The place of a request in the queue, and how long it will wait.

    Where nobody is at the desk an outside desk may still answer: it is taken for one person with one conversation.
    """
    seen, usual = floor or await see_floor(services, session), await usual_seconds(session)
    one = as_waiting(services, handoff, locale)
    found = estimate(one, seen.queue, seen.advisors, services.clock(), overflow_after(services), usual)
    return found if found.seconds is not None else Estimate(found.position, found.position * usual)
