"""Telling live readers what has just been committed."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversations.messages import public
from bot.db.models import Conversation, Message
from bot.live import DESK, OUTBOX
from bot.services import Services


def told(services: Services, conversation: Conversation, messages: Sequence[Message]) -> None:
    """Hints the customer's page to read on, and shows the messages at the desk once a human is asked for."""
    services.live.publish(conversation.id, {"type": "moved"})
    channel = services.channels.get(conversation.channel)
    if channel is not None and channel.pushes:
        services.live.hint(OUTBOX)
    if conversation.owner == "bot":
        return
    for message in messages:
        event = {"type": "message", "conversation_id": conversation.id, "message": public(message)}
        services.live.publish(DESK, event)


def state_changed(services: Services, conversation: Conversation) -> None:
    """The owner or the handoff changed: the customer's page looks again, and every desk is shown the row."""
    services.live.publish(conversation.id, {"type": "state"})
    row_changed(services, conversation.id)


def row_changed(services: Services, conversation_id: str) -> None:
    """What the desk's list shows of a conversation is not what it was."""
    for kind in ("handoffs", "state"):
        services.live.publish(DESK, {"type": kind, "conversation_id": conversation_id})


def typing(services: Services, conversation_id: str, author: str, on: bool) -> None:
    """Somebody writes, or stopped."""
    event = {"type": "typing", "conversation_id": conversation_id, "author": author, "on": on}
    services.live.publish(conversation_id, event)
    if author != "bot":
        services.live.publish(DESK, event)


def judged(services: Services, conversation: Conversation, message_id: str, helpful: bool) -> None:
    """The customer said whether an answer helped: whoever has the conversation sees it."""
    if conversation.owner != "bot":
        event = {"type": "feedback", "conversation_id": conversation.id, "message_id": message_id, "helpful": helpful}
        services.live.publish(DESK, event)


def context_changed(services: Services, handoff_id: str) -> None:
    """What the card shows changed by itself: who has it open reads it again."""
    services.live.publish(DESK, {"type": "context", "handoff_id": handoff_id})
