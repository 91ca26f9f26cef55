"""The tasks tried in a conversation, by the assistant and by an advisor, in the order in which they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import Turn
from bot.db.people import User
from bot.db.prepared import PreparedTask

Json = dict[str, Any]
_OUTCOMES = {
    "offered": "started",
    "confirmed": "started",
    "done": "done",
    "refused": "failed",
    "failed": "failed",
    "declined": "cancelled",
    "withdrawn": "cancelled",
    "expired": "cancelled",
}
_LONGEST_LIST = 50
_REFUSED = "refused: "  # what the detail of a task begins with that a rule is against, after the order's number


@dataclass(frozen=True)
class Prepared:
    """One that the customer was shown, and the name of who prepared it."""

    row: PreparedTask
    by: str


async def read_prepared(session: AsyncSession, conversation_id: str) -> list[Prepared]:
    """Every one that the customer was shown."""
    query = (
        select(PreparedTask, User.name)
        .join(User, User.id == PreparedTask.prepared_by)
        .where(PreparedTask.conversation_id == conversation_id, PreparedTask.offered_at.is_not(None))
    )
    rows = (await session.execute(query.order_by(PreparedTask.created_at))).all()
    return [Prepared(row, name) for row, name in rows]


def tasks_tried(turns: Sequence[Turn], prepared: Sequence[Prepared]) -> list[Json]:
    """``{name, step, outcome, detail, prepared_by?, values}``: `values`, for who takes it up, is what was known."""
    records = [(place, task) for place, turn in enumerate(turns) for task in turn.tasks]
    found = [
        (turns[place].created_at, place, _as_left(turns, place, task))
        for number, (place, task) in enumerate(records)
        if not _went_on(task, [later for _, later in records[number + 1 :]])
    ]
    found += [(each.row.offered_at or each.row.created_at, len(turns), _prepared(each)) for each in prepared]
    return [task for _, _, task in sorted(found, key=lambda each: each[:2])][-_LONGEST_LIST:]


def _went_on(task: Json, later: Sequence[Json]) -> bool:
    """Whether it is a beginning whose end is recorded too: one request is one line."""
    following = next((each for each in later if each["name"] == task["name"]), None)
    return task["outcome"] == "started" and following is not None and following["outcome"] != "started"


def _as_left(turns: Sequence[Turn], place: int, task: Json) -> Json:
    """One that began and is in no record since was left in its middle: with the step and what was known there."""
    left = task | {"values": task.get("values") or _before(turns[: place + 1], task)}
    if task["outcome"] != "started":
        return left
    for turn in turns[place + 1 :]:
        if not turn.slots:  # not answered, or not yet
            continue
        if turn.slots.get("task") != task["name"] or any(each["name"] == task["name"] for each in turn.tasks):
            break
        known = turn.slots.get("task_values")
        left |= {"values": known} if isinstance(known, dict) else {}
        left |= {"step": turn.slots.get("task_step") or left["step"]}
    return left


def _before(turns: Sequence[Turn], task: Json) -> Json:
    """What the task last knew, from the slots of the turns up to this one."""
    slots = (turn.slots for turn in reversed(turns))
    known = next((each.get("task_values") for each in slots if each.get("task") == task["name"]), None)
    return known if isinstance(known, dict) else {}


def _prepared(prepared: Prepared) -> Json:
    row = prepared.row
    detail = str(row.outcome.get("detail") or "")
    return {
        "name": row.task,
        "step": row.outcome.get("step") or ("perform" if row.confirmed_at else "confirm"),
        "outcome": _OUTCOMES.get(row.status, "started"),
        "detail": f"{_REFUSED}{detail}" if detail and row.status == "refused" else detail,
        "prepared_by": prepared.by,
        "values": row.known,
    }


def outcome_of(task: Json) -> str:
    """How it ended; ``refused`` where a rule of the shop's said no, which is no failure."""
    detail = str(task.get("detail") or "")
    is_refused = detail.startswith(_REFUSED) or f": {_REFUSED}" in detail
    return "refused" if task["outcome"] == "failed" and is_refused else str(task["outcome"])


def for_the_card(tasks: Sequence[Json]) -> list[Json]:
    """Without what was typed: the card, and whoever the handoff is told to, do not need it."""
    return [{key: value for key, value in task.items() if key != "values"} for task in tasks]
