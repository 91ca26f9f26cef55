"""Questions: an article as the answer, a choice of articles, or the honest sentence that there is none."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, history, replies
from actions.answering import Answering, offer, offer_after_no_help
from actions.knowledge_client import Found, SearchReply
from service.danger import fold

# "retour ?", "les retours": nothing but the name of the thing.
RETURNS = (["retour"], ["retours"], ["un", "retour"], ["le", "retour"], ["les", "retours"], ["return"], ["returns"])


class AnswerQuestion(Answering):
    """Everything that is neither a confident task, small talk nor a request for a human."""

    NAME = "action_answer_question"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Ask the knowledge base, which decides; when it is out of reach the action fails and the turn is repeated."""
        question = conversation.text(tracker)
        lines = history.read(tracker)
        reply = await self._search(tracker, question, lines)
        annoyed = self._annoyed(tracker)
        events: list[EventType] = [SlotSet("last_question", question)]
        in_full = history.in_full(lines, question, follow_up=reply.follow_up)
        if reply.decision == "answer":
            events += self._answered(dispatcher, tracker, reply.results[0], reply.confidence, question, in_full)
        else:
            events.append(history.asked(lines, question, None))
            # Anger that comes near no article asks nothing that a writer could answer.
            if reply.decision == "clarify" or conversation.intent(tracker) != "complaint":
                replies.record_unanswered(dispatcher, in_full, reply)
            # Annoyed, they get what may help all the same; the sentence that nothing was found gives way to the offer.
            if not annoyed or reply.decision == "clarify":
                events += await self._not_answered(dispatcher, tracker, reply)
        if annoyed:
            events += offer(dispatcher, "utter_offer_human_annoyed", "negative_feeling")
        return events

    async def _not_answered(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, reply: SearchReply
    ) -> list[EventType]:
        if reply.decision == "clarify":
            replies.offer_articles(dispatcher, "utter_clarify", reply.results)
            return [SlotSet("human_offered", False)]
        return await self._failed(dispatcher, tracker, "utter_no_answer")


class GoBack(AnswerQuestion):
    """ "Go back" where no task is under way: one word of French is also that for sending something back."""

    NAME = "action_go_back"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Answer the one word as a question; say of anything longer that there is nothing to go back to."""
        if fold(conversation.typed_text(tracker)).split() in RETURNS:
            return await super().act(dispatcher, tracker)
        replies.say(dispatcher, "utter_nothing_to_cancel")
        return []


class ChooseArticle(Answering):
    """The customer picked one of the articles offered."""

    NAME = "action_choose_article"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Show it, or say that it is gone."""
        article_id = conversation.entity(tracker, "article_id")
        article = await self._knowledge.article(article_id, conversation.locale(tracker)) if article_id else None
        if article is None:
            return await self._failed(dispatcher, tracker, "utter_article_gone")
        question = str(tracker.get_slot("last_question") or "")
        return self._answered(dispatcher, tracker, replies.found_by_choice(article), 1.0, question)


class NoneOfThese(Answering):
    """None of the articles offered was the right one: that is an answer not found."""

    NAME = "action_none_of_these"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Ask for other words, or offer a human at the second time."""
        return await self._failed(dispatcher, tracker, "utter_none_of_these")


class DidNotHelp(Answering):
    """The answer did not help, by the button beneath it or in words: the next best, then a human."""

    NAME = "action_did_not_help"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Offer other articles for the same question; a human when none is left, or at the second time in a row."""
        lines = history.read(tracker)
        pressed = conversation.entity(tracker, "article_id")
        line = history.shown(lines, pressed)
        # No answer came last, or it was said of it before: then it is about what was offered since.
        if line is None or (pressed is None and (line is not lines[-1] or line["helped"] is False)):
            return await self._failed(dispatcher, tracker, "utter_none_of_these")
        line["helped"] = False
        question = line["question"]
        replies.record_not_helped(dispatcher, str(line["article_id"]), question)
        # It counts as a failure: "none of these" after it is the second.
        events: list[EventType] = [history.noted(lines), SlotSet("last_question", question)]
        events.append(SlotSet("failed_answers", 1))
        if self._annoyed(tracker):
            return [*events, *offer(dispatcher, "utter_offer_human_annoyed", "negative_feeling")]
        enough = history.without_help(lines) >= await self._patience(tracker)
        others = [] if enough else await self._next_best(tracker, question, lines)
        if not others:
            return [*events, *offer_after_no_help(dispatcher)]
        replies.offer_articles(dispatcher, "utter_next_best", others)
        return [*events, SlotSet("human_offered", False)]

    async def _next_best(self, tracker: Tracker, question: str, lines: list[history.Asked]) -> list[Found]:
        """Plausible articles for `question` that were not shown for it, and have not failed to help before."""
        seen = {line["article_id"] for line in lines if line["question"] == question or line["helped"] is False}
        before = history.for_asking_again(lines, question)
        reply = await self._search(tracker, question, before, replies.MAX_CHOICES + len(seen))
        if reply.decision == "abstain":
            return []
        others = [found for found in reply.results if found.article_id not in seen]
        # What was shown for another question may hold the answer, but is known to them.
        known = {line["article_id"] for line in lines}
        return sorted(others, key=lambda found: found.article_id in known)[: replies.MAX_CHOICES]
