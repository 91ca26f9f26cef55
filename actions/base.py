"""The form of our actions: a name, and what they do on reading the tracker."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher


class RelaisAction(Action, ABC):  # type: ignore[misc]
    """An action that needs no domain: words for customers are uttered by the name of a response."""

    NAME: ClassVar[str]

    def name(self) -> str:
        """As the domain lists it."""
        return self.NAME

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002 - the signature is the SDK's
    ) -> list[EventType]:
        """Called by the SDK."""
        return await self.act(dispatcher, tracker)

    @abstractmethod
    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """What the action does; an exception fails the turn, which bot then repeats."""
