"""What an action reads off the tracker, by name."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from service import Service
from service.overrides import with_sections

# Each is forgotten when a task ends, a human takes over, or an advisor has spoken (rasa_ext/turn.py).
TASK_SLOTS = ("task", "task_values", "task_step", "task_tries", "task_answered", "next_task")
OWN_WORDS_FROM = (
    10  # "bonjour je voudrais parler à un conseiller s’il vous plaît" has nine words; longer than that says more
)


def text(tracker: Tracker) -> str:
    """What the customer wrote last."""
    return str(tracker.latest_message.get("text") or "")


def typed_text(tracker: Tracker) -> str:
    """What the customer wrote last; empty for a button."""
    said = text(tracker)
    return "" if said.startswith("/") else said


def intent(tracker: Tracker) -> str | None:
    """What Rasa took it for."""
    name = (tracker.latest_message.get("intent") or {}).get("name")
    return str(name) if name else None


def confidence(tracker: Tracker, name: str) -> float:
    """How much Rasa believed in the intent `name`, 0 when it is not among the first."""
    ranking = tracker.latest_message.get("intent_ranking") or []
    return next((float(entry["confidence"]) for entry in ranking if entry.get("name") == name), 0.0)


def locale(tracker: Tracker) -> str:
    """Language of the conversation; French where nothing was said."""
    return str(tracker.get_slot("locale") or "fr")


def message_id(tracker: Tracker) -> str:
    """Id of the customer's message: the idempotency key of all that it causes."""
    return str(tracker.latest_message.get("message_id") or "")


def identity_token(tracker: Tracker) -> str | None:
    """What bot signed about the customer; only the back-office client can tell what it is worth."""
    token = (tracker.latest_message.get("metadata") or {}).get("identity_token")
    return str(token) if token else None


def company_now(tracker: Tracker, company: Service) -> Service:
    """The company's rules with what came along with the message because a page changed it; as in the file otherwise."""
    changed = (tracker.latest_message.get("metadata") or {}).get("company")
    return with_sections(company, changed)[0] if isinstance(changed, dict) else company


def entity(tracker: Tracker, name: str) -> str | None:
    """First value of the entity in the last message."""
    value: Any = next(tracker.get_latest_entity_values(name), None)
    return str(value) if value else None


def in_form(tracker: Tracker) -> bool:
    """Whether a task is under way."""
    return bool((tracker.active_loop or {}).get("name"))


def last_words_with(tracker: Tracker, intents: tuple[str, ...]) -> str | None:
    """The customer's last free text that was taken for one of `intents`."""
    for event in reversed(tracker.events):
        said = (event.get("parse_data") or {}).get("intent") or {}
        if event.get("event") == "user" and said.get("name") in intents and not str(event.get("text")).startswith("/"):
            return str(event["text"])
    return None
