"""What is done with one thread of a case is done with those of its other channels that the same advisor has."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import WAITING, Handoff
from bot.db.people import User
from bot.errors import Refusal
from bot.handoff import assign as assigning
from bot.handoff import closing, desk, transfer
from bot.handoff.cases import waiting_in
from bot.services import Services

Json = dict[str, Any]


async def release(
    services: Services, handoff_id: str, advisor: User, outcome: str, said: closing.Closing | None = None
) -> Json:
    """As ``desk.release``: the note stays in the thread where it was written, and a call is promised once."""
    others = await _beside(services, handoff_id, "accepted", advisor.id)
    answer = await desk.release(services, handoff_id, advisor, outcome, said)
    there = "unresolved" if outcome == "callback" else outcome
    for other in others:
        with suppress(Refusal):  # it went on meanwhile
            await desk.release(services, other, advisor, there, replace(said, note="") if said else None)
    return answer


async def reopen(services: Services, handoff_id: str, advisor: User) -> Json:
    """As ``closing.reopen``: what was released with it comes back with it, unless it has gone on since."""
    others = await _beside(services, handoff_id, "released", advisor.id)
    answer = await closing.reopen(services, handoff_id, advisor)
    for other in others:
        with suppress(Refusal):
            await closing.reopen(services, other, advisor)
    return answer


async def decline(services: Services, handoff_id: str, advisor: User) -> Json:
    """As ``desk.decline``."""
    others = await _beside(services, handoff_id, "offered", advisor.id)
    answer = await desk.decline(services, handoff_id, advisor)
    for other in others:
        with suppress(Refusal):
            await desk.decline(services, other, advisor)
    return answer


async def transfer_all(services: Services, handoff_id: str, actor: User, wish: transfer.Passing) -> Json:
    """As ``transfer.transfer``; the note is written once."""
    others = await _beside(services, handoff_id, "accepted")
    answer = await transfer.transfer(services, handoff_id, actor, wish)
    for other in others:
        with suppress(Refusal):
            await transfer.transfer(services, other, actor, replace(wish, note=None))
    return answer


async def assign(services: Services, handoff_id: str, supervisor: User, wish: transfer.Passing) -> Json:
    """As ``assign.assign``; the note is written once."""
    others = await _beside(services, handoff_id, "accepted") or await _waiting_with(services, handoff_id)
    answer = await assigning.assign(services, handoff_id, supervisor, wish)
    for other in others:
        with suppress(Refusal):
            await assigning.assign(services, other, supervisor, replace(wish, note=None))
    return answer


async def _beside(services: Services, handoff_id: str, status: str, user_id: str | None = None) -> Sequence[str]:
    """The others of its case that are ``status`` with this user, or with whoever has it."""
    async with services.db.read() as session:
        handoff = await session.get(Handoff, handoff_id)
        if handoff is None or handoff.case_id is None:
            return []
        return await _others(session, handoff, status, user_id or handoff.advisor_id)


async def _waiting_with(services: Services, handoff_id: str) -> Sequence[str]:
    """The others of the case of a request that waits."""
    async with services.db.read() as session:
        handoff = await session.get(Handoff, handoff_id)
        if handoff is None or handoff.case_id is None or handoff.status not in WAITING:
            return []
        return [each for each in await waiting_in(session, handoff.case_id) if each != handoff_id]


async def _others(session: AsyncSession, handoff: Handoff, status: str, user_id: str | None) -> Sequence[str]:
    with_them = (Handoff.offered_to if status == "offered" else Handoff.advisor_id) == user_id
    same = (Handoff.case_id == handoff.case_id) & (Handoff.id != handoff.id) & (Handoff.status == status) & with_them
    query = select(Handoff.id).where(same).order_by(Handoff.requested_at, Handoff.id)
    return (await session.execute(query)).scalars().all()
