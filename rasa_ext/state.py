"""What a tracker boils down to: the state that is kept outside Rasa, and the replies of a turn."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    REQUESTED_SLOT,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    Event,
    LoopInterrupted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

State = dict[str, Any]
Reply = dict[str, Any]

VERSION = 1
KEEP_TURNS = 6  # turns kept whole in the tracker; older ones are summed up, so that a long chat stays quick
COMPACT_AT = 12
KEEP_IDS = 60
PROCESSED = "processed"
SUMMARY = "summary"  # how many events at the beginning were not said or done, but stand for what was
KEPT_PARSE_KEYS = ("intent", "entities", "text", "message_id", "metadata", "intent_ranking")


class BadStateError(ValueError):
    """A state that this version cannot read."""


def snapshot(tracker: DialogueStateTracker, domain: Domain) -> State:
    """JSON from which `rebuild` makes a tracker that goes on as this one would; the last turn is kept whole."""
    return state_of(list(compact(tracker, domain, keep_turns=1).events))


def state_of(events: list[Event]) -> State:
    """The same from the summary of what was before the last turn, and the turn's events."""
    return {"v": VERSION, "events": [event.as_dict() for event in events]}


def rebuild(conversation_id: str, state: Any, domain: Domain) -> DialogueStateTracker:
    """The tracker that `snapshot` described. Raises BadStateError."""
    if not isinstance(state, dict) or state.get("v") != VERSION or not isinstance(state.get("events"), list):
        raise BadStateError("the state to restore is not one of ours")
    try:
        return DialogueStateTracker.from_dict(conversation_id, state["events"], domain.slots)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadStateError(f"the state to restore cannot be read ({type(error).__name__})") from error


def compact(tracker: DialogueStateTracker, domain: Domain, keep_turns: int) -> DialogueStateTracker:
    """The same conversation with all but its last turns summed up: slots, form, processed message ids."""
    events = list(tracker.events)
    starts = [i for i, event in enumerate(events) if isinstance(event, UserUttered) and event.message_id]
    cut = starts[-keep_turns] if len(starts) > keep_turns else (starts[0] if starts else len(events))
    head = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], domain.slots)
    before = summary(head)
    for event in before if cut < len(events) else []:
        event.timestamp = events[cut].timestamp
    compacted = DialogueStateTracker.from_events(tracker.sender_id, before + events[cut:], domain.slots)
    compacted.assistant_id, compacted.model_id = tracker.assistant_id, tracker.model_id
    return compacted


def opening(processed: list[str] | None = None) -> list[Event]:
    """The events a conversation begins with."""
    metadata = {PROCESSED: processed[-KEEP_IDS:]} if processed else None
    return [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(metadata=metadata),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]


def processed_ids(tracker: DialogueStateTracker) -> list[str]:
    """Ids of the messages this tracker has handled, oldest first."""
    ids: list[str] = []
    for event in tracker.events:
        if event.type_name == SessionStarted.type_name:  # isinstance is slow with these classes
            ids.extend((event.metadata or {}).get(PROCESSED, []))
        elif event.type_name == UserUttered.type_name and event.message_id:
            ids.append(event.message_id)
    return ids


def turn_events(tracker: DialogueStateTracker, message_id: str) -> list[Event]:
    """The message's own event and what followed up to the next message; empty when only its id is left."""
    events = iter(tracker.events)
    mine = next((e for e in events if isinstance(e, UserUttered) and e.message_id == message_id), None)
    if mine is None:
        return []
    return [mine, *itertools.takewhile(lambda e: not (isinstance(e, UserUttered) and e.message_id), events)]


def replies_of(events: list[Event]) -> list[Reply]:
    """What the customer is to see, from the recorded bot utterances, so that a replay is the same to the letter.

    A button whose title came out empty was a template's spare place and is left out.
    """
    replies = []
    for event in events:
        # A line marked with a source was told to us by bot (advisor, queue): the customer has seen it already.
        if not isinstance(event, BotUttered) or (event.metadata or {}).get("source"):
            continue
        custom = event.data.get("custom") or None
        buttons = [button for button in event.data.get("buttons") or [] if button.get("title")]
        # An answer brings its own words; a mark beside a text (confidential) leaves it standing.
        reply = {"text": None if "answer" in (custom or {}) else event.text, "buttons": buttons, "custom": custom}
        replies.append({key: value for key, value in reply.items() if value})
    return [reply for reply in replies if reply]


def scrub(tracker: DialogueStateTracker) -> None:
    """Drop from the messages what must not be stored (the identity token) or is not worth it (token offsets)."""
    for event in tracker.events:
        if isinstance(event, UserUttered):
            kept = {key: event.parse_data[key] for key in KEPT_PARSE_KEYS if key in event.parse_data}
            event.metadata = {k: v for k, v in (event.metadata or {}).items() if k != "identity_token"}
            event.parse_data = {
                **kept,
                "metadata": event.metadata,
                "intent_ranking": kept.get("intent_ranking", [])[:3],
            }


def summary(head: DialogueStateTracker) -> list[Event]:
    """Events that bring an empty tracker to where `head` stands."""
    loop = head.active_loop
    slots = [SlotSet(name, slot.value) for name, slot in head.slots.items() if slot.value != slot.initial_value]
    form: list[Event] = []
    if loop and loop.name:
        form = [ActiveLoop(loop.name), SlotSet(REQUESTED_SLOT, head.get_slot(REQUESTED_SLOT))]
        form += [LoopInterrupted(True)] if loop.is_interrupted else []
    pause = [ConversationPaused()] if head.is_paused() else []
    events = [*opening(processed_ids(head)), *slots, *form, *pause]
    start = next(event for event in events if isinstance(event, SessionStarted))
    start.metadata = {**(start.metadata or {}), SUMMARY: len(events)}
    return events


def own_events(events: list[Event]) -> list[Event]:
    """Without the summary with which a tracker may begin."""
    start = next((event for event in events[:2] if isinstance(event, SessionStarted)), None)
    return events[(start.metadata or {}).get(SUMMARY, 0) :] if start else events


def count_turns(events: Iterable[Event]) -> int:
    """Messages that were handled and are still there whole."""
    return sum(isinstance(event, UserUttered) and bool(event.message_id) for event in events)
