"""What a channel is to the rest of bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Upload:
    """A file from a customer, checked: its name, what it is, its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Incoming:
    """One message from a customer, whatever the channel.

    ``client_message_id`` is unique in its conversation: the widget's own id, or Telegram's update id.
    Exactly one of ``text``, ``choice`` (the opaque id of a button) and ``upload`` is set. ``address`` is the network
    address that it came from, where the customer's own is known.
    """

    client_message_id: str
    text: str | None = None
    choice: str | None = None
    upload: Upload | None = None
    page: dict[str, Any] | None = None
    address: str | None = None


class Channel(Protocol):
    """A channel that ``pushes`` gets each reply through the outbox; one that does not is read by ``seq``.

    On one that is not ``confidential`` (others keep its history) nothing personal is shown or asked: a link leads to a
    private page instead.
    """

    name: str
    pushes: bool
    confidential: bool

    async def deliver(self, conversation_id: str, message: dict[str, Any]) -> None:
        """Hands one message over. Raises ``NeighbourError``, whose ``permanent`` says whether to try again."""
