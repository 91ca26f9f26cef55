"""Where a task stands, as the slots keep it."""

from __future__ import annotations

from dataclasses import dataclass, field

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from actions.conversation import TASK_SLOTS
from actions.tasks.context import Values


@dataclass
class State:
    """A task under way."""

    task: str
    values: Values = field(default_factory=dict)
    step: str | None = None
    # Bad inputs at this step.
    tries: int = 0
    # Steps the customer answered, the last one last: the way back.
    answered: list[str] = field(default_factory=list)
    # What they want done after it.
    next_task: str | None = None

    @classmethod
    def read(cls, tracker: Tracker) -> State | None:
        """None when nothing is under way."""
        name = tracker.get_slot("task")
        if not name or tracker.get_slot("requested_slot") != "task_input":
            return None
        return cls(
            str(name),
            dict(tracker.get_slot("task_values") or {}),
            tracker.get_slot("task_step"),
            int(tracker.get_slot("task_tries") or 0),
            list(tracker.get_slot("task_answered") or []),
            tracker.get_slot("next_task"),
        )

    def events(self) -> list[EventType]:
        """The slots as they are now."""
        now = (self.task, self.values, self.step, self.tries, self.answered, self.next_task)
        return [SlotSet(name, value) for name, value in zip(TASK_SLOTS, now, strict=True)]


def forgotten() -> list[EventType]:
    """The slots once nothing is under way; the form ends."""
    return [*(SlotSet(name, None) for name in TASK_SLOTS), SlotSet("requested_slot", None)]
