"""What Rasa and the actions answered, turned into messages and effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bot.conversations.messages import Draft
from bot.handoff.contact import CHAT, read_contact
from bot.handoff.request import Wish
from bot.services import Services

log = structlog.get_logger(__name__)
Json = dict[str, Any]
# What the payload of "Talk to an advisor" begins with: a reason may follow.
_A_PERSON = "/request_human"
_ANSWER_KEYS = ("article_id", "version", "locale", "title", "answer", "passage", "sentence", "url", "score", "topic")


@dataclass
class Outcome:
    """Everything one turn leaves behind."""

    drafts: list[Draft] = field(default_factory=list)
    wish: Wish | None = None
    tasks: list[Json] = field(default_factory=list)
    unanswered: Json | None = None
    not_helped: Json | None = None
    topic: str | None = None
    answered: bool = False
    identify: Json | None = None
    link: Json | None = None
    erase: bool = False
    promises: list[Json] = field(default_factory=list)
    # The run of an incident that was told, and how (``bot/incidents/front.py``).
    incident: tuple[str, str] | None = None


def read_replies(services: Services, replies: Sequence[Json]) -> Outcome:
    """Rasa's replies in order; a reply of an unknown form is passed over, an empty outcome is the caller's failure."""
    outcome = Outcome()
    author_name, public_url = services.service.brand.assistant_name, services.settings.public_url
    for reply in replies:
        custom = reply.get("custom") or {}
        choices = [(str(button["title"]), str(button["payload"])) for button in reply.get("buttons") or []]
        if "answer" in custom:
            _add_answer(outcome, custom["answer"], choices, author_name, public_url)
        elif reply.get("text"):
            kind = "choices" if choices else "text"
            private = _private(custom)
            draft = Draft("bot", reply["text"], kind, author_name, choices=choices, told_rasa=True, private=private)
            outcome.drafts.append(draft)
        elif "ask_private" in custom and outcome.drafts:
            # Sent apart, it is about the question before it.
            outcome.drafts[-1] = replace(outcome.drafts[-1], private=_private(custom))
        _note(services, outcome, custom)
    outcome.drafts = _offering_once(outcome.drafts)
    return outcome


def _offering_once(drafts: list[Draft]) -> list[Draft]:
    """A person is offered by one button a turn, the last one."""
    once: list[Draft] = []
    offered = False
    for draft in reversed(drafts):
        others = [choice for choice in draft.choices if not choice[1].startswith(_A_PERSON)]
        offers = len(others) < len(draft.choices)
        kind = "text" if draft.kind == "choices" and not others else draft.kind
        once.insert(0, replace(draft, choices=others, kind=kind) if offered and offers else draft)
        offered = offered or offers
    return once


def without_question(outcome: Outcome) -> Outcome:
    """The outcome of what was typed on a private page, which must not be kept as the question it answers."""
    drafts = [
        replace(draft, data={key: value for key, value in draft.data.items() if key != "asked"})
        for draft in outcome.drafts
    ]
    wish = replace(outcome.wish, question=None) if outcome.wish is not None else None
    return replace(outcome, drafts=drafts, wish=wish)


def _private(custom: Json) -> Json | None:
    """What must not pass a public channel: something personal shown (``title``), or asked for (``field``)."""
    if "ask_private" in custom:
        return {"field": str((custom["ask_private"] or {}).get("field"))}
    return {"title": str(custom.get("title") or "")} if custom.get("confidential") else None


def _add_answer(
    outcome: Outcome, answer: Json, choices: list[tuple[str, str]], author_name: str, public_url: str
) -> None:
    draft = answer_draft(answer, author_name, public_url, choices)
    outcome.drafts.append(draft)
    outcome.answered = True
    outcome.topic = answer.get("topic") or outcome.topic


def answer_draft(
    answer: Json, author_name: str, public_url: str, choices: Sequence[tuple[str, str]] = (), *, told_rasa: bool = True
) -> Draft:
    """An article as a message: its short answer, and its source."""
    shown = {key: answer.get(key) for key in _ANSWER_KEYS}
    shown["url"] = f"{public_url}{answer['url']}" if str(answer.get("url", "")).startswith("/") else answer.get("url")
    # What it is an answer to, and how sure: for us and the writers, the customer is not shown it.
    data = {"answer": shown, "asked": {key: answer.get(key) for key in ("question", "confidence")}}
    text = answer.get("answer") or answer.get("passage") or answer["title"]
    return Draft("bot", text, "answer", author_name, data, choices, told_rasa=told_rasa)


def _note(services: Services, outcome: Outcome, custom: Json) -> None:
    if "task" in custom:
        tried = {key: custom["task"].get(key) for key in ("name", "step", "outcome", "detail")}
        # What was known stays with the turn, for an advisor who takes the task up again: no card shows it.
        known = custom["task"].get("values")
        outcome.tasks.append(tried | ({"values": known} if isinstance(known, dict) else {}))
        outcome.topic = custom["task"].get("topic") or outcome.topic
    if "unanswered" in custom:
        outcome.unanswered = custom["unanswered"]
    if "not_helped" in custom:
        outcome.not_helped = custom["not_helped"]
    if "identify" in custom:
        outcome.identify = custom["identify"] or {}
    if "erase_conversations" in custom:
        outcome.erase = True
    if isinstance(custom.get("promise"), dict):
        outcome.promises.append(custom["promise"])
    if "handoff" in custom:
        asked = custom["handoff"]
        wish = Wish(asked.get("reason") or "customer_request", asked.get("question"), asked.get("topic"))
        outcome.wish = replace(wish, contact=_contact(services, asked.get("contact") or {}))


def _contact(services: Services, asked: Json) -> Json:
    """A way to be reached that cannot be read is the chat: the request itself must not be lost."""
    try:
        return read_contact(services, asked.get("mode"), asked.get("phone"), asked.get("at"))
    except ValueError:
        log.warning("contact_unreadable", mode=str(asked.get("mode")))
        return dict(CHAT)
