"""Who takes part in a conversation beside its owner: invited colleagues, and supervisors who listen or join."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, lock_conversation
from bot.db.models import WAITING, Conversation, Handoff
from bot.db.people import AuditEntry, User
from bot.db.together import Looker
from bot.errors import Refusal
from bot.live import DESK
from bot.rights import may
from bot.services import Services
from bot.texts import say

Json = dict[str, Any]
_MORE = {"invited": 0, "listening": 0, "joined": 1}  # a role gives way to none that may do less


async def locked(session: AsyncSession, handoff_id: str) -> tuple[Conversation, Handoff]:
    """Both, held until the transaction ends: the conversation first, as everywhere."""
    found = await session.get(Handoff, handoff_id)
    if found is None:
        raise Refusal("unknown_handoff", 404)
    conversation = await lock_conversation(session, found.conversation_id)
    return conversation, await session.get_one(Handoff, handoff_id, with_for_update=True, populate_existing=True)


async def accepted(session: AsyncSession, handoff_id: str, user: User) -> tuple[Conversation, Handoff]:
    """A conversation that an advisor has, for them or a supervisor. Raises ``Refusal`` (403, 404, 409)."""
    conversation, handoff = await locked(session, handoff_id)
    must_steer(handoff, user)
    if handoff.status != "accepted":
        raise Refusal("handoff_not_yours_yet" if handoff.status in WAITING else "handoff_over", 409)
    return conversation, handoff


def must_steer(handoff: Handoff, user: User) -> None:
    """Raises ``Refusal`` (403) unless it is theirs, or they may steer what is anybody's."""
    if handoff.advisor_id != user.id and not may(user.role, "supervise"):
        raise Refusal("not_your_conversation", 403)


async def colleague(session: AsyncSession, user_id: str) -> User:
    """Somebody who may talk to customers. Raises ``Refusal`` (422)."""
    user = await session.get(User, user_id)
    if user is None or user.status != "active" or not may(user.role, "converse"):
        raise Refusal("unknown_colleague", 422)
    return user


async def role_of(session: AsyncSession, handoff: Handoff, user: User) -> str | None:
    """owner, joined, listening, invited or supervisor; None for whom it is not."""
    if handoff.advisor_id == user.id:
        return "owner"
    looker = await session.get(Looker, (handoff.id, user.id))
    if looker is not None and looker.left_at is None:
        return looker.role
    return "supervisor" if may(user.role, "supervise") else None


async def has_joined(session: AsyncSession, conversation: Conversation, user: User) -> bool:
    """Whether a supervisor replies beside the owner."""
    query = (
        select(Looker.role)
        .join(Handoff, Handoff.id == Looker.handoff_id)
        .where(Handoff.conversation_id == conversation.id, Handoff.status == "accepted")
        .where(Looker.user_id == user.id, Looker.role == "joined", Looker.left_at.is_(None))
    )
    if conversation.owner != "advisor" or not may(user.role, "supervise"):
        return False
    return (await session.execute(query)).first() is not None


async def may_reply(session: AsyncSession, conversation: Conversation, user: User) -> bool:
    """Whether the customer hears them: the owner, or a supervisor who joined."""
    is_owner = conversation.owner == "advisor" and conversation.advisor_id == user.id
    return is_owner or await has_joined(session, conversation, user)


async def people_of(session: AsyncSession, handoffs: Iterable[str]) -> dict[str, list[Json]]:
    """``[{id, name, role}]`` of each handoff, its owner not among them."""
    query = (
        select(Looker, User.name)
        .join(User, User.id == Looker.user_id)
        .join(Handoff, Handoff.id == Looker.handoff_id)
        .where(Looker.handoff_id.in_(list(handoffs)), Looker.left_at.is_(None))
        .where(Handoff.advisor_id.is_(None) | (Handoff.advisor_id != Looker.user_id))
        .order_by(Looker.since)
    )
    found: dict[str, list[Json]] = {}
    for row, name in (await session.execute(query)).all():
        found.setdefault(row.handoff_id, []).append({"id": row.user_id, "name": name, "role": row.role})
    return found


async def let_in(
    services: Services, session: AsyncSession, handoff: Handoff, user_id: str, role: str, invited_by: str | None
) -> bool:
    """Within the caller's transaction; whether anything changed."""
    now = services.clock()
    row = await session.get(Looker, (handoff.id, user_id))
    if row is None:
        row = Looker(handoff_id=handoff.id, user_id=user_id, conversation_id=handoff.conversation_id)
        session.add(row)
    elif row.left_at is None and (row.role == role or _MORE[row.role] > _MORE[role]):
        return False
    row.role, row.invited_by, row.since, row.left_at = role, invited_by, now, None
    return True


def tell(services: Services, user_id: str | None, word: str, **values: str) -> None:
    """A word to one person's desk; the record says the same for who does not hear it."""
    if user_id is not None:
        services.live.publish(DESK, {"type": "word", "to": user_id, "word": word, **values})


async def invite(services: Services, handoff_id: str, host: User, user_id: str) -> Json:
    """Asks a colleague to look on. Again: the same answer, and nobody is rung twice."""
    async with services.db.write() as session:
        conversation, handoff = await accepted(session, handoff_id, host)
        guest = await colleague(session, user_id)
        if guest.id == handoff.advisor_id:
            raise Refusal("theirs_already", 422, name=guest.name)
        is_new = await let_in(services, session, handoff, guest.id, "invited", host.id)
        if is_new:
            session.add(_audit(services, host, "colleague_invited", handoff_id, guest.id))
        await session.flush()
        people = (await people_of(session, [handoff_id])).get(handoff_id, [])
    if is_new:
        tell(services, guest.id, "invited", by=host.name, handoff_id=handoff_id)
        notify.state_changed(services, conversation)
    return {"handoff_id": handoff_id, "people": people}


async def watch(services: Services, handoff_id: str, supervisor: User, role: str) -> Json:
    """A supervisor listens, or joins: the advisor sees it, the audit keeps it, and who joins is announced."""
    messages = []
    async with services.db.write() as session:
        conversation, handoff = await accepted(session, handoff_id, supervisor)
        if handoff.advisor_id == supervisor.id:
            raise Refusal("theirs_already", 422, name=supervisor.name)
        is_new = await let_in(services, session, handoff, supervisor.id, role, None)
        if is_new:
            session.add(_audit(services, supervisor, f"conversation_{role}", handoff_id))
        if is_new and role == "joined":
            text = say(conversation.locale, "supervisor_joined", name=supervisor.name)
            notice = Draft("system", text, kind="notice", author_name=supervisor.name)
            messages.append(await append(session, services.channels, conversation, notice, services.clock()))
        await session.flush()
        people = (await people_of(session, [handoff_id])).get(handoff_id, [])
        owner = handoff.advisor_id
    if is_new:
        tell(services, owner, role, by=supervisor.name, handoff_id=handoff_id)
        notify.told(services, conversation, messages)
        notify.state_changed(services, conversation)
    return {"handoff_id": handoff_id, "people": people}


async def leave(services: Services, handoff_id: str, user: User) -> Json:
    """Whoever looked on does not any more; the customer is told of one who replied."""
    messages = []
    async with services.db.write() as session:
        conversation, handoff = await locked(session, handoff_id)
        row = await session.get(Looker, (handoff_id, user.id))
        is_gone = row is None or row.left_at is not None
        if row is not None and row.left_at is None:
            row.left_at = services.clock()
            session.add(_audit(services, user, "conversation_left", handoff_id, row.role))
        if row is not None and not is_gone and row.role == "joined" and handoff.status == "accepted":
            text = say(conversation.locale, "supervisor_left", name=user.name)
            notice = Draft("system", text, kind="notice")
            messages.append(await append(session, services.channels, conversation, notice, services.clock()))
    if not is_gone:
        notify.told(services, conversation, messages)
        notify.state_changed(services, conversation)
    return {"handoff_id": handoff_id}


def _audit(services: Services, user: User, action: str, target: str, detail: str | None = None) -> AuditEntry:
    return AuditEntry(at=services.clock(), actor_id=user.id, action=action, target=target, detail=detail)
