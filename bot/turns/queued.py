"""What is said to who waits for an advisor where no article answers: their place, or that their words are kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft
from bot.conversations.state import open_handoff
from bot.db.models import WAITING, Message
from bot.handoff.floor import wait_of
from bot.services import Services
from bot.texts import say
from bot.turns.claim import Claimed
from bot.when import opening_sentence

_ADDED = "added"  # in the data of the message that says that words are kept
_SAID_LATELY = timedelta(minutes=1)


async def place_again(services: Services, claimed: Claimed, locale: str) -> list[Draft]:
    """Where their request stands; nothing if it does not wait any more."""
    async with services.db.read() as session:
        handoff = await open_handoff(session, claimed.conversation.id)
        if handoff is None or handoff.status not in WAITING:
            return []
        if handoff.contact["mode"] != "chat":
            text = say(locale, "waiting_call")
        elif not services.service.is_open(services.clock()):
            opening = opening_sentence(services.service, locale, services.clock())
            text = say(locale, "waiting_closed", opening=opening)
        else:
            place = (await wait_of(services, session, handoff, locale)).position
            text = say(locale, "waiting_first" if place == 1 else "waiting_place", place=place)
    return [Draft("bot", text, author_name=services.service.brand.assistant_name)]


async def added(services: Services, session: AsyncSession, message: Message, locale: str) -> list[Draft]:
    """That what they wrote is with their request; not again when that is what they were told just now."""
    query = (
        select(Message)
        .where(Message.conversation_id == message.conversation_id, Message.internal.is_(False))
        .where(Message.author != "customer")
        .order_by(Message.seq.desc())
        .limit(1)
    )
    last = (await session.execute(query)).scalar_one_or_none()
    if last is not None and _ADDED in last.data and services.clock() - last.created_at < _SAID_LATELY:
        return []
    text = say(locale, "waiting_added")
    return [Draft("bot", text, author_name=services.service.brand.assistant_name, data={_ADDED: True})]
