"""Three lines on top of the card, composed from the facts: no model writes them."""

from __future__ import annotations

from typing import Any

from bot.prepared.tried import outcome_of
from bot.texts import known, say

Json = dict[str, Any]


def summarise(language: str, why: Json, who: Json) -> str:
    """Who asks what · what was tried · what is known of the person, a line each."""
    return "\n".join([_request(language, why), _tried(language, why), _person(language, who)])


def _request(language: str, why: Json) -> str:
    reason = say(language, f"reason_{why['reason']}")
    question = why["question"].strip()
    key = "summary_request" if question else "summary_no_question"
    line = say(language, key, reason=reason, question=question[:200])
    latest = (why.get("latest_question") or "").strip()
    return line if latest in ("", question) else say(language, "summary_since", line=line, question=latest[:200])


def _tried(language: str, why: Json) -> str:
    parts = []
    if why["articles_shown"]:
        titles = dict.fromkeys(article["title"] for article in why["articles_shown"])
        parts.append(say(language, "summary_articles", titles=" / ".join(list(titles)[-3:])))
    if why["tasks_tried"]:
        last = why["tasks_tried"][-1]
        parts.append(say(language, "summary_task", name=_task(language, last), outcome=_outcome(language, last)))
    return say(language, "summary_tried", tried=" · ".join(parts)) if parts else say(language, "summary_nothing_tried")


def _task(language: str, task: Json) -> str:
    return known(language, f"task_{task['name']}") or str(task["name"]).replace("_", " ")


def _outcome(language: str, task: Json) -> str:
    outcome = outcome_of(task)
    return known(language, f"outcome_{outcome}") or outcome


def _person(language: str, who: Json) -> str:
    name = who["display_name"] or say(language, "summary_unknown_person")
    parts = [name, say(language, f"assurance_{who['assurance']}")]
    if who["segment"] == "or":
        parts.append(say(language, "summary_gold"))
    if who["orders"]:
        count = len(who["orders"])
        parts.append(say(language, "summary_order" if count == 1 else "summary_orders", count=count))
    return " · ".join(parts)
