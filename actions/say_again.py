"""What the assistant said last, once more."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import replies
from actions.base import RelaisAction

# Payloads that show something; the others are records, and a record is made once.
SHOWN = ("answer", "ask_private")
# What comes with words: on a public channel a personal reply stays behind its link when it is repeated.
KEPT = (*SHOWN, "confidential", "title")


class SayAgain(RelaisAction):
    """Outside of a task, where the form itself asks its question again."""

    NAME = "action_say_again"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """The replies to the message before this one."""
        said = _last_replies(tracker)
        for event in said:
            data = event.get("data") or {}
            custom = {kind: shown for kind, shown in (data.get("custom") or {}).items() if kind in KEPT}
            buttons = [button for button in data.get("buttons") or [] if button.get("title")]
            dispatcher.utter_message(text=event.get("text"), buttons=buttons or None, json_message=custom or None)
        if not said:
            replies.say(dispatcher, "utter_nothing_to_repeat")
        return []


def _last_replies(tracker: Tracker) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    messages = 0
    for event in reversed(tracker.events):
        messages += event.get("event") == "user"
        if messages > 1:
            break
        shows = event.get("text") or any(kind in ((event.get("data") or {}).get("custom") or {}) for kind in SHOWN)
        if messages == 1 and event.get("event") == "bot" and shows:
            found.insert(0, dict(event))
    return found
