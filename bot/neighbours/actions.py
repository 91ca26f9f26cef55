"""Client of the action server, for the one thing that bot asks it directly: the customer's card."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.errors import NeighbourError
from bot.neighbours.http import call

Json = dict[str, Any]


class ActionsClient:
    """Asks by rasa-sdk's own webhook; personal data is read in ``actions/``, and there alone."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def customer_card(self, conversation_id: str, identity_token: str) -> Json | None:
        """``{customer_id, name, segment, customer_since, orders}``; ``None`` when there is none to be had."""
        message = {"text": "", "metadata": {"identity_token": identity_token}, "intent": {}, "entities": []}
        tracker: Json = {
            "sender_id": conversation_id,
            "slots": {},
            "latest_message": message,
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": None,
        }
        body = {"next_action": "action_customer_card", "sender_id": conversation_id, "tracker": tracker, "domain": {}}
        try:
            answer = await call(self._session, "POST", f"{self._url}/webhook", body=body, within=4.0)
            card = answer["responses"][0]["custom"]["customer"]
        except (NeighbourError, KeyError, IndexError, TypeError):
            return None
        return card if isinstance(card, dict) else None

    async def health(self) -> None:
        """Raises ``NeighbourError`` when it is not there."""
        await call(self._session, "GET", f"{self._url}/health", within=2.0)
