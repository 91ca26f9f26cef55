"""A question about what is happening gets the incident's answer first; the ordinary one stays a button away.

Left as they are: what is said to a person, danger topics, requests for a human, a pressed button, a private page, and
tasks. A task that begins about it goes on, with the notice before its first question.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft
from bot.help.catalogue import Catalogue
from bot.incidents.board import Active, in_locale
from bot.incidents.telling import note_told, was_told
from bot.services import Services
from bot.texts import say
from bot.turns.claim import Claimed
from bot.turns.replies import Outcome
from bot.turns.result import Result

Json = dict[str, Any]
# What a task that just began is about, by its intent (the tasks themselves live in another process).
TASK_TOPICS = {
    "track_order": "delivery",
    "change_address": "orders",
    "cancel_order": "orders",
    "return_item": "returns",
    "refund_status": "refunds",
    "report_problem": "damaged",
    "repair": "guarantee",
    "diagnose": "guarantee",
    "get_invoice": "payment",
    "loyalty_points": "loyalty",
    "change_email": "account",
    "change_phone": "account",
    "close_account": "account",
    "find_shop": "shops",
}


async def put_in_front(services: Services, claimed: Claimed, result: Result) -> None:
    """Changes what a turn comes to, where an incident stands in front of it."""
    conversation, outcome = claimed.conversation, result.outcome
    is_question = claimed.turn.command is None and claimed.message.kind == "text" and not claimed.is_private
    if not services.incidents.current() or not is_question or conversation.owner not in ("bot", "queue"):
        return
    began = _task_begun(result)
    if _is_settled(outcome) or (began is None and _is_personal(result)):
        return
    topic = began or (outcome.topic if outcome.answered else await _asked_about(services, outcome, result.locale))
    found = services.incidents.chosen(claimed.said, result.locale, topic)
    if found is None:
        return
    incident, because = found
    async with services.db.read() as session:
        again = await was_told(session, incident.run_id, conversation.id)
    if began is not None or (again and because == "topic"):
        # They know it already, or have a task before them: a sentence, and what they asked for.
        if not again:
            outcome.drafts.insert(0, _brief(services, incident, result.locale))
            outcome.incident = (incident.run_id, "beside")
        return
    if outcome.drafts:
        _replace(services, outcome, incident, result.locale)
        outcome.incident = (incident.run_id, "asked")
        outcome.topic = outcome.topic or topic or next(iter(sorted(incident.topics)), None)


async def note_question(services: Services, session: AsyncSession, claimed: Claimed, outcome: Outcome) -> None:
    """Within the transaction that answers: its topic is counted, and whom an incident was told of is noted."""
    now = services.clock()
    if outcome.topic and claimed.turn.command is None:
        services.tally.count(outcome.topic, now, services.service.timezone)
    if outcome.incident is not None:
        run_id, how = outcome.incident
        await note_told(session, run_id, claimed.conversation.id, how, now)


def _is_settled(outcome: Outcome) -> bool:
    """A human is wanted, somebody says who they are, or something is said that no writer should come between."""
    concerns = (outcome.wish, outcome.identify, outcome.link, outcome.not_helped)
    return outcome.erase or bool(outcome.promises) or any(each is not None for each in concerns)


def _is_personal(result: Result) -> bool:
    """A task is under way, or something personal is asked or shown."""
    private = any(draft.private is not None for draft in result.outcome.drafts)
    return bool(private or result.outcome.tasks or result.slots.get("requested_slot"))


def _task_begun(result: Result) -> str | None:
    """The topic of the task that this very message began."""
    intent = str(result.intents[0].get("name")) if result.intents else ""
    is_on = result.slots.get("task") == intent or any(task.get("name") == intent for task in result.outcome.tasks)
    return TASK_TOPICS.get(intent) if is_on else None


async def _asked_about(services: Services, outcome: Outcome, locale: str) -> str | None:
    """Where the assistant asks which article is meant: the topic that all of them have."""
    candidates = (outcome.unanswered or {}).get("candidates") or []
    if not candidates or (outcome.unanswered or {}).get("decision") != "clarify":
        return None
    try:
        catalogue = await services.library.current()
    except Exception:  # noqa: BLE001  the question is answered without
        return None
    topics = {_topic_of(catalogue, str(each.get("article_id")), locale) for each in candidates}
    return topics.pop() if len(topics) == 1 else None


def _topic_of(catalogue: Catalogue, article_id: str, locale: str) -> str | None:
    versions = catalogue.versions(article_id)
    entry = versions.get(locale) or next(iter(versions.values()), None)
    return entry.topic if entry is not None else None


def shown(incident: Active) -> Json:
    """What a message keeps of the incident it tells."""
    return {"incident": {"incident_id": incident.incident_id, "run_id": incident.run_id, "name": incident.name}}


def _brief(services: Services, incident: Active, locale: str) -> Draft:
    text = in_locale(incident.notice, locale)
    return Draft("bot", text, "notice", services.service.brand.assistant_name, shown(incident), told_rasa=True)


def _replace(services: Services, outcome: Outcome, incident: Active, locale: str) -> None:
    """The incident's answer instead of the ordinary one, which becomes the first button."""
    choices: list[tuple[str, str]] = []
    data: Json = {}
    for draft in outcome.drafts:
        answer = draft.data.get("answer")
        if answer:
            title = say(locale, "incident_ordinary", title=answer["title"])
            choices.append((title[:200], f'/choose_article{{"article_id": "{answer["article_id"]}"}}'))
            data |= {key: value for key, value in draft.data.items() if key not in ("answer", "asked")}
        choices += draft.choices
    if outcome.unanswered is not None:
        # It was answered, by what stands in front: nothing for the writers to write.
        outcome.unanswered = None
    name, text = services.service.brand.assistant_name, in_locale(incident.answer, locale)
    kind = "choices" if choices else "text"
    draft = Draft("bot", text, kind, name, data | shown(incident), choices, told_rasa=True)
    outcome.drafts, outcome.answered = [draft], True
