"""“Tell me when you know”: offered where a question stays unanswered, agreed to for that very question, undone at once.

The press is heard with its message, whoever has the conversation by then; Rasa knows nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft, append
from bot.db.models import Conversation, Message, Turn, UnansweredQuestion
from bot.folding import fold
from bot.identity.consents import HISTORY, TELLING, agrees, asked_for, note_question
from bot.identity.rights import may_see_personal_data
from bot.identity.tokens import CONVERSATION_LIFE
from bot.services import Services
from bot.texts import say
from bot.turns.claim import Claimed
from bot.turns.result import Result

Json = dict[str, Any]
_COMMAND = "/relais_tell_me"
_WITHOUT_ANSWER = ("no_answer", "not_helpful", "negative_feeling")
_ARTICLE, _ASKS = "/choose_article", ("/request_human", "/affirm")
_NONE, _NO_HELP = "/none_of_these", "/did_not_help"


def _command(question_id: str, *, yes: bool) -> str:
    return _COMMAND + json.dumps({"question": question_id, "yes": yes})


def is_ours(command: str | None) -> bool:
    """Whether a button is one of these: no turn of the assistant's comes of it."""
    return command is not None and command.startswith(_COMMAND + "{")


async def offered(
    session: AsyncSession, conversation: Conversation, claimed: Claimed, result: Result, drafts: Sequence[Draft]
) -> list[Draft]:
    """The drafts of a turn, with the button where it leaves a question without an answer."""
    outcome, shown = result.outcome, list(drafts)
    busy = conversation.owner != "bot" or outcome.wish is not None or result.slots.get("requested_slot")
    if busy or claimed.is_private or not shown or outcome.answered or _offers_articles(shown):
        return shown
    if not (_has_no_answer(claimed, result) or await _declined(session, conversation, claimed, result)):
        return shown
    row = await _last_question(session, conversation)
    if row is None or await _is_agreed(session, conversation, row):
        return shown
    at = max((n for n, each in enumerate(shown) if _asks(each)), default=len(shown) - 1)
    button = (say(conversation.locale, "tell_me"), _command(row.id, yes=True))
    shown[at] = replace(shown[at], kind="choices", choices=[*shown[at].choices, button])
    return shown


def _offers_articles(drafts: Sequence[Draft]) -> bool:
    return any(command.startswith(_ARTICLE) for draft in drafts for _, command in draft.choices)


def _asks(draft: Draft) -> bool:
    return any(command.startswith(_ASKS) for _, command in draft.choices)


def _has_no_answer(claimed: Claimed, result: Result) -> bool:
    outcome, command = result.outcome, claimed.turn.command or ""
    return outcome.unanswered is not None or outcome.not_helped is not None or command.startswith((_NONE, _NO_HELP))


async def _declined(session: AsyncSession, conversation: Conversation, claimed: Claimed, result: Result) -> bool:
    """An advisor was offered because nothing was found, and is not wanted."""
    said_no = bool(result.intents) and result.intents[0].get("name") == "deny"
    if not said_no and not (claimed.turn.command or "").startswith("/deny"):
        return False
    before = select(Turn.slots).where(Turn.conversation_id == conversation.id, Turn.seq < claimed.turn.seq)
    slots = (await session.execute(before.order_by(Turn.seq.desc()).limit(1))).scalar_one_or_none() or {}
    is_about_it = slots.get("offer_reason") in _WITHOUT_ANSWER and conversation.outcome == "unanswered"
    return bool(slots.get("human_offered")) and is_about_it


async def _last_question(session: AsyncSession, conversation: Conversation) -> UnansweredQuestion | None:
    mine = select(UnansweredQuestion).where(UnansweredQuestion.conversation_id == conversation.id)
    newest = mine.order_by(UnansweredQuestion.created_at.desc(), UnansweredQuestion.id.desc()).limit(1)
    row = (await session.execute(newest)).scalar_one_or_none()
    return row if row is not None and row.question.strip() else None


async def _is_agreed(session: AsyncSession, conversation: Conversation, row: UnansweredQuestion) -> bool:
    """To this question, whenever it was asked here, or to all of them."""
    if await agrees(session, conversation, TELLING):
        return True
    same = fold(" ".join(row.question.split()))
    return any(fold(" ".join(one.question.split())) == same for one in await asked_for(session, conversation))


async def heard(
    services: Services, session: AsyncSession, conversation: Conversation, message: Message, command: str | None
) -> list[Message]:
    """What is said to a press, within the transaction that keeps it; the conversation is locked."""
    if command is None or not is_ours(command):
        return []
    press: Json = json.loads(command.removeprefix(_COMMAND))
    yes, question_id, now = bool(press["yes"]), str(press["question"]), services.clock()
    row = await session.get(UnansweredQuestion, question_id)
    message.told_rasa = True
    if row is None or row.conversation_id != conversation.id:
        return [await append(session, services.channels, conversation, _draft(services, conversation, "gone"), now)]
    await note_question(session, conversation, question_id, granted=yes, now=now)
    key = await _how(services, session, conversation) if yes else "undone"
    choices = [(say(conversation.locale, "tell_me_undo"), _command(question_id, yes=False))] if yes else []
    draft = _draft(services, conversation, key, choices)
    return [await append(session, services.channels, conversation, draft, now)]


async def _how(services: Services, session: AsyncSession, conversation: Conversation) -> str:
    """Where the answer will be found, as it is: nothing is written to an address that nobody gave for it."""
    if not await agrees(session, conversation, HISTORY):
        return "a_day"
    channel = services.channels.get(conversation.channel)
    if channel is not None and channel.pushes:
        return "written"
    return "here" if may_see_personal_data(services, conversation) else "this_browser"


def _draft(services: Services, conversation: Conversation, key: str, choices: Sequence[tuple[str, str]] = ()) -> Draft:
    name = services.service.brand.assistant_name
    text = say(conversation.locale, f"tell_me_{key}", days=CONVERSATION_LIFE.days)
    return Draft("bot", text, "choices" if choices else "text", name, choices=choices, told_rasa=True)
