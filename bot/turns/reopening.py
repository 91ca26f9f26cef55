"""A customer writes again after an advisor has left: back to the assistant, to the same advisor, or to the queue.

What the assistant can answer it answers, and on the same topic a button leads back to a person. What it can't goes
back to the advisor who was there, by itself, if that was a moment ago and they are at the desk. Once: a conversation
that came back today does not do so again by itself, and a way back is offered once for each time somebody was there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft
from bot.db.models import Conversation, Handoff, Message
from bot.db.people import User
from bot.handoff.floor import read_floor
from bot.handoff.request import Wish
from bot.services import Services
from bot.texts import say
from bot.turns.claim import Claimed
from bot.turns.replies import Outcome
from bot.turns.result import Result

Where = Literal["bot", "advisor", "queue"]
_A_DAY = timedelta(days=1)
_OFFERED = "reopens"  # in the data of the message that offers the way back: which handoff it goes back to
_NEVER = ("spam", "callback")
_COMMAND = '/request_human{"reason": "customer_request"}'


@dataclass(frozen=True)
class Ended:
    """How the last time with a person stands now; ``times``: handoffs of the last day."""

    age: timedelta
    same_topic: bool
    is_there: bool
    times: int
    was_offered: bool


def where_to(ended: Ended, *, answered: bool, by_itself: timedelta, at_all: timedelta) -> Where:
    """``bot`` goes on, ``advisor`` is asked again by itself, ``queue`` is offered beneath the answer."""
    if not answered:
        return "advisor" if ended.age <= by_itself and ended.is_there and ended.times < 2 else "bot"
    return "queue" if ended.same_topic and ended.age <= at_all and not ended.was_offered else "bot"


async def consider(services: Services, claimed: Claimed, result: Result) -> None:
    """Changes what the turn comes to, where a person was there before; the assistant has the conversation."""
    outcome, conversation = result.outcome, claimed.conversation
    # Asking back is no failure: what they choose may well be the answer.
    asks_back = outcome.unanswered is not None and outcome.unanswered.get("decision") == "clarify"
    is_open = not asks_back and not result.slots.get("requested_slot") and outcome.wish is None and not outcome.tasks
    settles = outcome.answered or outcome.unanswered is not None or outcome.not_helped is not None
    if conversation.owner != "bot" or claimed.turn.command is not None or not is_open or not settles:
        return
    async with services.db.read() as session:
        last = await _last(session, conversation)
        if last is None or last.outcome in _NEVER or last.ended_at is None:
            return
        ended = await _ended(services, session, last, last.ended_at, outcome)
        user = await session.get(User, last.advisor_id) if last.advisor_id else None
    by_itself = timedelta(minutes=services.service.handoff.reopen_minutes)
    at_all = timedelta(days=services.service.same_topic_return_days)
    where = where_to(ended, answered=outcome.answered, by_itself=by_itself, at_all=at_all)
    if where == "advisor" and user is not None:
        _call_back(services, claimed, result, last, user.name)
    elif where == "queue":
        _offer(outcome, last, say(result.locale, "choice_reopen"))


async def _last(session: AsyncSession, conversation: Conversation) -> Handoff | None:
    query = select(Handoff).where(Handoff.conversation_id == conversation.id, Handoff.status == "released")
    return (await session.execute(query.order_by(Handoff.ended_at.desc()).limit(1))).scalar_one_or_none()


async def _ended(
    services: Services, session: AsyncSession, last: Handoff, ended_at: datetime, outcome: Outcome
) -> Ended:
    now = services.clock()
    of_today = (Handoff.conversation_id == last.conversation_id) & (Handoff.requested_at >= now - _A_DAY)
    times = (await session.execute(select(func.count()).select_from(Handoff).where(of_today))).scalar_one()
    said = select(Message.data).where(
        Message.conversation_id == last.conversation_id, Message.created_at >= ended_at, Message.author == "bot"
    )
    offered = [data.get(_OFFERED) for data in (await session.execute(said)).scalars()]
    free = {advisor.id for advisor in await read_floor(services, session) if advisor.free}
    return Ended(
        age=now - ended_at,
        same_topic=last.topic is not None and outcome.topic == last.topic,
        is_there=last.advisor_id in free and services.service.is_open(now),
        times=times,
        was_offered=last.id in offered,
    )


def _call_back(services: Services, claimed: Claimed, result: Result, last: Handoff, name: str) -> None:
    """Who was there is asked first: the request prefers whoever served this customer last."""
    text = say(result.locale, "reopened_same", name=name)
    result.outcome.drafts = [Draft("bot", text, author_name=services.service.brand.assistant_name)]
    reason = "no_answer" if result.outcome.not_helped is None else "not_helpful"
    result.outcome.wish = Wish(reason, claimed.said, last.topic, last.skill)


def _offer(outcome: Outcome, last: Handoff, title: str) -> None:
    draft = outcome.drafts[-1]
    if any(command.startswith("/request_human") for _, command in draft.choices):
        return
    choices = [*draft.choices, (title, _COMMAND)]
    outcome.drafts[-1] = replace(draft, choices=choices, data=draft.data | {_OFFERED: last.id})
