"""The same context for a form: the steps read what an advisor filled in as they read a customer's message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from actions import order_number
from actions.tasks.context import CHOICE, Context
from actions.tasks.task import Task


class FormContext(Context):
    """One field at a time is `typed` in words, `picked` from choices, or `sent` as files."""

    def __init__(self, *args: Any, task: Task) -> None:
        super().__init__(*args)
        self.task = task
        self.typed, self.picked, self.sent = "", "", list[str]()

    @contextmanager
    def reading(self, *, typed: str = "", picked: str = "", sent: list[str] | None = None) -> Iterator[None]:
        """What stands in the field while the block lasts."""
        self.typed, self.picked, self.sent = typed, picked, sent or []
        try:
            yield
        finally:
            self.typed, self.picked, self.sent = "", "", []

    @property
    def text(self) -> str:
        """The words of the field."""
        return self.typed

    @property
    def intent(self) -> str:
        """A choice, or words that nobody classified."""
        return CHOICE if self.picked else "nlu_fallback"

    @property
    def value(self) -> str | None:
        """What was chosen."""
        return self.picked or None

    def _numbers(self) -> list[tuple[str, int]]:
        number = order_number.normalised(self.typed)
        return [(number, 0)] if number else []

    @property
    def files(self) -> list[str]:
        """Files of the conversation that go with it."""
        return self.sent

    @property
    def has_files(self) -> bool:
        """The desk can always attach what the customer sent."""
        return True

    def new_messages(self, before: int) -> list[dict[str, Any]]:
        """What was said since `before` messages, taken off again: it belongs to a field, not to the customer."""
        said: list[dict[str, Any]] = self.dispatcher.messages[before:]
        del self.dispatcher.messages[before:]
        return said
