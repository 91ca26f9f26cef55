"""Whose account an e-mail address is: for the one-time code that bot sends."""

from __future__ import annotations

from typing import Any

import structlog
from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation
from actions.back_office import BackOffice, BackOfficeError, NotVerifiedError, RefusedError
from actions.base import RelaisAction

log = structlog.get_logger(__name__)


class LookupCustomer(RelaisAction):
    """Called by bot, not by a rule: `responses[0].custom` is `{"customer": {customer_id, email} | null}`."""

    NAME = "action_lookup_customer"

    def __init__(self, office: BackOffice) -> None:
        self._office = office

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Null for an unknown address; with `error` where nobody could tell, so that bot asks again."""
        dispatcher.utter_message(json_message=await self._found(tracker))
        return []

    async def _found(self, tracker: Tracker) -> dict[str, Any]:
        try:
            account = await self._office.lookup(conversation.identity_token(tracker), tracker.sender_id)
        except NotVerifiedError:  # bot asked: its secret or its clock is not ours, which is no answer
            log.exception("lookup_token_refused")
            return {"customer": None, "error": "token_refused"}
        except RefusedError:
            return {"customer": None}
        except BackOfficeError:
            return {"customer": None, "error": "back_office_unavailable"}
        return {"customer": account.model_dump(mode="json") if account else None}
