"""Who was told: noted once for each conversation of a run, in the transaction that tells them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, held_conversation
from bot.db.incidents import IncidentTold, IncidentUpdate
from bot.db.models import WAITING, Conversation, Handoff, Message
from bot.db.types import new_id
from bot.identity.links import circle
from bot.incidents.board import Active, in_locale
from bot.services import Services
from bot.texts import say

Json = dict[str, Any]
_AT_ONCE = 200
# A turn that read the clock before news went out may note whom it told a little after.
SETTLED = timedelta(seconds=30)


async def how_told(session: AsyncSession, run_id: str, conversation_id: str) -> str | None:
    """How this conversation knows of it, if it does."""
    mine = (IncidentTold.run_id == run_id) & (IncidentTold.conversation_id == conversation_id)
    return (await session.execute(select(IncidentTold.how).where(mine))).scalar_one_or_none()


async def note_told(session: AsyncSession, run_id: str, conversation_id: str, how: str, now: datetime) -> bool:
    """Notes it under the lock of the conversation; False when it was told before. What was news before is known."""
    mine = (IncidentTold.run_id == run_id) & (IncidentTold.conversation_id == conversation_id)
    known = (await session.execute(select(IncidentTold).where(mine))).scalar_one_or_none()
    if known is not None:
        # Beside a task they had the notice only; now they have it all.
        known.how = how if known.how == "beside" else known.how
        return False
    sent = select(func.max(IncidentUpdate.number)).where(IncidentUpdate.run_id == run_id, IncidentUpdate.send_at <= now)
    news = (await session.execute(sent)).scalar_one() or 0
    row = IncidentTold(id=new_id(), run_id=run_id, conversation_id=conversation_id, how=how, at=now, news=news)
    session.add(row)
    return True


def told_of(messages: Iterable[Message]) -> list[Json]:
    """What the handoff context says of incidents: ``[{incident_id, run_id, name, told_at}]``."""
    told = [message for message in messages if "incident" in message.data]
    return [message.data["incident"] | {"told_at": message.created_at.isoformat()} for message in told]


async def waiting_for(session: AsyncSession, incident: Active) -> list[str]:
    """Conversations that wait in the queue about it and were not told; never one that a danger topic brought there."""
    told = select(IncidentTold.conversation_id).where(IncidentTold.run_id == incident.run_id)
    question = Handoff.context["why"]["question"].as_string()
    query = (
        select(Handoff.conversation_id, Handoff.topic, question, Conversation.locale)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Handoff.status.in_(WAITING), Conversation.owner == "queue", Handoff.reason != "sensitive_topic")
        .where(Conversation.id.not_in(told))
        .order_by(Handoff.queue_at)
    )
    rows = (await session.execute(query)).all()
    return [
        conversation_id
        for conversation_id, topic, asked, locale in rows
        if topic in incident.topics or incident.speaks_of(asked or "", locale)
    ]


async def tell_queue(services: Services, incident: Active) -> int:
    """Tells everybody who waits about it, in place and once; how many."""
    async with services.db.read() as session:
        waiting = await waiting_for(session, incident)
    return sum([await _tell_waiting(services, incident, one) for one in waiting[:_AT_ONCE]])


async def _tell_waiting(services: Services, incident: Active, conversation_id: str) -> bool:
    now = services.clock()
    async with services.db.write() as session:
        conversation = await held_conversation(session, conversation_id)
        if conversation is None:  # erased meanwhile
            return False
        still = await session.execute(
            select(Handoff.id).where(Handoff.conversation_id == conversation_id, Handoff.status.in_(WAITING))
        )
        if conversation.owner != "queue" or still.first() is None:
            return False
        if not await note_told(session, incident.run_id, conversation_id, "queued", now):
            return False
        text = say(conversation.locale, "incident_queue", text=in_locale(incident.answer, conversation.locale))
        draft = Draft("system", text, "notice", data=incident.mark)
        message = await append(session, services.channels, conversation, draft, now)
    notify.told(services, conversation, [message])
    return True


async def send_news(services: Services, update: IncidentUpdate) -> bool:
    """Sends news to those who were told before it; whether everybody has it, who was told in the last moment too."""
    is_settled = services.clock() > update.send_at + SETTLED
    mine = (IncidentTold.run_id == update.run_id) & (IncidentTold.news < update.number)
    query = select(IncidentTold.conversation_id).where(mine, IncidentTold.at <= update.send_at)
    async with services.db.read() as session:
        due = list((await session.execute(query.order_by(IncidentTold.at.desc()).limit(_AT_ONCE))).scalars())
    for conversation_id in due:
        await _tell_news(services, update, conversation_id)
    return not due and is_settled


async def _tell_news(services: Services, update: IncidentUpdate, conversation_id: str) -> None:
    now = services.clock()
    async with services.db.write() as session:
        conversation = await held_conversation(session, conversation_id)
        if conversation is None:  # erased meanwhile
            return
        mine = (IncidentTold.run_id == update.run_id) & (IncidentTold.conversation_id == conversation_id)
        row = (await session.execute(select(IncidentTold).where(mine))).scalar_one_or_none()
        if row is None or row.news >= update.number:
            return
        row.news = update.number
        row.elsewhere = await _told_elsewhere(session, conversation, update)
        if row.elsewhere:
            return
        draft = Draft("system", in_locale(update.text, conversation.locale), "notice", data={"incident_news": True})
        message = await append(session, services.channels, conversation, draft, now)
    notify.told(services, conversation, [message])


async def _told_elsewhere(session: AsyncSession, conversation: Conversation, update: IncidentUpdate) -> bool:
    """Whether the same person has had this news in a later conversation of theirs: one telling is enough."""
    people = await circle(session, conversation.proven_customer_id or conversation.customer_id)
    query = (
        select(IncidentTold.id)
        .join(Conversation, Conversation.id == IncidentTold.conversation_id)
        .where(IncidentTold.run_id == update.run_id, IncidentTold.news >= update.number)
        .where(IncidentTold.elsewhere.is_(False), IncidentTold.conversation_id != conversation.id)
        .where(Conversation.customer_id.in_(people) | Conversation.proven_customer_id.in_(people))
    )
    return (await session.execute(query)).first() is not None
