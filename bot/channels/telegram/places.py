"""Who waits reads their place in one message, which is edited as the queue moves and closed when the wait is over."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.telegram.api import Api
from bot.channels.telegram.rendering import Part, keyboard, parts_of
from bot.db.channels import ChannelThread
from bot.db.models import WAITING, Conversation, Handoff, Message
from bot.db.people import User
from bot.db.telegram import TelegramPlace
from bot.errors import NeighbourError
from bot.handoff.floor import wait_of
from bot.services import Services
from bot.texts import say

LOOK_EVERY_SECONDS = 2.0
# In the data of the notice that tells the place: which request it is of.
QUEUED = "queued"
_log = structlog.get_logger()


@dataclass(frozen=True)
class _Shown:
    place: TelegramPlace
    chat_id: int
    text: str
    over: bool


async def text_of(services: Services, session: AsyncSession, handoff: Handoff, locale: str) -> str:
    """Where they stand now, or how the wait ended."""
    if handoff.status in WAITING:
        wait = await wait_of(services, session, handoff, locale)
        text = say(locale, "handoff_queued", place=wait.position)
        if handoff.reason == "sensitive_topic":
            text = f"{say(locale, 'handoff_sensitive')} {text}"
        minutes = round((wait.seconds or 0) / 60)
        return f"{text} {say(locale, 'telegram_wait', minutes=minutes)}" if minutes else text
    if handoff.status == "cancelled":
        return say(locale, "telegram_place_cancelled")
    advisor = await session.get(User, handoff.advisor_id) if handoff.advisor_id else None
    name = advisor.name if advisor else services.service.brand.name
    return say(locale, "telegram_place_over", name=name)


async def keep_place(services: Services, message: Message, telegram_id: int, text: str) -> None:
    """The notice of the queue was sent: from now on it is the one that is edited."""
    async with services.db.write() as session:
        row = await session.get(TelegramPlace, message.conversation_id)
        if row is None:
            row = TelegramPlace(conversation_id=message.conversation_id)
            session.add(row)
        row.handoff_id, row.telegram_id, row.shown = message.data[QUEUED], telegram_id, text


async def move_on(services: Services, api: Api) -> None:
    """Edits each place that is no longer what is shown. Of several processes one does it: the first to note it."""
    for each in await _moved(services):
        if not await _noted(services, each):
            continue
        message = {"author": "system", "text": each.text}
        (part, *_) = parts_of(message, "fr")
        try:
            await _edit(api, each, part)
        except NeighbourError as error:
            _log.info("telegram_place_not_moved", cause=error.code)
            if not error.permanent:
                await _forget_shown(services, each)
                continue
        if each.over:
            await _end(services, each)


async def _edit(api: Api, each: _Shown, part: Part) -> None:
    await api.edit(
        each.chat_id,
        lambda bot: bot.edit_message_text(
            part.html,
            each.chat_id,
            each.place.telegram_id,
            parse_mode="HTML",
            reply_markup=keyboard(part.rows),
        ),
    )


async def _moved(services: Services) -> list[_Shown]:
    query = (
        select(TelegramPlace, Handoff, Conversation.locale, ChannelThread.address)
        .join(Handoff, Handoff.id == TelegramPlace.handoff_id)
        .join(Conversation, Conversation.id == TelegramPlace.conversation_id)
        .join(ChannelThread, ChannelThread.conversation_id == TelegramPlace.conversation_id)
        .limit(500)
    )
    found = []
    async with services.db.read() as session:
        for place, handoff, locale, address in (await session.execute(query)).all():
            over = handoff.status not in WAITING
            # While nobody is there no place is told: it would stand still until the morning.
            if not over and not services.service.is_open(services.clock()):
                continue
            text = await text_of(services, session, handoff, locale)
            if text != place.shown:
                found.append(_Shown(place, int(address["chat_id"]), text, over))
    return found


async def _noted(services: Services, each: _Shown) -> bool:
    same = (TelegramPlace.conversation_id == each.place.conversation_id) & (TelegramPlace.shown == each.place.shown)
    async with services.db.write() as session:
        changed = await session.execute(update(TelegramPlace).where(same).values(shown=each.text))
    return bool(changed.rowcount)  # type: ignore[attr-defined]


async def _forget_shown(services: Services, each: _Shown) -> None:
    """Telegram did not take it: to be tried again at the next look."""
    same = (TelegramPlace.conversation_id == each.place.conversation_id) & (TelegramPlace.shown == each.text)
    async with services.db.write() as session:
        await session.execute(update(TelegramPlace).where(same).values(shown=""))


async def _end(services: Services, each: _Shown) -> None:
    async with services.db.write() as session:
        row = await session.get(TelegramPlace, each.place.conversation_id)
        if row is not None and row.handoff_id == each.place.handoff_id:
            await session.delete(row)
