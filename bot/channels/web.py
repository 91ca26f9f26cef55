"""The web widget and every other reader of the public API: they pull by ``seq`` and are hinted live."""

from __future__ import annotations

from typing import Any

from bot.channels.protocol import Channel


class WebChannel(Channel):
    """Nothing to push: the message is in SQL, the live connection says so."""

    name = "web"
    pushes = False
    confidential = True

    async def deliver(self, conversation_id: str, message: dict[str, Any]) -> None:
        """Delivered by being stored."""
