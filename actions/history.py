"""What the customer asked before in this conversation, which article was shown for it, and whether it helped."""

from __future__ import annotations

from typing import Any, TypedDict

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

SLOT = "history"
KEPT = 8  # a question may have shown several articles; knowledge_base takes ten lines at most
LONGEST_QUESTION = 500


class Asked(TypedDict):
    """One line of the history; `article_id` is None when no article was shown, `helped` when nobody said."""

    question: str
    article_id: str | None
    helped: bool | None


def read(tracker: Tracker) -> list[Asked]:
    """The history, oldest first. What bot knows of the buttons beneath the answers counts more than our own notes."""
    told: dict[str, Any] = (tracker.latest_message.get("metadata") or {}).get("feedback") or {}
    lines: list[Asked] = []
    for line in tracker.get_slot(SLOT) or []:
        article_id = line.get("article_id")
        helped = told.get(article_id, line.get("helped"))
        lines.append({"question": str(line.get("question") or ""), "article_id": article_id, "helped": helped})
    return [line for line in lines if line["question"]]


def asked(lines: list[Asked], question: str, article_id: str | None) -> EventType:
    """The history with one more question; showing an article for the line that ends it completes that line."""
    cut = question[:LONGEST_QUESTION]
    open_end = bool(lines) and lines[-1]["question"] == cut and lines[-1]["article_id"] in (None, article_id)
    kept = lines[:-1] if open_end else lines
    return noted([*kept, {"question": cut, "article_id": article_id, "helped": None}])


def noted(lines: list[Asked]) -> EventType:
    """The event that keeps `lines`, the oldest dropped."""
    return SlotSet(SLOT, lines[-KEPT:])


def in_full(lines: list[Asked], question: str, *, follow_up: bool) -> str:
    """What writers read: "et en Belgique ?" says nothing without the question before it."""
    return f"{lines[-1]['question']} → {question}" if follow_up and lines else question


def shown(lines: list[Asked], article_id: str | None = None) -> Asked | None:
    """The last line that showed an article: this one, if it is given."""
    found = (line for line in reversed(lines) if line["article_id"] and article_id in (None, line["article_id"]))
    return next(found, None)


def without_help(lines: list[Asked]) -> int:
    """How many answers in a row did not help, up to the end."""
    count = 0
    for line in reversed([line for line in lines if line["article_id"]]):
        if line["helped"] is not False:
            break
        count += 1
    return count


def for_asking_again(lines: list[Asked], question: str) -> list[Asked]:
    """The history with the lines of `question` itself first: a follow-up is understood by the question before it."""
    cut = question[:LONGEST_QUESTION]
    return sorted(lines, key=lambda line: line["question"] != cut)
