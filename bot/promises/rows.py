"""Promises as the desk lists them, read without a query for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.models import Conversation, Handoff
from bot.db.people import Customer, Promise, User
from bot.db.promises import CallAttempt
from bot.handoff.slip import questions_revised
from bot.identity.links import is_with
from bot.promises.rules import KINDS, UNKEPT, state_of
from bot.services import Services

Json = dict[str, Any]
_MOST = 500


async def read_rows(
    services: Services, session: AsyncSession, wanted: Iterable[ColumnElement[bool]], *, newest: bool = False
) -> list[Json]:
    """Rows of ``GET /desk/promises``, what is due first on top; ``newest`` turns that round."""
    maker, keeper, advisor = aliased(User), aliased(User), aliased(User)
    order = (Promise.due_at.desc(), Promise.id) if newest else (Promise.due_at, Promise.id)
    query = (
        select(Promise, Conversation, Customer, Handoff, maker, keeper, advisor)
        .join(Conversation, Conversation.id == Promise.conversation_id)
        .join(Customer, is_with(Customer.id))
        .join(Handoff, Handoff.id == Promise.handoff_id, isouter=True)
        .join(maker, maker.id == Promise.made_by, isouter=True)
        .join(keeper, keeper.id == Promise.kept_by, isouter=True)
        .join(advisor, advisor.id == Handoff.advisor_id, isouter=True)
        .where(Promise.kind.in_(KINDS), *wanted)
        .order_by(*order)
        .limit(_MOST)
    )
    rows = (await session.execute(query)).all()
    attempts = await _attempts(session, [row[0].id for row in rows])
    # What the customer struck out or said anew on the slip is seen so in every list.
    revised = await questions_revised(session, {row[0].handoff_id for row in rows if row[0].handoff_id})
    return [_row(services.clock(), tuple(row), attempts[row[0].id], revised) for row in rows]


async def _attempts(session: AsyncSession, promises: list[str]) -> dict[str, list[Json]]:
    query = (
        select(CallAttempt, User.name)
        .join(User, User.id == CallAttempt.user_id)
        .where(CallAttempt.promise_id.in_(promises))
        .order_by(CallAttempt.at, CallAttempt.id)
    )
    found: dict[str, list[Json]] = defaultdict(list)
    for attempt, name in (await session.execute(query)).all() if promises else ():
        shown = {"outcome": attempt.outcome, "note": attempt.note, "at": attempt.at.isoformat(), "by": name}
        found[attempt.promise_id].append(shown)
    return found


def _row(now: datetime, row: tuple[Any, ...], attempts: list[Json], revised: dict[str, str]) -> Json:
    promise, conversation, customer, handoff, maker, keeper, advisor = row
    asked = handoff.context.get("why", {}).get("question") if handoff is not None else None
    return brief(promise) | {
        "state": state_of(promise.status, promise.warn_at, promise.due_at, now),
        "conversation_id": conversation.id,
        "customer_name": customer.display_name,
        "locale": conversation.locale,
        "channel": conversation.channel,
        "topic": (handoff.topic if handoff is not None else None) or conversation.topic,
        "reason": handoff.reason if handoff is not None else None,
        "question": revised.get(handoff.id, asked) if handoff is not None else None,
        "handoff_status": handoff.status if handoff is not None else None,
        "advisor": _person(advisor),
        "made_by": _person(maker),
        "kept_by": _person(keeper),
        "attempts": attempts,
    }


def brief(promise: Promise) -> Json:
    """What the card shows of a promise, whenever it is read."""
    return {
        "promise_id": promise.id,
        "handoff_id": promise.handoff_id,
        "kind": promise.kind,
        "text": promise.text,
        "due_at": promise.due_at.isoformat(),
        "warn_at": _iso(promise.warn_at),
        "status": promise.status,
        "created_at": promise.created_at.isoformat(),
        "contact": promise.contact,
        "next_try_at": _iso(promise.next_try_at),
        "alerted_at": _iso(promise.alerted_at),
        "told_at": _iso(promise.told_at),
        "missed_at": _iso(promise.missed_at),
        "kept_at": _iso(promise.kept_at) if promise.status == "kept" else None,
    }


def _person(user: User | None) -> Json | None:
    return {"id": user.id, "name": user.name} if user is not None else None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def unkept() -> ColumnElement[bool]:
    """What is still to be kept, missed or not."""
    return Promise.status.in_(UNKEPT)
