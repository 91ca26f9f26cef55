"""A question about what is happening gets the incident's answer first; the ordinary one stays a button away.

Left as they are: what is said to a person, danger topics, requests for a human, a pressed button, a private page, and
tasks. A task that begins about it goes on, with the notice before its first question; a question put in the midst of a
task gets the incident's answer before its own replies, which stay. Who has had the answer gets its notice from then on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft
from bot.db.models import Turn
from bot.help.catalogue import Catalogue
from bot.incidents.board import Active, in_locale
from bot.incidents.telling import how_told, note_told
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


# How who has read the whole answer was told; ``beside`` a task there was only the notice.
IN_FULL = ("asked", "queued")


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
        told = await how_told(session, incident.run_id, conversation.id)
        goes_on = began is not None and await _was_under_way(session, claimed, result)
    if began is not None:
        if told is None or not goes_on:
            outcome.drafts.insert(0, _brief(services, incident, result.locale))
            outcome.incident = (incident.run_id, "beside")
    elif told in IN_FULL and because == "topic" and outcome.drafts:
        # They have read it: a sentence, and what they asked for.
        outcome.drafts.insert(0, _brief(services, incident, result.locale))
    elif outcome.drafts:
        _answer_first(services, result, incident)
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
    """Something personal is shown, or a task is under way and this is no question put in the midst of it."""
    outcome = result.outcome
    private = [draft.private for draft in outcome.drafts if draft.private is not None]
    if outcome.tasks or any("title" in each for each in private):
        return True
    is_aside = outcome.answered or outcome.unanswered is not None
    return not is_aside and bool(private or result.slots.get("requested_slot"))


def _task_begun(result: Result) -> str | None:
    """The topic of the task that this very message began."""
    intent = str(result.intents[0].get("name")) if result.intents else ""
    is_on = result.slots.get("task") == intent or any(task.get("name") == intent for task in result.outcome.tasks)
    return TASK_TOPICS.get(intent) if is_on else None


async def _was_under_way(session: AsyncSession, claimed: Claimed, result: Result) -> bool:
    """Whether that task had begun before this message."""
    turn = claimed.turn
    before = select(Turn.slots).where(Turn.conversation_id == turn.conversation_id, Turn.seq < turn.seq)
    slots = (await session.execute(before.order_by(Turn.seq.desc()).limit(1))).scalar_one_or_none() or {}
    return bool(slots.get("requested_slot")) and slots.get("task") == result.slots.get("task")


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


def _brief(services: Services, incident: Active, locale: str) -> Draft:
    text = in_locale(incident.notice, locale)
    return Draft("bot", text, "notice", services.service.brand.assistant_name, incident.mark, told_rasa=True)


def _answer_first(services: Services, result: Result, incident: Active) -> None:
    """The incident's answer instead of the ordinary one; before it, where a task's own question must stay."""
    outcome, locale = result.outcome, result.locale
    has_more = len(outcome.drafts) > 1 or any(draft.private is not None for draft in outcome.drafts)
    if result.slots.get("requested_slot") and has_more:
        outcome.drafts.insert(0, _full(services, incident, locale))
    else:
        outcome.drafts = [_instead(services, outcome, incident, locale)]
    # It was answered, by what stands in front: nothing for the writers to write.
    outcome.unanswered, outcome.answered = None, True
    outcome.incident = (incident.run_id, "asked")


def _full(services: Services, incident: Active, locale: str) -> Draft:
    name = services.service.brand.assistant_name
    return Draft("bot", in_locale(incident.answer, locale), "text", name, incident.mark, told_rasa=True)


def _instead(services: Services, outcome: Outcome, incident: Active, locale: str) -> Draft:
    """It, with the ordinary answer as its first button."""
    choices: list[tuple[str, str]] = []
    data: Json = {}
    for draft in outcome.drafts:
        answer = draft.data.get("answer")
        if answer:
            title = say(locale, "incident_ordinary", title=answer["title"])
            choices.append((title[:200], f'/choose_article{{"article_id": "{answer["article_id"]}"}}'))
            data |= {key: value for key, value in draft.data.items() if key not in ("answer", "asked")}
        choices += draft.choices
    full = _full(services, incident, locale)
    return replace(full, kind="choices" if choices else "text", data=data | incident.mark, choices=choices)
