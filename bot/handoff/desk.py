"""What advisors do with handoffs: read one, take it, answer, give the conversation back."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, lock_conversation
from bot.db.models import WAITING, Conversation, Handoff, Message
from bot.db.people import AuditEntry, User
from bot.errors import Refusal
from bot.handoff.cases import is_rated_elsewhere, waiting_in
from bot.handoff.closing import Closing, after_release, before_release
from bot.handoff.context import as_it_stands
from bot.handoff.events import record
from bot.handoff.notes import tell_desk
from bot.handoff.offering import withdraw
from bot.handoff.saying import say_once
from bot.handoff.snooze import noticed
from bot.handoff.taking_part import tell
from bot.handoff.transfer import declined
from bot.prepared.offers import end_with_owner
from bot.promises.making import settle_release
from bot.services import Services
from bot.texts import say
from bot.words.suggesting import with_suggestions

Json = dict[str, Any]
_ONE_LOOK = timedelta(minutes=10)
OUTCOMES = frozenset({"resolved", "unresolved", "callback", "spam"})


async def read_handoff(services: Services, handoff_id: str, reader: User) -> Json:
    """``{handoff_id, status, context}`` as it stands now; who looked goes to the audit."""
    async with services.db.write() as session:
        handoff = await _find(session, handoff_id)
        if not await _looked_lately(services, session, reader, handoff_id):
            session.add(_audit(services, reader, "handoff_read", handoff_id))
        if handoff.advisor_id == reader.id:
            await noticed(session, handoff.conversation_id, services.clock())
        answer = await _with_context(services, session, handoff)
    # Asked outside of the transaction: a slow neighbour must not hold it.
    return answer | {"context": await with_suggestions(services, answer["context"])}


async def _looked_lately(services: Services, session: AsyncSession, reader: User, handoff_id: str) -> bool:
    """A card that is read again as the conversation goes on is one look."""
    since = services.clock() - _ONE_LOOK
    same = select(AuditEntry.id).where(AuditEntry.at > since, AuditEntry.actor_id == reader.id)
    same = same.where(AuditEntry.action == "handoff_read", AuditEntry.target == handoff_id)
    return (await session.execute(same.limit(1))).first() is not None


async def _with_context(services: Services, session: AsyncSession, handoff: Handoff) -> Json:
    context = await as_it_stands(services, session, handoff)
    return {"handoff_id": handoff.id, "status": handoff.status, "context": context}


async def _find(session: AsyncSession, handoff_id: str, *, lock: bool = False) -> Handoff:
    handoff = await session.get(Handoff, handoff_id, with_for_update=lock or None, populate_existing=True)
    if handoff is None:
        raise Refusal("unknown_handoff", 404)
    return handoff


def _audit(services: Services, user: User, action: str, target: str, detail: str | None = None) -> AuditEntry:
    return AuditEntry(at=services.clock(), actor_id=user.id, action=action, target=target, detail=detail)


async def accept(services: Services, handoff_id: str, advisor: User) -> Json:
    """Makes ``advisor`` the owner. One wins; the others get ``Refusal`` (409) with the winner's name.

    What waits as part of the same case, on another channel, becomes theirs with it.
    """
    answer, case = await _accept(services, handoff_id, advisor)
    if case is not None:
        async with services.db.read() as session:
            siblings = await waiting_in(session, case)
        for sibling in siblings:
            with suppress(Refusal):  # somebody was quicker
                await _accept(services, sibling, advisor)
    return answer | {"context": await with_suggestions(services, answer["context"], search=False)}


async def _accept(services: Services, handoff_id: str, advisor: User) -> tuple[Json, str | None]:
    """The answer, and the case that the request is part of."""
    async with services.db.write() as session:
        # The conversation is locked first, as everywhere: two orders of locking could wait for each other.
        found = await _find(session, handoff_id)
        conversation = await lock_conversation(session, found.conversation_id)
        handoff = await _find(session, handoff_id, lock=True)
        if handoff.status not in WAITING:
            await _refuse_taken(session, handoff, advisor)
            return await _with_context(services, session, handoff), handoff.case_id
        message = await accept_within(services, session, conversation, handoff, advisor)
        answer = await _with_context(services, session, handoff)
    notify.told(services, conversation, [message])
    notify.state_changed(services, conversation)
    return answer, handoff.case_id


async def accept_within(
    services: Services, session: AsyncSession, conversation: Conversation, handoff: Handoff, advisor: User
) -> Message:
    """The same inside the caller's transaction, which holds both, for one that waits; what the customer reads."""
    now = services.clock()
    handoff.status, handoff.advisor_id, handoff.accepted_at = "accepted", advisor.id, now
    handoff.offered_to = handoff.offered_until = None
    conversation.owner, conversation.advisor_id = "advisor", advisor.id
    conversation.epoch += 1
    text = say(conversation.locale, "advisor_joined", name=advisor.name)
    notice = Draft("system", text, kind="notice", author_name=advisor.name)
    message = await append(session, services.channels, conversation, notice, now)
    session.add(_audit(services, advisor, "handoff_accepted", handoff.id))
    await record(services, session, handoff, "accepted")
    return message


async def decline(services: Services, handoff_id: str, advisor: User) -> Json:
    """The advisor does not take what is offered to them: it goes to the next one. Again: the same answer."""
    async with services.db.write() as session:
        found = await _find(session, handoff_id)
        conversation = await lock_conversation(session, found.conversation_id)
        handoff = await _find(session, handoff_id, lock=True)
        notes: list[Message] = []
        passed = None
        if handoff.status == "offered" and handoff.offered_to == advisor.id:
            await withdraw(services, session, handoff, "declined")
            notes, passed = await declined(services, session, conversation, handoff, advisor)
        elif advisor.id not in handoff.declined_by:
            raise Refusal("not_offered_to_you", 409)
        answer = {"handoff_id": handoff.id, "status": handoff.status}
    tell_desk(services, notes)
    if passed is not None:
        tell(services, passed.by_id, "transfer_declined", by=advisor.name, handoff_id=handoff_id)
    notify.state_changed(services, conversation)
    return answer


async def _refuse_taken(session: AsyncSession, handoff: Handoff, advisor: User) -> None:
    if handoff.status == "accepted" and handoff.advisor_id == advisor.id:
        return
    if handoff.status == "accepted":
        winner = await session.get_one(User, handoff.advisor_id)
        raise Refusal("already_taken", 409, extra={"name": winner.name}, name=winner.name)
    raise Refusal("handoff_over", 409)


async def reply(
    services: Services, conversation_id: str, advisor: User, client_message_id: str, text: str
) -> tuple[Message, bool]:
    """The advisor's message, stored once; and whether it is new. ``Refusal`` (403) unless they own the conversation."""
    if not text.replace("\x00", "").strip():
        raise Refusal("empty_message", 422)
    if len(text) > services.settings.max_message_chars:
        raise Refusal("message_too_long", 413, limit=services.settings.max_message_chars)
    draft = Draft("advisor", text.replace("\x00", "").strip())
    return await say_once(services, conversation_id, advisor, client_message_id, draft)


async def release(
    services: Services, handoff_id: str, advisor: User, outcome: str, closing: Closing | None = None
) -> Json:
    """Gives the conversation back to the assistant, which says so and asks for a rating. Again: the same answer."""
    if outcome not in OUTCOMES:
        raise Refusal("bad_outcome", 422)
    async with services.db.write() as session:
        found = await _find(session, handoff_id)
        conversation = await lock_conversation(session, found.conversation_id)
        handoff = await _find(session, handoff_id, lock=True)
        if handoff.advisor_id != advisor.id:
            raise Refusal("not_your_conversation", 403)
        if handoff.status != "accepted":
            return {"handoff_id": handoff.id, "status": handoff.status, "outcome": handoff.outcome}
        notes = await before_release(services, session, conversation, handoff, advisor, closing or Closing())
        messages = await release_within(services, session, conversation, handoff, advisor, outcome)
    tell_desk(services, notes)
    notify.told(services, conversation, messages)
    notify.state_changed(services, conversation)
    return {"handoff_id": handoff_id, "status": "released", "outcome": outcome}


async def release_within(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    handoff: Handoff,
    advisor: User,
    outcome: str,
) -> list[Message]:
    """The same inside the caller's transaction, which holds both, for one that is theirs; what the customer reads."""
    now = services.clock()
    handoff.status, handoff.outcome, handoff.ended_at = "released", outcome, now
    before = conversation.outcome
    conversation.outcome = outcome
    messages = await end_with_owner(services, session, conversation, advisor.name)
    promised = await settle_release(services, session, conversation, handoff, advisor, outcome)
    messages += [await append(session, services.channels, conversation, draft, now) for draft in promised]
    asks = outcome != "spam" and not await is_rated_elsewhere(session, handoff)
    notice = _released(services, conversation, advisor, asks=asks)
    messages.append(await _give_back(services, session, conversation, notice, now))
    await after_release(session, conversation, handoff, messages[-1], before)
    session.add(_audit(services, advisor, "handoff_released", handoff.id, outcome))
    await record(services, session, handoff, "released", details={"outcome": outcome})
    return messages


def _released(services: Services, conversation: Conversation, advisor: User, *, asks: bool) -> Draft:
    assistant = services.service.brand.assistant_name
    text = say(conversation.locale, "bot_is_back", name=advisor.name, assistant=assistant)
    data = {"rating_requested": True} if asks else {}
    return Draft("system", text, kind="notice", data=data)


async def _give_back(
    services: Services, session: AsyncSession, conversation: Conversation, notice: Draft, now: datetime
) -> Message:
    conversation.owner, conversation.advisor_id = "bot", None
    conversation.epoch += 1
    return await append(session, services.channels, conversation, notice, now)
