"""Groups: what is said there is read by others, so the assistant declines, once, and leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import telegram

from bot.channels.telegram.api import Api
from bot.db.telegram import TelegramChat
from bot.errors import NeighbourError
from bot.services import Services
from bot.texts import LOCALES, say


async def refuse_group(services: Services, api: Api, update: telegram.Update) -> None:
    """Says why, the first time; leaves each time. Raises ``NeighbourError`` when Telegram is away."""
    chat, member = update.effective_chat, update.my_chat_member
    if chat is None or (member is not None and member.new_chat_member.status in ("kicked", "left")):
        return
    async with services.db.read() as session:
        known = await session.get(TelegramChat, chat.id)
    if known is None or known.refused_at is None:
        code = (update.effective_user.language_code or "")[:2] if update.effective_user else ""
        locale = code if code in LOCALES else services.service.brand.languages[0]
        brand = services.service.brand
        text = say(locale, "telegram_group", assistant=brand.assistant_name, brand=brand.name)
        await _unless_gone(api, chat.id, lambda bot: bot.send_message(chat.id, text))
        async with services.db.write() as session:
            row = await session.get(TelegramChat, chat.id) or TelegramChat(chat_id=chat.id)
            row.refused_at = services.clock()
            session.add(row)
    await _unless_gone(api, chat.id, lambda bot: bot.leave_chat(chat.id))


async def _unless_gone(api: Api, chat_id: int, call: Callable[[telegram.Bot], Awaitable[object]]) -> None:
    try:
        await api.ask(chat_id, call)
    except NeighbourError as error:
        if not error.permanent:
            raise
