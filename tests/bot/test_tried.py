"""What stands under "tried" on the card: one line for each request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.db.models import Turn
from bot.prepared.tried import tasks_tried


def turn(minute: int, *records: tuple[str, str]) -> Turn:
    tasks: list[Any] = [{"name": name, "step": "x", "outcome": outcome, "detail": ""} for name, outcome in records]
    return Turn(created_at=datetime(2026, 11, 24, 10, minute, tzinfo=UTC), tasks=tasks, slots={})


def test_a_request_that_ended_is_listed_once() -> None:
    turns = [
        turn(0, ("cancel_order", "started")),
        turn(1, ("track_order", "done")),
        turn(2, ("cancel_order", "cancelled")),
        turn(3, ("cancel_order", "started"), ("cancel_order", "failed")),
        turn(4, ("return_item", "started")),
    ]
    told = [f"{task['name']} {task['outcome']}" for task in tasks_tried(turns, [])]
    assert told == ["track_order done", "cancel_order cancelled", "cancel_order failed", "return_item started"]


def test_one_that_was_begun_again_and_left_twice_is_two() -> None:
    turns = [turn(0, ("repair", "started")), turn(1, ("repair", "started"))]
    assert [task["outcome"] for task in tasks_tried(turns, [])] == ["started", "started"]
