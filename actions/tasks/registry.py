"""All tasks by name; a new one is a class and a line here."""

from __future__ import annotations

from actions.tasks.task import Task
from actions.tasks.tracking import TrackOrder

TASKS: dict[str, Task] = {task.name: task for task in (TrackOrder(),)}
_STARTERS = {intent: task.name for task in TASKS.values() for intent in task.starters}


def started_by(intent: str) -> str | None:
    """The task that an intent asks for."""
    return _STARTERS.get(intent)
