"""What advisors do with promises: make one, keep it, withdraw it, put it off, and see what is to be kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, held_conversation, lock_conversation
from bot.db.models import Conversation, Handoff, Message
from bot.db.people import AuditEntry, Promise, User
from bot.errors import Refusal
from bot.live import DESK
from bot.promises.making import CALL, Given, back_to_chat, move_request, note, put_off
from bot.promises.rows import read_rows, unkept
from bot.promises.rules import KINDS, STATUSES, UNKEPT
from bot.promises.words import moment, notice
from bot.rights import may
from bot.services import Services

Json = dict[str, Any]
LONGEST_TEXT = 300
_FURTHEST = timedelta(days=180)
_FINISHED = ("kept", "cancelled")


async def list_promises(
    services: Services,
    user: User,
    *,
    status: str | None = None,
    mine: bool = False,
    kind: str | None = None,
    conversation_id: str | None = None,
) -> list[Json]:
    """What is to be kept, or what has a status; ``mine``: of whom ``user`` gave their word or serves the customer."""
    if (status is not None and status not in STATUSES) or (kind is not None and kind not in KINDS):
        raise Refusal("bad_request", 422)
    wanted = [Promise.status == status if status else unkept()]
    if kind:
        wanted.append(Promise.kind == kind)
    if conversation_id:
        wanted.append(Promise.conversation_id == conversation_id)
    if mine:
        wanted.append(or_(Promise.made_by == user.id, Handoff.advisor_id == user.id))
    async with services.db.read() as session:
        return await read_rows(services, session, wanted, newest=status in _FINISHED)


async def make(
    services: Services, conversation_id: str, user: User, wish: Json, client_key: str | None
) -> tuple[Json, bool]:
    """An advisor gives their word, ``{kind, text, due_at, phone?}``, and the customer reads it; and whether it is new.

    Raises ``Refusal``: 403 in somebody else's conversation, 404, 422.
    """
    key = f"{user.id}:{client_key}" if client_key else None
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        handoff = await _last_handoff(session, conversation_id)
        known = await _known(session, conversation_id, key)
        if known is None:
            _check_owner(conversation, user)
            promise = await _made(services, session, conversation, handoff, user, wish, key)
            message = await _tell(
                services, session, conversation, notice(services, conversation, promise, "made", user.name)
            )
            session.add(audit(services, user, "promise_made", promise.id, promise.kind))
    if known is None:
        told(services, conversation, [message])
    return await one_row(services, known or promise.id), known is None


async def _known(session: AsyncSession, conversation_id: str, key: str | None) -> str | None:
    if key is None:
        return None
    query = select(Promise.id).where(Promise.conversation_id == conversation_id, Promise.client_key == key)
    return (await session.execute(query)).scalar_one_or_none()


async def _made(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    handoff: Handoff,
    user: User,
    wish: Json,
    key: str | None,
) -> Promise:
    contact = None
    if wish["kind"] == CALL:
        phone = wish.get("phone") or handoff.contact.get("phone")
        contact = {"mode": "call_now"} | ({"phone": phone} if phone else {})
    check_due(services, wish["due_at"])
    given = Given(
        kind=wish["kind"],
        text=wish["text"],
        due_at=wish["due_at"],
        made_by=user.id,
        handoff_id=handoff.id,
        contact=contact,
        client_key=key,
    )
    return await note(services, session, conversation, given)


def check_due(services: Services, due_at: datetime) -> None:
    """A promise is for a moment to come, and not for some other year. Raises ``Refusal`` (422)."""
    now = services.clock()
    if not now < due_at <= now + _FURTHEST:
        raise Refusal("bad_due", 422)


async def _last_handoff(session: AsyncSession, conversation_id: str) -> Handoff:
    """The conversation must have come to the desk: the others are between customer and assistant."""
    query = select(Handoff).where(Handoff.conversation_id == conversation_id)
    found = (await session.execute(query.order_by(Handoff.requested_at.desc()).limit(1))).scalar_one_or_none()
    if found is None:
        raise Refusal("unknown_conversation", 404)
    return found


def _check_owner(conversation: Conversation, user: User) -> None:
    """Nobody gives their word in a conversation that a colleague has, but a supervisor."""
    if conversation.owner == "advisor" and conversation.advisor_id != user.id and not may(user.role, "supervise"):
        raise Refusal("not_your_conversation", 403)


def _check_steers(conversation: Conversation, promise: Promise, user: User) -> None:
    """Moving or cancelling, which the customer reads, is for who gave it, who serves them, and supervisors."""
    if promise.made_by != user.id:
        _check_owner(conversation, user)


async def keep(services: Services, promise_id: str, user: User) -> Json:
    """It was done. Again: the same answer. Raises ``Refusal``: 404, or 409 for one that was withdrawn."""
    async with services.db.write() as session:
        promise, conversation = await find(session, promise_id)
        if promise.status == "cancelled":
            raise Refusal("promise_over", 409)
        if promise.status in UNKEPT:
            kept(services, session, promise, user)
    told(services, conversation, [])
    return await one_row(services, promise_id)


def kept(services: Services, session: AsyncSession, promise: Promise, user: User) -> None:
    """Within the caller's transaction."""
    promise.status, promise.kept_at, promise.kept_by = "kept", services.clock(), user.id
    session.add(audit(services, user, "promise_kept", promise.id, promise.kind))


async def withdraw(services: Services, promise_id: str, user: User) -> Json:
    """It will not be done; the customer is told. Again: the same answer. Raises ``Refusal``: 404, 409 once kept."""
    messages = []
    async with services.db.write() as session:
        promise, conversation = await find(session, promise_id)
        if promise.status == "kept":
            raise Refusal("promise_over", 409)
        if promise.status in UNKEPT:
            _check_steers(conversation, promise, user)
            promise.status = "cancelled"
            waits = await back_to_chat(services, session, promise)
            draft = notice(services, conversation, promise, "call_withdrawn" if waits else "withdrawn")
            messages = [await _tell(services, session, conversation, draft)]
            session.add(audit(services, user, "promise_cancelled", promise_id, promise.kind))
    told(services, conversation, messages)
    if messages:
        notify.state_changed(services, conversation)
    return await one_row(services, promise_id)


async def postpone(services: Services, promise_id: str, user: User, due_at: datetime | None, phone: str | None) -> Json:
    """Another deadline, which the customer is told, or another number to call. Again: nothing more happens."""
    messages = []
    async with services.db.write() as session:
        promise, conversation = await find(session, promise_id)
        if promise.status not in UNKEPT:
            raise Refusal("promise_over", 409)
        _check_steers(conversation, promise, user)
        if phone and promise.kind == CALL and phone != (promise.contact or {}).get("phone"):
            promise.contact = (promise.contact or {"mode": "call_now"}) | {"phone": phone}
            await move_request(services, session, promise, phone=phone)
            session.add(audit(services, user, "promise_number_changed", promise_id))
        if due_at is not None and due_at != promise.due_at:
            check_due(services, due_at)
            before = moment(services, conversation.locale, promise.due_at)
            put_off(services, promise, due_at)
            promise.next_try_at = None
            if promise.kind == CALL:
                await move_request(services, session, promise, mode="call_at", at=due_at.isoformat())
            draft = notice(services, conversation, promise, "moved", user.name, before=before)
            messages = [await _tell(services, session, conversation, draft)]
            session.add(audit(services, user, "promise_moved", promise_id, promise.kind))
    told(services, conversation, messages)
    return await one_row(services, promise_id)


async def find(session: AsyncSession, promise_id: str) -> tuple[Promise, Conversation]:
    """A promise of advisors, and its conversation, both held. Raises ``Refusal`` (404)."""
    found = await held_promise(session, promise_id)
    if found is None:
        raise Refusal("unknown_promise", 404)
    return found


async def held_promise(session: AsyncSession, promise_id: str) -> tuple[Promise, Conversation] | None:
    """The same; None when it is gone."""
    promise = await session.get(Promise, promise_id)
    if promise is None or promise.kind not in KINDS:
        return None
    # The conversation first, as everywhere: two orders of locking could wait for each other.
    conversation = await held_conversation(session, promise.conversation_id)
    held = await session.get(Promise, promise_id, with_for_update=True, populate_existing=True)
    return (held, conversation) if held is not None and conversation is not None else None


async def one_row(services: Services, promise_id: str) -> Json:
    """One promise as the list has it."""
    async with services.db.read() as session:
        rows = await read_rows(services, session, [Promise.id == promise_id])
    if not rows:
        raise Refusal("unknown_promise", 404)
    return rows[0]


async def _tell(services: Services, session: AsyncSession, conversation: Conversation, draft: Draft) -> Message:
    return await append(session, services.channels, conversation, draft, services.clock())


def told(services: Services, conversation: Conversation, messages: list[Message]) -> None:
    """After the commit: the customer reads on, and the desk looks at its promises again."""
    if messages:
        notify.told(services, conversation, messages)
    changed(services, conversation.id)


def changed(services: Services, conversation_id: str) -> None:
    """The desk looks at the promises of this conversation again, and supervisors at what is at risk."""
    services.live.publish(DESK, {"type": "promises", "conversation_id": conversation_id})
    services.live.publish(DESK, {"type": "alerts"})


def audit(services: Services, user: User, action: str, target: str, detail: str | None = None) -> AuditEntry:
    """Who did what to which promise; nothing of the customer."""
    return AuditEntry(at=services.clock(), actor_id=user.id, action=action, target=target, detail=detail)
