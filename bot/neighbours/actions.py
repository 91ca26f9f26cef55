"""Client of the action server, for what bot asks it directly: a customer's card, and whose an e-mail address is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.errors import NeighbourError
from bot.neighbours.http import call

Json = dict[str, Any]
_WITHIN = 4.0
_LONGEST_REFERENCE = 120


@dataclass(frozen=True)
class Asking:
    """A question on behalf of the desk: what is ``asked``, bot's signature over it, and the customer's own proof."""

    conversation_id: str
    locale: str
    asked: Json
    desk_token: str
    identity_token: str
    # Hours and days off that a page changed.
    company: Json = field(default_factory=dict)

    def message(self) -> Json:
        """As rasa-sdk has the customer's last message."""
        metadata = {"asked": self.asked, "desk_token": self.desk_token, "identity_token": self.identity_token}
        metadata |= {"company": self.company} if self.company else {}
        said: Json = {"text": "", "intent": {}, "entities": [], "metadata": metadata}
        return said | {"message_id": self.asked.get("prepared_id")}


class ActionsClient:
    """Asks by rasa-sdk's own webhook; personal data is read in ``actions/``, and there alone."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def customer_card(self, conversation_id: str, identity_token: str) -> Json | None:
        """``{customer_id, name, segment, customer_since, orders}``; ``None`` for who the back office does not know.

        Raises ``NeighbourError`` when that can't be told now.
        """
        answer = await self._ask("action_customer_card", conversation_id, identity_token)
        card = answer.get("customer", "nonsense")
        if "error" in answer or not (card is None or isinstance(card, dict)):
            raise NeighbourError("card_failed", str(answer.get("error", "nonsense"))[:100])
        return card

    async def lookup_customer(self, conversation_id: str, lookup_token: str) -> str | None:
        """The host's reference of the customer with the token's e-mail address; ``None`` when nobody has it.

        Raises ``NeighbourError`` when that can't be told now.
        """
        answer = await self._ask("action_lookup_customer", conversation_id, lookup_token)
        found = answer.get("customer", "nonsense")
        if "error" in answer or not (found is None or isinstance(found, dict)):
            raise NeighbourError("lookup_failed", str(answer.get("error", "nonsense"))[:100])
        reference = found.get("customer_id") if found else None
        return reference if isinstance(reference, str) and 0 < len(reference) <= _LONGEST_REFERENCE else None

    async def for_the_desk(self, action: str, asking: Asking, *, within: float = _WITHIN) -> Json:
        """What a form of the desk needs of a task, or that it be done: see ``actions/prepared/asked.py``.

        Raises ``NeighbourError``, permanent where the question was refused.
        """
        answer = await self._call(action, asking.conversation_id, asking.message(), {"locale": asking.locale}, within)
        if "error" in answer:
            raise NeighbourError(str(answer["error"])[:100], action, permanent=True)
        return answer

    async def _ask(self, action: str, conversation_id: str, token: str) -> Json:
        message = {"text": "", "metadata": {"identity_token": token}, "intent": {}, "entities": []}
        return await self._call(action, conversation_id, message, {}, _WITHIN)

    async def _call(self, action: str, conversation_id: str, message: Json, slots: Json, within: float) -> Json:
        tracker: Json = {
            "sender_id": conversation_id,
            "slots": slots,
            "latest_message": message,
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": None,
        }
        body = {"next_action": action, "sender_id": conversation_id, "tracker": tracker, "domain": {}}
        answer = await call(self._session, "POST", f"{self._url}/webhook", body=body, within=within)
        try:
            custom = answer["responses"][0]["custom"]
        except (KeyError, IndexError, TypeError) as error:
            raise NeighbourError("nonsense", f"{action}: no custom response") from error
        if not isinstance(custom, dict):
            raise NeighbourError("nonsense", f"{action}: no custom response")
        return custom

    async def health(self) -> None:
        """Raises ``NeighbourError`` when it is not there."""
        await call(self._session, "GET", f"{self._url}/health", within=2.0)
