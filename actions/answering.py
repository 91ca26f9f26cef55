"""What all ways of answering share: showing an article, and the way to a human when there is none to show."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

import service
from actions import conversation, history, replies
from actions.base import RelaisAction
from actions.knowledge_client import Found, KnowledgeBase, SearchReply
from actions.segments import Segments
from actions.tasks import registry

# Below this share of the classifier's belief the task is not what the customer had in mind.
TASK_HINT = 0.15
# The task beneath an answer about one of these, when nothing tells it more exactly.
BY_TOPIC = {"delivery": "track_order"}


class Answering(RelaisAction):
    """An action that answers from the knowledge base."""

    def __init__(self, knowledge: KnowledgeBase, segments: Segments, company: service.Service) -> None:
        self._knowledge = knowledge
        self._segments = segments
        self._company = company

    def _annoyed(self, tracker: Tracker) -> bool:
        """By what Rasa took the message for, or by its words and its look."""
        said = conversation.typed_text(tracker)
        return conversation.intent(tracker) == "complaint" or self._company.sounds_annoyed(said)

    async def _patience(self, tracker: Tracker) -> int:
        """How many answers in a row may fail before a human is offered; some customers are offered one sooner."""
        if not self._company.handoff.preferred_segments:
            return self._company.handoff.failed_answers_before_offer
        return self._company.failures_before_offer(await self._segments.of(tracker))

    async def _search(
        self, tracker: Tracker, question: str, lines: list[history.Asked], limit: int = replies.MAX_CHOICES
    ) -> SearchReply:
        """What the knowledge base decides, told what was asked before and whom the articles are for."""
        audience = await self._segments.of(tracker)
        locale = conversation.locale(tracker)
        return await self._knowledge.search(question, locale, history=lines, audience=audience, limit=limit)

    def _answered(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        found: Found,
        confidence: float,
        question: str,
        in_full: str | None = None,
    ) -> list[EventType]:
        """Show it; `in_full` is the question as writers read it."""
        if found.locale != conversation.locale(tracker):
            replies.say(dispatcher, "utter_article_in_other_language")
        replies.show_answer(dispatcher, _answer_response(tracker, found), found, confidence, in_full or question)
        lines = history.read(tracker)
        return [
            SlotSet("failed_answers", 0),
            SlotSet("human_offered", False),
            SlotSet("offer_reason", None),
            SlotSet("last_topic", found.topic),
            *([history.asked(lines, question, found.article_id)] if question else []),
        ]

    async def _failed(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        response: str,
    ) -> list[EventType]:
        """One more without an answer: `response`, or once there were enough of them in a row the offer of a human."""
        failures = int(tracker.get_slot("failed_answers") or 0) + 1
        if failures < await self._patience(tracker):
            replies.say(dispatcher, response)
            return [SlotSet("failed_answers", failures), SlotSet("human_offered", False)]
        if history.without_help(history.read(tracker)):
            return [SlotSet("failed_answers", failures), *offer_after_no_help(dispatcher)]
        return [SlotSet("failed_answers", failures), *offer(dispatcher, "utter_offer_human", "no_answer")]


def offer(dispatcher: CollectingDispatcher, response: str, reason: replies.Reason) -> list[EventType]:
    """Offer a human; a yes makes `reason` the reason of the handoff."""
    replies.say(dispatcher, response)
    return [SlotSet("human_offered", True), SlotSet("offer_reason", reason)]


def offer_after_no_help(dispatcher: CollectingDispatcher) -> list[EventType]:
    """The offer to somebody whom the articles did not help."""
    return offer(dispatcher, "utter_offer_human_not_helpful", "not_helpful")


def _answer_response(tracker: Tracker, found: Found) -> str:
    """The answer alone, or with the task it may lead to as a button beneath."""
    if conversation.in_form(tracker):
        return "utter_answer"
    task = registry.beneath(found.article_id) or _hinted(tracker) or BY_TOPIC.get(found.topic or "")
    return f"utter_answer_{task}" if task else "utter_answer"


def _hinted(tracker: Tracker) -> str | None:
    """The task that the message might have asked for."""
    hinted = (task for task in registry.TASKS if conversation.confidence(tracker, task) >= TASK_HINT)
    return max(hinted, key=lambda task: conversation.confidence(tracker, task), default=None)
