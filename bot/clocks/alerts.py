"""What a supervisor should look at: promises and clocks that are nearly missed, or missed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import OPEN, Conversation, Handoff
from bot.db.people import Customer, Promise, User
from bot.db.promises import ClockRecord
from bot.identity.links import is_with
from bot.promises.rows import read_rows, unkept
from bot.services import Services

Json = dict[str, Any]
_MOST = 500


async def list_alerts(services: Services) -> list[Json]:
    """Rows of ``GET /desk/alerts``, what is (or was) due first on top."""
    now = services.clock()
    async with services.db.read() as session:
        promised = await read_rows(services, session, [unkept(), Promise.alerted_at.is_not(None)])
        found = [_of_promise(row, now) for row in promised] + await _of_clocks(session, now)
    return sorted(found, key=lambda alert: (alert["due_at"], alert["alert_id"]))


def _of_promise(row: Json, now: datetime) -> Json:
    due_at = datetime.fromisoformat(row["due_at"])
    return {
        "alert_id": f"promise:{row['promise_id']}",
        "kind": "promise",
        "what": row["kind"],
        "state": "late" if now >= due_at or row["status"] == "missed" else "warning",
        "due_at": row["due_at"],
        "seconds_left": int((due_at - now).total_seconds()),
        "since": row["alerted_at"],
        "promise_id": row["promise_id"],
        "handoff_id": row["handoff_id"],
        "handoff_status": row["handoff_status"],
        "conversation_id": row["conversation_id"],
        "customer_name": row["customer_name"],
        "topic": row["topic"],
        "text": row["text"],
        "advisor": row["made_by"] or row["advisor"],
    }


async def _of_clocks(session: AsyncSession, now: datetime) -> list[Json]:
    query = (
        select(ClockRecord, Handoff, Customer.display_name, User)
        .join(Handoff, Handoff.id == ClockRecord.handoff_id)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .join(Customer, is_with(Customer.id))
        .join(User, User.id == Handoff.advisor_id, isouter=True)
        .where(ClockRecord.ended_at.is_(None), Handoff.status.in_(OPEN))
        .order_by(ClockRecord.due_at, ClockRecord.id)
        .limit(_MOST)
    )
    rows = (await session.execute(query)).all()
    # The first answer to who asked for a call is that call, which is a promise and stands in the list as one.
    return [
        _of_clock(record, handoff, name, advisor, now)
        for record, handoff, name, advisor in rows
        if record.clock != "first_response" or handoff.contact["mode"] == "chat"
    ]


def _of_clock(record: ClockRecord, handoff: Handoff, name: str | None, advisor: User | None, now: datetime) -> Json:
    return {
        "alert_id": f"clock:{record.id}",
        "kind": "clock",
        "what": record.clock,
        "state": "late" if now >= record.due_at else "warning",
        "due_at": record.due_at.isoformat(),
        "seconds_left": int((record.due_at - now).total_seconds()),
        "since": record.warned_at.isoformat(),
        "promise_id": None,
        "handoff_id": handoff.id,
        "handoff_status": handoff.status,
        "conversation_id": handoff.conversation_id,
        "customer_name": name,
        "topic": handoff.topic,
        "text": None,
        "advisor": {"id": advisor.id, "name": advisor.name} if advisor is not None else None,
    }
