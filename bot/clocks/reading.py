"""The clocks of many handoffs, read with one query however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clocks.clock import CUSTOMER, Facts, Run, runs
from bot.db.models import OPEN, WAITING, Handoff, Message
from bot.handoff.contact import moment_of
from bot.services import Services

Json = dict[str, Any]


class _Answers(NamedTuple):
    """When advisors answered first and last, and since when the customer's next message waits."""

    first: datetime
    last: datetime
    unanswered_since: datetime | None


async def read_runs(services: Services, session: AsyncSession, handoffs: Iterable[Handoff]) -> dict[str, list[Run]]:
    """The clocks of each handoff that is open, by its id."""
    opened = [one for one in handoffs if one.status in OPEN]
    answers = await _read(session, [one.id for one in opened]) if opened else {}
    return {one.id: runs(_facts(one, answers.get(one.id)), services.service) for one in opened}


def _facts(handoff: Handoff, answers: _Answers | None) -> Facts:
    # A call for later is not waited for before its moment.
    asked_at = moment_of(handoff.contact) or handoff.requested_at
    in_queue = handoff.status in WAITING
    if answers is not None:
        return Facts(asked_at, answers.first, answers.last, answers.unanswered_since, in_queue)
    # Whoever takes a request for a call makes it: that is the answer.
    called_at = handoff.accepted_at if handoff.contact["mode"] != "chat" else None
    return Facts(asked_at, called_at, called_at, None, in_queue)


async def _read(session: AsyncSession, handoffs: list[str]) -> dict[str, _Answers]:
    said_here = and_(
        Message.conversation_id == Handoff.conversation_id,
        Message.author == "advisor",
        Message.internal.is_(False),
        Message.created_at >= Handoff.requested_at,
    )
    answered = (
        select(
            Handoff.id,
            Handoff.conversation_id,
            func.min(Message.created_at).label("first_at"),
            func.max(Message.created_at).label("last_at"),
            func.max(Message.seq).label("last_seq"),
        )
        .join(Message, said_here)
        .where(Handoff.id.in_(handoffs))
        .group_by(Handoff.id, Handoff.conversation_id)
        .subquery()
    )
    later = aliased(Message)
    unanswered = (
        select(func.min(later.created_at))
        .where(later.conversation_id == answered.c.conversation_id, later.author == "customer")
        .where(later.seq > answered.c.last_seq)
        .scalar_subquery()
    )
    query = select(answered.c.id, answered.c.first_at, answered.c.last_at, unanswered)
    return {handoff_id: _Answers(first, last, since) for handoff_id, first, last, since in await session.execute(query)}


def shown(found: list[Run], now: datetime) -> Json:
    """``clocks`` of a row: those that run, and the customer's own, which may stand still."""
    running = {run.clock: run for run in found if run.ended_at is None}
    clocks: Json = {name: _shown(run, now) for name, run in running.items()}
    return {CUSTOMER: {"due_at": None, "warn_at": None, "state": "fine"}} | clocks


def _shown(run: Run, now: datetime) -> Json:
    return {"due_at": run.due_at.isoformat(), "warn_at": run.warn_at.isoformat(), "state": run.state(now)}
