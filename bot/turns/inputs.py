"""Which field fits what a task asks for: a page that has proper ones shows it beneath the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.conversations.messages import Draft

# By the task's step (actions/tasks). An address and a code are told by the question itself: see ``Draft.private``.
_BY_STEP = {"order": "order_number", "at": "moment", "photos": "picture"}


def with_input(drafts: Sequence[Draft], slots: Mapping[str, Any]) -> list[Draft]:
    """The drafts of a turn; the last one, if it is a task's open question, says which field it wants."""
    kind = _BY_STEP.get(str(slots.get("task_step"))) if slots.get("requested_slot") else None
    last = drafts[-1] if drafts else None
    if kind is None or last is None or last.author != "bot" or (last.choices and kind != "picture"):
        return list(drafts)
    return [*drafts[:-1], replace(last, data=last.data | {"input": kind})]
