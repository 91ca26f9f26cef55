"""Passing a conversation on: an advisor to a colleague or a team, a supervisor to whom they choose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append
from bot.db.models import WAITING, Conversation, Handoff, Message
from bot.db.people import AuditEntry, User
from bot.db.together import Transfer
from bot.errors import Refusal
from bot.handoff.events import record
from bot.handoff.notes import add_note, tell_desk
from bot.handoff.presence import is_there
from bot.handoff.snooze import end_snooze
from bot.handoff.taking_part import accepted, colleague, locked, tell
from bot.services import Services
from bot.texts import say

Json = dict[str, Any]
_HEAD_OF_THE_QUEUE = timedelta(days=1)
_LONGEST_NOTE = 2000


@dataclass(frozen=True)
class Passing:
    """To whom, or to which team; ``anyway``: although they are not there to take it."""

    to_user: str | None = None
    to_skill: str | None = None
    note: str | None = None
    anyway: bool = False

    @property
    def said(self) -> str:
        """The note without what no database stores; empty when there is none. Raises ``Refusal`` (413)."""
        said = (self.note or "").replace("\x00", "").strip()
        if len(said) > _LONGEST_NOTE:
            raise Refusal("message_too_long", 413, limit=_LONGEST_NOTE)
        return said


def takes_now(services: Services, user: User) -> bool:
    """Whether an offer to them would be seen and kept."""
    return user.presence == "available" and is_there(services, user)


async def transfer(services: Services, handoff_id: str, actor: User, wish: Passing) -> Json:
    """Offers it to a colleague first, or queues it for a team, at the queue's head. Again: the same answer."""
    if (wish.to_user is None) == (wish.to_skill is None):
        raise Refusal("bad_transfer", 422)
    note = wish.said
    async with services.db.write() as session:
        conversation, handoff = await locked(session, handoff_id)
        if await is_done(session, handoff, actor, wish):
            return answer_of(handoff)
        await accepted(session, handoff_id, actor)
        target = await target_of(services, session, handoff, wish)
        await end_standing(session, handoff)
        giver = await session.get_one(User, handoff.advisor_id)
        now = services.clock()
        row = passed(session, handoff, "transfer", actor, wish, now)
        to_the_queue(handoff, conversation, target, giver, now)
        if wish.to_skill is not None:
            handoff.skill = wish.to_skill
        await record(services, session, handoff, "transferred", advisor_id=giver.id, details=details_of(wish))
        if target is not None and takes_now(services, target):
            await offer(services, session, handoff, target)
        else:
            row.came_to = "queued"
        await end_snooze(session, handoff_id, "moved", now)
        notes = [await add_note(services, session, conversation, actor, note, kind="transfer")] if note else []
        notice = await _announce(services, session, conversation, giver, target, wish.to_skill)
        session.add(audit(services, actor, "handoff_transferred", handoff_id, detail_of(wish)))
    tell_all(services, conversation, [notice], notes)
    if actor.id != giver.id:
        tell(services, giver.id, "reassigned", by=actor.name, handoff_id=handoff_id)
    return answer_of(handoff)


def answer_of(handoff: Handoff) -> Json:
    """What a call answers."""
    return {"handoff_id": handoff.id, "status": handoff.status, "offered_to": handoff.offered_to}


def details_of(wish: Passing) -> Json:
    """To whom, for an outside desk."""
    return {"to_advisor": wish.to_user} if wish.to_user else {"to_skill": wish.to_skill}


def detail_of(wish: Passing) -> str:
    """To whom, for the audit."""
    return f"user:{wish.to_user}" if wish.to_user else f"skill:{wish.to_skill}"


async def is_done(session: AsyncSession, handoff: Handoff, actor: User, wish: Passing) -> bool:
    """Whether this call was carried out before and the conversation has not come back since."""
    last = await _last(session, handoff.id)
    same = last is not None and (last.by_id, last.to_user, last.to_skill) == (actor.id, wish.to_user, wish.to_skill)
    return same and handoff.advisor_id != actor.id and (handoff.status in WAITING or handoff.advisor_id == wish.to_user)


async def _last(session: AsyncSession, handoff_id: str) -> Transfer | None:
    query = select(Transfer).where(Transfer.handoff_id == handoff_id).order_by(Transfer.at.desc(), Transfer.id)
    return (await session.execute(query.limit(1))).scalar_one_or_none()


async def target_of(services: Services, session: AsyncSession, handoff: Handoff, wish: Passing) -> User | None:
    """The person meant, None for a team. Raises ``Refusal`` (409, 422)."""
    if wish.to_user is None:
        if services.service.skill(wish.to_skill or "") is None:
            raise Refusal("unknown_skill", 422)
        return None
    target = await colleague(session, wish.to_user)
    if target.id == handoff.advisor_id:
        raise Refusal("theirs_already", 422, name=target.name)
    if not takes_now(services, target) and not wish.anyway:
        raise _not_there(services, target)
    return target


def _not_there(services: Services, target: User) -> Refusal:
    presence = target.presence if is_there(services, target) else "offline"
    return Refusal("not_there", 409, extra={"name": target.name, "presence": presence}, name=target.name)


async def end_standing(session: AsyncSession, handoff: Handoff) -> None:
    """A transfer before this one has come to its end."""
    standing = update(Transfer).where(Transfer.handoff_id == handoff.id, Transfer.came_to.is_(None))
    await session.execute(standing.values(came_to="taken" if handoff.status == "accepted" else "by_another"))


def passed(session: AsyncSession, handoff: Handoff, kind: str, actor: User, wish: Passing, now: datetime) -> Transfer:
    """Notes it within the caller's transaction."""
    row = Transfer(
        handoff_id=handoff.id,
        conversation_id=handoff.conversation_id,
        kind=kind,
        by_id=actor.id,
        from_id=handoff.advisor_id,
        to_user=wish.to_user,
        to_skill=wish.to_skill,
        at=now,
    )
    session.add(row)
    return row


def to_the_queue(
    handoff: Handoff, conversation: Conversation, target: User | None, giver: User | None, now: datetime
) -> None:
    """At its head: this customer has waited once already. Who passed it on is asked last."""
    handoff.status, handoff.advisor_id, handoff.accepted_at = "requested", None, None
    handoff.offered_to = handoff.offered_until = handoff.overflow_rule = None
    handoff.queue_at, handoff.preferred_id = now - _HEAD_OF_THE_QUEUE, target.id if target else None
    handoff.declined_by = [giver.id] if giver else []
    conversation.owner, conversation.advisor_id = "queue", None
    conversation.epoch += 1


async def offer(services: Services, session: AsyncSession, handoff: Handoff, user: User) -> None:
    """To this person, with the deadline that any offer has."""
    now = services.clock()
    deadline = timedelta(seconds=services.service.handoff.offer_deadline_seconds)
    handoff.status, handoff.offered_to, handoff.offered_until = "offered", user.id, now + deadline
    handoff.overflow = False
    session.add(AuditEntry(at=now, actor_id=user.id, action="handoff_offered", target=handoff.id))
    await record(services, session, handoff, "offered")


async def _announce(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    giver: User,
    target: User | None,
    skill: str | None,
) -> Message:
    locale = conversation.locale
    if target is not None:
        key = "transfer_to_person" if takes_now(services, target) else "transfer_to_absent"
        text = say(locale, key, giver=giver.name, name=target.name)
    else:
        team = services.service.skill(skill or "")
        text = say(locale, "transfer_to_team", giver=giver.name, team=team.label.in_locale(locale) if team else skill)
    notice = Draft("system", text, kind="notice", author_name=giver.name)
    return await append(session, services.channels, conversation, notice, services.clock())


async def declined(
    services: Services, session: AsyncSession, conversation: Conversation, handoff: Handoff, advisor: User
) -> tuple[list[Message], Transfer | None]:
    """What a decline means for who had passed it on: a word, and what was theirs is offered to them again.

    What a supervisor passed on for somebody else stays at the queue's head, for whoever is there.
    """
    row = await _last(session, handoff.id)
    if row is None or row.came_to is not None or row.to_user != advisor.id:
        return [], None
    row.came_to = "declined"
    handoff.preferred_id = None
    giver = await session.get(User, row.by_id) if row.by_id == row.from_id else None
    if giver is not None and row.kind == "transfer" and takes_now(services, giver):
        handoff.declined_by, handoff.preferred_id = [advisor.id], giver.id
        await offer(services, session, handoff, giver)
    return [await fell_through(services, session, conversation, "note_transfer_declined", advisor)], row


async def fell_through(
    services: Services, session: AsyncSession, conversation: Conversation, key: str, advisor: User | None
) -> Message:
    """Says in the thread what became of a transfer; the desk reads it in the company's first language."""
    text = say(services.service.brand.languages[0], key, name=advisor.name if advisor else "?")
    return await add_note(services, session, conversation, None, text, kind="transfer")


def tell_all(services: Services, conversation: Conversation, messages: list[Message], notes: list[Message]) -> None:
    """After the transaction: notes at the desk alone, messages everywhere."""
    tell_desk(services, notes)
    notify.told(services, conversation, messages)
    notify.state_changed(services, conversation)


def audit(services: Services, user: User, action: str, target: str, detail: str | None = None) -> AuditEntry:
    """An entry of the audit."""
    return AuditEntry(at=services.clock(), actor_id=user.id, action=action, target=target, detail=detail)


async def history(session: AsyncSession, handoff_id: str) -> list[Json]:
    """``[{at, kind, by, from, to, skill, came_to}]`` in order; names of colleagues, no note."""
    found = await session.execute(
        select(Transfer).where(Transfer.handoff_id == handoff_id).order_by(Transfer.at, Transfer.id)
    )
    rows = found.scalars().all()
    ids = {name for row in rows for name in (row.by_id, row.from_id, row.to_user) if name}
    users = (await session.execute(select(User.id, User.name).where(User.id.in_(ids)))).all() if ids else []
    names = {user.id: user.name for user in users}
    return [
        {
            "at": row.at.isoformat(),
            "kind": row.kind,
            "by": names.get(row.by_id),
            "from": names.get(row.from_id or ""),
            "to": names.get(row.to_user or ""),
            "skill": row.to_skill,
            "came_to": row.came_to,
        }
        for row in rows
    ]
