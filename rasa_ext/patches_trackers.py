"""Replacements for what trackers and events do slowly; see patches.py."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from copy import copy as copied
from typing import Any

from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

SETTLES_FOLLOW_UP = (ActionExecuted, UserUttered, FollowupAction)
DECIDES_FOLLOW_UP = (*SETTLES_FOLLOW_UP, Restarted, SessionStarted, ActionReverted, UserUtteranceReverted)
# ActiveLoop is not among them: with it, the actions before that bear its name are seen in another light.
ADDING = {
    ActionExecuted, ActionExecutionRejected, BotUttered, DefinePrevUserUtteredFeaturization, FollowupAction,
    LoopInterrupted, SlotSet, UserUttered,
}  # fmt: skip


def resolve_by_type(original: Callable[..., Any]) -> Any:
    """The class of an event by its name, kept once found: the original looks through all classes for each event."""
    found: dict[str, type[Event]] = {}

    def resolve(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
        if type_name in found:
            return found[type_name]
        kind: type[Event] | None = original(type_name, default)
        if kind is not None and kind.type_name == type_name:
            found[type_name] = kind
        return kind

    return staticmethod(resolve)


def copy(original: Callable[..., Any]) -> Callable[..., DialogueStateTracker]:
    """A tracker's state is copied; the original does all its events again."""

    def copy_tracker(self: DialogueStateTracker) -> DialogueStateTracker:
        last = next((event for event in reversed(self.events) if isinstance(event, DECIDES_FOLLOW_UP)), None)
        # A reset begins a follow-up of its own: rare, so the original may look.
        if not isinstance(last, SETTLES_FOLLOW_UP) or type(self) is not DialogueStateTracker or self.events.maxlen:
            whole: DialogueStateTracker = original(self)
            return whole
        twin = self.init_copy()
        twin.events = copied(self.events)
        twin.slots = {name: copied(slot) for name, slot in self.slots.items()}
        for name in ("_paused", "latest_action", "latest_message", "latest_bot_utterance"):
            setattr(twin, name, getattr(self, name))
        twin.active_loop = copied(self.active_loop)
        # The one thing that prediction changes without an event, which events would bring back.
        twin.followup_action = last.action_name if isinstance(last, FollowupAction) else None
        return twin

    return copy_tracker


def applied_events(original: Callable[..., Any]) -> Callable[..., list[Event]]:
    """The list is asked for a dozen times between two events, and most events only add to it."""

    def applied_events(self: DialogueStateTracker) -> list[Event]:
        if self.events.maxlen:
            return list(original(self))
        seen, last, found, loops = self.__dict__.get("relais_applied", (0, None, [], set()))
        new = list(itertools.islice(self.events, seen, None))
        if (seen and (seen > len(self.events) or self.events[seen - 1] is not last)) or not _only_add(new, loops):
            found = original(self)
            loops = {event.name for event in self.events if isinstance(event, ActiveLoop)}
        else:
            found += new
        self.__dict__["relais_applied"] = (len(self.events), self.events[-1] if self.events else None, found, loops)
        return list(found)

    return applied_events


def _only_add(events: list[Event], loops: set[str]) -> bool:
    """Whether none of `events` changes what became of those before: reversals and the actions of known loops do."""
    for event in events:
        if type(event) not in ADDING or (isinstance(event, ActionExecuted) and event.action_name in loops):
            return False
    return True
