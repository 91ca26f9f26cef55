"""The customer card of a handoff: who is asking, for the advisor."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation
from actions.back_office import BackOffice, BackOfficeError, NoSuchOrderError, NotVerifiedError
from actions.base import RelaisAction


class CustomerCard(RelaisAction):
    """Called by bot, not by a rule: `responses[0].custom` is `{"customer": {…} | null}`."""

    NAME = "action_customer_card"

    def __init__(self, office: BackOffice) -> None:
        self._office = office

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Null for anybody who is not verified; `error` tells an unreachable back office from a stranger."""
        dispatcher.utter_message(json_message=await self._card(tracker))
        return []

    async def _card(self, tracker: Tracker) -> dict[str, Any]:
        try:
            customer = self._office.customer(conversation.identity_token(tracker), tracker.sender_id)
            profile = await customer.profile()
            orders = await customer.orders()
        except (NotVerifiedError, NoSuchOrderError):
            return {"customer": None}
        except BackOfficeError:
            return {"customer": None, "error": "back_office_unavailable"}
        listed = [order.model_dump(mode="json", exclude={"customer_id"}) for order in orders]
        return {"customer": {**profile.model_dump(mode="json"), "orders": listed}}
