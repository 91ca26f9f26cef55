"""A human: asked for, accepted, declined."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, replies
from actions.base import RelaisAction


class RequestHandoff(RelaisAction):
    """Passes on why a human is wanted and what the customer last really asked."""

    NAME = "action_request_handoff"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Emit the handoff; nothing that was under way outlives it."""
        replies.hand_off(dispatcher, _reason(tracker), _question(tracker), tracker.get_slot("last_topic"))
        return [
            SlotSet("human_offered", False),
            SlotSet("offer_reason", None),
            SlotSet("failed_answers", 0),
            *(SlotSet(name, None) for name in conversation.TASK_SLOTS),
        ]


class DeclineOffer(RelaisAction):
    """No to the offer of a human."""

    NAME = "action_decline_offer"

    async def act(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,  # noqa: ARG002
    ) -> list[EventType]:
        """Say so and count failures from nought again, or the next one would bring the same offer."""
        replies.say(dispatcher, "utter_offer_declined")
        return [SlotSet("human_offered", False), SlotSet("offer_reason", None), SlotSet("failed_answers", 0)]


def _reason(tracker: Tracker) -> replies.Reason:
    """Why the human was offered, if that is what was accepted; a button may say it too."""
    if conversation.intent(tracker) == "affirm":
        given = tracker.get_slot("offer_reason")
    else:
        given = conversation.entity(tracker, "reason") if conversation.text(tracker).startswith("/") else None
    return next((reason for reason in replies.REASONS if reason == given), "customer_request")


def _question(tracker: Tracker) -> str:
    """Their last real question; "I want a human" is one only if it says more than that."""
    words = conversation.text(tracker)
    says_more = not words.startswith("/") and len(words.split()) >= conversation.OWN_WORDS_FROM
    if conversation.intent(tracker) == "request_human" and says_more:
        return words
    said = conversation.typed_text(tracker) or conversation.last_words_with(tracker, ("insult",))
    return str(tracker.get_slot("last_question") or said or "")
