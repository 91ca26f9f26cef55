"""A supervisor decides whose a conversation is."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft, append
from bot.db.models import WAITING, Conversation, Handoff, Message
from bot.db.people import User
from bot.errors import Refusal
from bot.handoff.events import record
from bot.handoff.notes import add_note
from bot.handoff.presence import is_there
from bot.handoff.snooze import end_snooze
from bot.handoff.taking_part import locked, tell
from bot.handoff.transfer import (
    Passing,
    answer_of,
    audit,
    detail_of,
    details_of,
    end_standing,
    is_done,
    passed,
    target_of,
    tell_all,
    to_the_queue,
)
from bot.services import Services
from bot.texts import say

Json = dict[str, Any]


async def assign(services: Services, handoff_id: str, supervisor: User, wish: Passing) -> Json:
    """Gives a waiting or accepted conversation to an advisor, at once if they are there. Again: the same answer."""
    note = wish.said
    async with services.db.write() as session:
        conversation, handoff = await locked(session, handoff_id)
        if handoff.status == "accepted" and handoff.advisor_id == wish.to_user:
            return answer_of(handoff)
        if handoff.status != "accepted" and handoff.status not in WAITING:
            raise Refusal("handoff_over", 409)
        if wish.anyway and await is_done(session, handoff, supervisor, wish):
            return answer_of(handoff)
        target = await target_of(services, session, handoff, wish)
        if target is None:
            raise Refusal("bad_transfer", 422)
        await end_standing(session, handoff)
        giver = await session.get(User, handoff.advisor_id) if handoff.advisor_id else None
        row = passed(session, handoff, "assign", supervisor, wish, services.clock())
        notice = await _assigned(services, session, conversation, handoff, target, giver)
        details = details_of(wish)
        await record(services, session, handoff, "transferred", advisor_id=giver.id if giver else None, details=details)
        if handoff.status == "accepted":
            await record(services, session, handoff, "accepted")
        row.came_to = "taken" if handoff.status == "accepted" else "queued"
        await end_snooze(session, handoff_id, "moved", services.clock())
        notes = [await add_note(services, session, conversation, supervisor, note, kind="transfer")] if note else []
        session.add(audit(services, supervisor, "handoff_assigned", handoff_id, detail_of(wish)))
    tell_all(services, conversation, [notice], notes)
    tell(services, target.id, "assigned", by=supervisor.name, handoff_id=handoff_id)
    if giver is not None:
        tell(services, giver.id, "reassigned", by=supervisor.name, handoff_id=handoff_id)
    return answer_of(handoff)


async def _assigned(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    handoff: Handoff,
    target: User,
    giver: User | None,
) -> Message:
    """Theirs at once; who is not there would keep the customer waiting, so that it is queued for them instead."""
    now = services.clock()
    to_the_queue(handoff, conversation, target, giver, now)
    if is_there(services, target):
        handoff.status, handoff.advisor_id, handoff.accepted_at = "accepted", target.id, now
        conversation.owner, conversation.advisor_id = "advisor", target.id
    is_theirs = handoff.status == "accepted"
    key = ("assigned_from" if giver else "advisor_joined") if is_theirs else "assigned_absent"
    text = say(conversation.locale, key, name=target.name, giver=giver.name if giver else "")
    notice = Draft("system", text, kind="notice", author_name=target.name if is_theirs else None)
    return await append(session, services.channels, conversation, notice, now)
