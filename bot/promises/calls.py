"""Calls that were tried: reached, or when somebody tries again and what the customer reads of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import append
from bot.db.models import WAITING, Conversation, Handoff, Message
from bot.db.people import Promise, User
from bot.db.promises import CallAttempt
from bot.errors import Refusal
from bot.handoff import desk as handoffs
from bot.promises.desk import audit, find, kept, one_row, told
from bot.promises.making import CALL, move_request, put_off
from bot.promises.rules import UNKEPT
from bot.promises.words import moment, notice
from bot.services import Services

Json = dict[str, Any]
OUTCOMES = ("reached", "no_answer", "voicemail", "wrong_number")
LONGEST_NOTE = 500


async def tried(
    services: Services, promise_id: str, user: User, outcome: str, note: str | None, client_key: str | None
) -> tuple[Json, bool]:
    """A call was tried; and whether this is new. Raises ``Refusal``: 404, 409 where nobody is to be called, 422."""
    if outcome not in OUTCOMES:
        raise Refusal("bad_outcome", 422)
    key = f"{user.id}:{client_key}" if client_key else None
    messages: list[Message] = []
    async with services.db.write() as session:
        promise, conversation = await find(session, promise_id)
        is_new = not await _is_known(session, promise_id, key)
        if is_new:
            if promise.kind != CALL or promise.status not in UNKEPT:
                raise Refusal("promise_over", 409)
            await _note(services, session, promise, user, outcome, note, key)
            if outcome == "reached":
                kept(services, session, promise, user)
                messages = await _take_off_the_queue(services, session, promise, conversation, user)
            else:
                messages = await _again(services, session, promise, conversation, outcome)
    told(services, conversation, messages)
    if messages:
        notify.state_changed(services, conversation)
    return await one_row(services, promise_id), is_new


async def _is_known(session: AsyncSession, promise_id: str, key: str | None) -> bool:
    if key is None:
        return False
    query = select(CallAttempt.id).where(CallAttempt.promise_id == promise_id, CallAttempt.client_key == key)
    return (await session.execute(query)).first() is not None


async def _note(
    services: Services,
    session: AsyncSession,
    promise: Promise,
    user: User,
    outcome: str,
    note: str | None,
    key: str | None,
) -> None:
    row = CallAttempt(
        promise_id=promise.id,
        conversation_id=promise.conversation_id,
        user_id=user.id,
        outcome=outcome,
        note=(note or "").strip() or None,
        client_key=key,
        at=services.clock(),
    )
    session.add_all([row, audit(services, user, "call_tried", promise.id, outcome)])
    await session.flush()


async def _again(
    services: Services, session: AsyncSession, promise: Promise, conversation: Conversation, outcome: str
) -> list[Message]:
    """When the next try is due, and what the customer reads: another number is asked for, or that we try again."""
    now, rules = services.clock(), services.service.promises
    wait = timedelta(minutes=rules.retry_call_minutes)
    next_try = services.service.after_open(now, wait) or now + wait
    promise.next_try_at = next_try
    await move_request(services, session, promise, mode="call_at", at=next_try.isoformat())
    put_off(services, promise, next_try + timedelta(minutes=rules.call_grace_minutes), next_try)
    if outcome == "wrong_number":
        draft = notice(services, conversation, promise, "wrong_number")
    elif await _failed(session, promise.id) == rules.calls_before_telling:
        again = moment(services, conversation.locale, next_try)
        count = rules.calls_before_telling
        draft = notice(services, conversation, promise, "not_reached", count=count, next=again)
    else:
        return []
    return [await append(session, services.channels, conversation, draft, now)]


async def _failed(session: AsyncSession, promise_id: str) -> int:
    query = select(func.count()).where(CallAttempt.promise_id == promise_id, CallAttempt.outcome != "reached")
    return int((await session.execute(query)).scalar_one())


async def _take_off_the_queue(
    services: Services, session: AsyncSession, promise: Promise, conversation: Conversation, user: User
) -> list[Message]:
    """Whoever was reached by telephone waits for nobody any more; one that a colleague took is theirs to end."""
    if promise.handoff_id is None:
        return []
    handoff = await session.get_one(Handoff, promise.handoff_id, with_for_update=True, populate_existing=True)
    if handoff.status not in WAITING:
        return []
    # Before the release looks for a call that is still to be made.
    await session.flush()
    joined = await handoffs.accept_within(services, session, conversation, handoff, user)
    return [joined, *await handoffs.release_within(services, session, conversation, handoff, user, "resolved")]
