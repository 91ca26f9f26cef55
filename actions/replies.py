"""The payloads that bot reads off a reply; words for customers are responses of the domain."""

from __future__ import annotations

from typing import Any, Literal, get_args

from rasa_sdk.executor import CollectingDispatcher

from actions.knowledge_client import Article, Found, SearchReply

Outcome = Literal["started", "done", "failed", "cancelled"]
Reason = Literal["customer_request", "no_answer", "not_helpful", "repeated_failure", "negative_feeling", "task_failed"]
REASONS: tuple[Reason, ...] = get_args(Reason)

MAX_CHOICES = 3


def say(dispatcher: CollectingDispatcher, response: str, **values: Any) -> None:
    """Utter a response of the domain with its template variables."""
    dispatcher.utter_message(response=response, **values)


def show_answer(
    dispatcher: CollectingDispatcher, response: str, found: Found, confidence: float, question: str
) -> None:
    """An article as the answer to `question`; `response` brings the buttons beneath it."""
    answer = {**found.model_dump(), "confidence": confidence, "question": question}
    dispatcher.utter_message(response=response, answer=found.answer, json_message={"answer": answer})


def found_by_choice(article: Article) -> Found:
    """The article a customer picked: nothing was matched, so its answer is its passage and the score is full."""
    return Found(**article.model_dump(), passage=article.answer, score=1.0)


def offer_articles(dispatcher: CollectingDispatcher, response: str, results: list[Found]) -> None:
    """Up to three articles to choose from; places left over stay empty, and the input channel drops them."""
    places: dict[str, str] = {}
    for number in range(1, MAX_CHOICES + 1):
        found = results[number - 1] if number <= len(results) else None
        places[f"title_{number}"] = found.title if found else ""
        places[f"id_{number}"] = found.article_id if found else ""
    say(dispatcher, response, **places)


def record_unanswered(dispatcher: CollectingDispatcher, question: str, reply: SearchReply) -> None:
    """For the writers: what was asked and what came near. Shows nothing."""
    candidates = [{"article_id": r.article_id, "title": r.title, "score": r.score} for r in reply.results]
    record = {"question": question, "decision": reply.decision, "candidates": candidates}
    dispatcher.utter_message(json_message={"unanswered": record})


def record_not_helped(dispatcher: CollectingDispatcher, article_id: str, question: str) -> None:
    """For the writers: this article did not help with this question. Shows nothing."""
    dispatcher.utter_message(json_message={"not_helped": {"article_id": article_id, "question": question}})


def record_task(
    dispatcher: CollectingDispatcher,
    name: str,
    step: str,
    outcome: Outcome,
    detail: str = "",
    values: dict[str, Any] | None = None,
) -> None:
    """For the handoff: what was tried and how it went. Shows nothing.

    `values`: what was known, for an advisor who takes the task up again.
    """
    task: dict[str, Any] = {"name": name, "step": step, "outcome": outcome, "detail": detail}
    dispatcher.utter_message(json_message={"task": task | ({"values": values} if values else {})})


def hand_off(dispatcher: CollectingDispatcher, reason: Reason, question: str, topic: str | None) -> None:
    """Ask bot for a human; bot tells the customer what happens next, since it knows the hours and the queue."""
    handoff = {"reason": reason, "question": question, **({"topic": topic} if topic else {})}
    dispatcher.utter_message(json_message={"handoff": handoff})
