"""What a channel is to the rest of bot. ``docs/add-a-channel.md`` is the checklist for a new one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from aiohttp import web
from pydantic_settings import BaseSettings

if TYPE_CHECKING:
    from bot.channels.door import Door

Json = dict[str, Any]


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
    address that it came from, where the customer's own is known. ``edits`` is the id of our message that this one
    corrects, on a channel where what was sent can be changed.
    """

    client_message_id: str
    text: str | None = None
    choice: str | None = None
    upload: Upload | None = None
    page: Json | None = None
    address: str | None = None
    edits: str | None = None


@dataclass(frozen=True)
class Sender:
    """Who wrote, as the channel itself knows them.

    ``account`` tells people apart (a Telegram user's id, an e-mail address) and never changes. ``address`` is what the
    channel needs to write back, and nobody else reads: a chat's id, the ids of a thread of mails. ``locale`` as the
    channel gives it (``fr``, ``fr-FR``), if it does.
    """

    account: str
    address: Json = field(default_factory=dict)
    locale: str | None = None


class Channel(ABC):
    """A way in which customers reach us. One that ``pushes`` gets each reply through the outbox; the others read by
    ``seq``.

    On one that is not ``confidential`` (others keep its history) nothing personal is shown or asked: a link leads to a
    private page instead. One that ``greets`` says so when an account writes for the first time.

    Everything but ``name`` and ``deliver`` has a default that does nothing.
    """

    name: ClassVar[str]
    pushes: bool = True
    confidential: bool = False
    greets: bool = True
    # Whether ``deep_link`` gives an address: it is offered to customers of the website chat then.
    opens_by_link: bool = False
    # Read from the environment by ``configured``; ``.env.example`` lists it.
    settings_class: ClassVar[type[BaseSettings] | None] = None
    # The way in to the conversations, from ``running`` on.
    door: Door

    @classmethod
    def configured(cls) -> Self | None:
        """The channel as the environment wants it; nothing when it is not set up.

        Raises ``pydantic.ValidationError`` for settings that can't be: the start is stopped with a sentence.
        """
        return cls()

    def routes(self) -> Iterable[web.RouteDef]:
        """Its own addresses, such as a webhook, best under ``/channels/<name>``. It checks itself who calls."""
        return ()

    async def deep_link(self, token: str) -> str | None:  # noqa: ARG002  those that have addresses need it
        """The address that opens this channel and brings ``token`` to it, to be given to ``door.link``.

        Nothing where there is no such address: the customer types the token.
        """
        return None

    @asynccontextmanager
    async def running(self, door: Door) -> AsyncIterator[None]:
        """While the block lasts the channel is alive: its connections are open, its polling runs."""
        self.door = door
        yield

    @abstractmethod
    async def deliver(self, conversation_id: str, message: Json) -> None:
        """Hands one message over, as the API shows it (``public``). Where to: ``door.thread(conversation_id)``.

        Called in order for each conversation; the next message waits for this one. The same message may come twice,
        after a crash between handing over and noting it: its ``id`` tells. Raises ``NeighbourError``: ``permanent``
        ends it and is told to the advisor, ``retry_after`` (seconds) overrides the back-off.
        """


Channels = dict[str, Channel]
