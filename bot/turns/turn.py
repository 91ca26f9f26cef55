"""One turn: which way the message goes, and what comes back."""

from __future__ import annotations

import json
import time
from typing import Any

from sqlalchemy import select

from bot.conversations.messages import Draft
from bot.conversations.questions import judged_so_far
from bot.db.models import Conversation, Message, Turn
from bot.db.people import Customer
from bot.errors import NeighbourError
from bot.handoff import calling
from bot.handoff.context import Gathered
from bot.handoff.request import Wish, gather
from bot.identity.links import person_of, pressed
from bot.identity.private import is_confidential
from bot.identity.rights import identity_token
from bot.incidents.front import put_in_front
from bot.language import detect
from bot.neighbours.rasa import RasaAnswer, RasaRequest
from bot.services import Services
from bot.texts import say
from bot.turns import queued
from bot.turns.claim import UNFINISHED, Claimed
from bot.turns.commit import commit
from bot.turns.person import wants_a_person
from bot.turns.reopening import consider
from bot.turns.replies import Outcome, answer_draft, read_replies, without_question
from bot.turns.result import Result

Json = dict[str, Any]


async def carry_out(services: Services, worker: str, claimed: Claimed) -> None:
    """Carries out a claimed turn and commits it. Raises ``NeighbourError`` when it must be tried again."""
    started = time.perf_counter()
    conversation, message = claimed.conversation, claimed.message
    is_free_text = claimed.turn.command is None and message.kind == "text"
    # An address typed on a private page tells no language.
    tells_language = is_free_text and not claimed.is_private
    locale = detect(claimed.said, conversation.locale) if tells_language else conversation.locale
    danger = services.service.match_danger(claimed.said) if is_free_text and not claimed.is_private else None
    link = pressed(claimed.turn.command)
    if conversation.owner == "advisor":
        result = Result(Outcome(), status="skipped")
    elif danger is not None:
        wish = Wish("sensitive_topic", claimed.said, conversation.topic, danger.skill, danger.advice)
        result = Result(Outcome(wish=wish))
    elif link is not None:
        result = Result(Outcome(link=link), told=[message.id])
    elif message.kind == "file" and (claimed.turn.command is None or conversation.owner != "bot"):
        result = Result(_thanks_for_file(services, locale) if conversation.owner == "bot" else Outcome())
    elif conversation.owner == "queue" or calling.is_ours(claimed.turn.command):
        result = Result(await _answer_while_waiting(services, claimed, locale))
    else:
        result = await _ask_rasa(services, claimed, locale)
        result.locale = locale
        await consider(services, claimed, result)
    if claimed.is_private:
        result.outcome = without_question(result.outcome)
    result.locale = locale
    await put_in_front(services, claimed, result)
    gathered = await gather(services, conversation.id, result.outcome.wish) if result.outcome.wish else Gathered()
    result.timings["total_ms"] = _since(started)
    await commit(services, worker, claimed, result, gathered)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def _thanks_for_file(services: Services, locale: str) -> Outcome:
    """Nothing reads files yet: they are kept for an advisor, and the customer is told so."""
    choices = [(say(locale, "choice_human"), '/request_human{"reason": "customer_request"}')]
    name = services.service.brand.assistant_name
    return Outcome(
        drafts=[Draft("bot", say(locale, "file_received"), "choices", name, choices=choices, told_rasa=True)]
    )


async def _answer_while_waiting(services: Services, claimed: Claimed, locale: str) -> Outcome:
    """While the queue owns the conversation, a sure article is shown, no task starts, and the place is kept.

    What no article answers is said to be with the request, and who asks for a person again is told their place.
    """
    if claimed.turn.command is not None:
        return await _pressed_while_waiting(services, claimed.conversation, claimed.turn.command, locale)
    if claimed.is_private:
        return Outcome()
    async with services.db.read() as session:
        given = await calling.number_given(services, session, claimed.message, locale)
    if given is not None:
        wish = None if isinstance(given, Draft) else Wish("customer_request", contact=given)
        return Outcome(drafts=[given] if isinstance(given, Draft) else [], wish=wish)
    if wants_a_person(claimed.said) and (again := await queued.place_again(services, claimed, locale)):
        return Outcome(drafts=again)
    found = await services.knowledge.search(claimed.said, locale)
    if found["decision"] != "answer" or not found["results"]:
        async with services.db.read() as session:
            asked_again = await calling.asked_again(services, session, claimed.message, locale)
            said = asked_again or await queued.added(services, session, claimed.message, locale)
            return Outcome(drafts=said)
    asked = {"question": claimed.said, "confidence": found.get("confidence")}
    return _shown_while_waiting(services, found["results"][0] | asked, locale)


async def _pressed_while_waiting(services: Services, conversation: Conversation, command: str, locale: str) -> Outcome:
    """A button of before: an article is shown, anything else is left to the advisor who will see the choice."""
    asked = calling.pressed(services, command, locale)
    if asked is not None:
        if conversation.owner == "queue":
            return Outcome(drafts=[asked])
        # An old button, pressed when nobody is asked for any more, asks again.
        return Outcome(wish=Wish("customer_request", asked=asked))
    article_id = _chosen_article(command)
    article = await services.knowledge.article_by_id(article_id, locale) if article_id else None
    if article is None:
        draft = Draft("bot", say(locale, "choice_while_waiting"), "text", services.service.brand.assistant_name)
        return Outcome(drafts=[draft])
    return _shown_while_waiting(services, article, locale)


def _shown_while_waiting(services: Services, article: Json, locale: str) -> Outcome:
    name = services.service.brand.assistant_name
    draft = answer_draft(article, name, services.settings.public_url, told_rasa=False)
    if article.get("locale") in (None, locale):
        return Outcome(drafts=[draft], answered=True)
    return Outcome(drafts=[Draft("bot", say(locale, "article_in_other_language"), "text", name), draft], answered=True)


def _chosen_article(command: str) -> str | None:
    intent, _, arguments = command.partition("{")
    if intent != "/choose_article":
        return None
    try:
        return str(json.loads("{" + arguments)["article_id"])
    except (ValueError, KeyError):
        return None


async def _ask_rasa(services: Services, claimed: Claimed, locale: str) -> Result:
    request, untold = await _request(services, claimed, locale)
    started = time.perf_counter()
    answer = await services.rasa.turn(request, claimed.conversation.rasa_state)
    outcome = read_replies(services, answer.replies)
    if not outcome.drafts and outcome.wish is None:
        raise NeighbourError("empty_reply", "nothing for the customer in Rasa's replies")
    return _result(answer, outcome, untold, _since(started))


def _result(answer: RasaAnswer, outcome: Outcome, untold: list[str], rasa_ms: float) -> Result:
    return Result(
        outcome,
        intents=answer.intents,
        slots=answer.slots,
        rasa_state=answer.state,
        told=untold,
        asked_rasa=True,
        timings={"rasa_ms": rasa_ms},
    )


async def _request(services: Services, claimed: Claimed, locale: str) -> tuple[RasaRequest, list[str]]:
    conversation, message = claimed.conversation, claimed.message
    async with services.db.read() as session:
        customer = await person_of(session, conversation)
        untold = await _untold(session, conversation, message)
        judged = await judged_so_far(session, conversation.id)
    free = claimed.turn.command is None
    request = RasaRequest(
        conversation_id=conversation.id,
        message_id=message.id,
        locale=locale,
        text=_harmless(claimed.said) if free else None,
        command=claimed.turn.command,
        metadata=_metadata(services, conversation, customer, judged),
        catch_up=[{"author": row.author, "text": row.text} for row in untold],
        last_message_id=conversation.rasa_message_id,
    )
    return request, [row.id for row in untold]


def _harmless(text: str) -> str:
    """Free text never reaches Rasa as a command: a slash at the start becomes a look-alike."""
    stripped = text.lstrip()
    return "\N{DIVISION SLASH}" + stripped[1:] if stripped.startswith("/") else stripped


def _metadata(services: Services, conversation: Conversation, customer: Customer, judged: dict[str, bool]) -> Json:
    token = identity_token(services, conversation, customer)
    known = {
        "identity_token": token,
        "channel": conversation.channel,
        "confidential": is_confidential(services, conversation),
        "page": conversation.page,
    }
    rules = services.company.for_tasks
    return known | ({"feedback": judged} if judged else {}) | ({"company": rules} if rules else {})


async def _untold(session: Any, conversation: Conversation, message: Message) -> list[Message]:
    """What was said before this message while Rasa was not asked; turns still to come are not part of it."""
    to_come = select(Turn.message_id).where(Turn.conversation_id == conversation.id, Turn.status.in_(UNFINISHED))
    query = select(Message).where(
        Message.conversation_id == conversation.id,
        Message.seq < message.seq,
        Message.told_rasa.is_(False),
        Message.internal.is_(False),
        Message.author != "system",
        Message.id.not_in(to_come),
    )
    return list((await session.execute(query.order_by(Message.seq).limit(100))).scalars())
