"""What the fake keeps of a conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]


@dataclass
class Talk:
    """One conversation of the fake."""

    id: str
    token: str
    created_with: Json
    subject: str | None = None
    state: Json = field(default_factory=lambda: {"owner": "bot"})
    messages: list[Json] = field(default_factory=list)
    received: list[Json] = field(default_factory=list)
    feedback: list[Json] = field(default_factory=list)
    slip: list[Json] = field(default_factory=list)
    ratings: list[Json] = field(default_factory=list)
    read: int = 0
    consents: dict[str, bool] = field(default_factory=lambda: {"history": True, "telling": False})
    linked: bool = False
    signed_out: bool = False
    files: dict[str, Json] = field(default_factory=dict)
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    typing_heard: list[bool] = field(default_factory=list)
