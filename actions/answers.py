"""Questions: an article as the answer, a choice of articles, or the honest sentence that there is none."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, replies
from actions.base import RelaisAction
from actions.knowledge_client import Found, KnowledgeBase, SearchReply

# Below this share of the classifier's belief the task is not what the customer had in mind.
TASK_HINT = 0.15


class _Answering(RelaisAction):
    """What the three ways of answering share."""

    def __init__(self, knowledge: KnowledgeBase, failures_before_offer: int) -> None:
        self._knowledge = knowledge
        self._failures_before_offer = failures_before_offer

    def _answered(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, found: Found, confidence: float
    ) -> list[EventType]:
        replies.show_answer(dispatcher, _answer_response(tracker, found), found, confidence)
        return [
            SlotSet("failed_answers", 0),
            SlotSet("human_offered", False),
            SlotSet("offer_reason", None),
            SlotSet("last_topic", found.topic),
        ]

    def _failed(self, dispatcher: CollectingDispatcher, tracker: Tracker, response: str) -> list[EventType]:
        """One more without an answer: `response`, or at the second in a row the offer of a human."""
        failures = int(tracker.get_slot("failed_answers") or 0) + 1
        if failures < self._failures_before_offer:
            replies.say(dispatcher, response)
            return [SlotSet("failed_answers", failures), SlotSet("human_offered", False)]
        return [SlotSet("failed_answers", failures), *_offer(dispatcher, "utter_offer_human", "no_answer")]


class AnswerQuestion(_Answering):
    """Everything that is neither a confident task, small talk nor a request for a human."""

    NAME = "action_answer_question"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Ask the knowledge base, which decides; when it is out of reach the action fails and the turn is repeated."""
        question = conversation.text(tracker)
        reply = await self._knowledge.search(question, conversation.locale(tracker))
        annoyed = conversation.intent(tracker) == "complaint"
        events: list[EventType] = [SlotSet("last_question", question)]
        if reply.decision == "answer":
            events += self._answered(dispatcher, tracker, reply.results[0], reply.confidence)
        else:
            replies.record_unanswered(dispatcher, question, reply)
            # Annoyed, they get what may help all the same; the sentence that nothing was found gives way to the offer.
            if not annoyed or reply.decision == "clarify":
                events += self._not_answered(dispatcher, tracker, reply)
        if annoyed:
            events += _offer(dispatcher, "utter_offer_human_annoyed", "negative_feeling")
        return events

    def _not_answered(self, dispatcher: CollectingDispatcher, tracker: Tracker, reply: SearchReply) -> list[EventType]:
        if reply.decision == "clarify":
            replies.offer_articles(dispatcher, reply.results)
            return [SlotSet("human_offered", False)]
        return self._failed(dispatcher, tracker, "utter_no_answer")


class ChooseArticle(_Answering):
    """The customer picked one of the articles offered."""

    NAME = "action_choose_article"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Show it, or say that it is gone."""
        article_id = conversation.entity(tracker, "article_id")
        article = await self._knowledge.article(article_id, conversation.locale(tracker)) if article_id else None
        if article is None:
            return self._failed(dispatcher, tracker, "utter_article_gone")
        return self._answered(dispatcher, tracker, replies.found_by_choice(article), 1.0)


class NoneOfThese(_Answering):
    """None of the articles offered was the right one: that is an answer not found."""

    NAME = "action_none_of_these"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Ask for other words, or offer a human at the second time."""
        return self._failed(dispatcher, tracker, "utter_none_of_these")


def _offer(dispatcher: CollectingDispatcher, response: str, reason: replies.Reason) -> list[EventType]:
    replies.say(dispatcher, response)
    return [SlotSet("human_offered", True), SlotSet("offer_reason", reason)]


def _answer_response(tracker: Tracker, found: Found) -> str:
    """The answer alone, or with the task it may lead to as a button beneath."""
    wants_task = found.topic == "delivery" or conversation.confidence(tracker, "track_order") >= TASK_HINT
    return "utter_answer_track_order" if wants_task and not conversation.in_form(tracker) else "utter_answer"
