"""Annoyance heard in the middle of a task: the task goes on, and a human is one press away."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.events import EventType

from actions.tasks.context import Context

RESPONSE = "utter_human_if_annoyed"
# Said at each message it would only annoy more.
NOT_AGAIN_FOR = 4
NEVER_ANNOYED = ("greet", "thank", "goodbye", "affirm")


def after(ctx: Context, events: Sequence[EventType]) -> None:
    """Beneath what the task said. No events: the task said nothing, who answers the message sees to it.

    It is no question, so that a yes stays the answer to the task's own.
    """
    offered = any(event.get("name") == "human_offered" and event.get("value") for event in events)
    if not events or offered or ctx.question_put or ctx.intent in NEVER_ANNOYED:
        return
    if ctx.tools.company.sounds_annoyed(ctx.text) and not _said_lately(ctx):
        ctx.say(RESPONSE)


def _said_lately(ctx: Context) -> bool:
    messages = 0
    for event in reversed(ctx.tracker.events):
        messages += event.get("event") == "user"
        if messages > NOT_AGAIN_FOR:
            return False
        if event.get("event") == "bot" and (event.get("metadata") or {}).get("utter_action") == RESPONSE:
            return True
    return False
