"""What the fake desk holds, and the levers by which a test makes people and the network act."""

from __future__ import annotations

import contextlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.desk import fake_data as data
from tests.desk.fake_context import camille_context, plain_context
from tests.desk.fake_data import Json


class FakeDesk:
    """The state of one desk. ``lose_answers``: that many replies are stored but their answers never arrive."""

    def __init__(self) -> None:
        self.sessions: dict[str, Json] = {}
        self.csrf = secrets.token_hex(8)
        self.handoffs = {item["handoff_id"]: item for item in data.handoffs()}
        self.messages = {item["conversation_id"]: data.short_messages(item["summary"], 5) for item in data.handoffs()}
        self.messages["c-camille"] = data.camille_messages()
        self.messages["c-emma"] = data.emma_messages()
        self.contexts = {key: plain_context(item) for key, item in self.handoffs.items()}
        self.contexts["h-camille"] = camille_context()
        self.sockets: set[web.WebSocketResponse] = set()
        self.typing: list[tuple[str, bool]] = []
        self.posts: list[Json] = []
        self.presences: list[str] = []
        self.down = False
        self.lose_answers = 0
        self.faster: Json | None = None

    async def push(self, frame: Json) -> None:
        """Send one frame to every open page."""
        for socket in list(self.sockets):
            if not socket.closed:
                with contextlib.suppress(ConnectionError):  # of a page that is just being left
                    await socket.send_json(frame)

    async def says(self, conversation_id: str, author: str, text: str, **extra: Any) -> Json:
        """Store a message and push it."""
        number = len(self.messages[conversation_id]) + 1
        made = data.message(number, author, text, 0, **extra)
        made["id"] = f"{conversation_id}-{number}"
        self.messages[conversation_id].append(made)
        await self.push({"type": "message", "conversation_id": conversation_id, "message": made})
        return made

    async def joins(self, item: Json) -> None:
        """Somebody new in the queue."""
        self.handoffs[item["handoff_id"]] = item
        self.messages[item["conversation_id"]] = data.short_messages(item["summary"], 0)
        self.contexts[item["handoff_id"]] = plain_context(item)
        await self.push({"type": "handoffs"})

    async def offers(self, item: Json, user_id: str, seconds: float = 30) -> None:
        """Ask one advisor to take it."""
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        item.update(status="offered", offered_to=user_id, offered_until=until.isoformat())
        await self.push({"type": "handoffs"})

    async def drop(self, down: bool) -> None:
        """Cut every live line; while ``down``, nothing of the API answers."""
        self.down = down
        for socket in list(self.sockets):
            await socket.close()

    def listed(self) -> list[Json]:
        """The open handoffs as the list shows them."""
        now = datetime.now(UTC)
        items = [item for item in self.handoffs.values() if item["status"] in ("requested", "offered", "accepted")]
        return [
            {
                **item,
                "waiting_seconds": int((now - datetime.fromisoformat(item["requested_at"])).total_seconds()),
                "last_seq": len(self.messages[item["conversation_id"]]),
            }
            for item in items
        ]
