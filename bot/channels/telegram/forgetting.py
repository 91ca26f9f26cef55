"""``/oublier``: all that was said here is erased, by the one function that erases a person."""

from __future__ import annotations

from contextlib import suppress

import telegram

from bot.channels.telegram.api import Api
from bot.channels.telegram.chats import Person, chat_of
from bot.erase import erase_customer
from bot.errors import Refusal
from bot.services import Services
from bot.texts import say


async def forget(services: Services, api: Api, person: Person) -> None:
    """Erases the person as this channel knows them, and says so. Again: nothing is left to erase, and it is said."""
    chat = await chat_of(services, person.chat_id)
    if chat is not None and chat.customer_id is not None:
        # Refused: it is done already, by another way.
        with suppress(Refusal):
            await erase_customer(services, chat.customer_id)
    text = say(person.locale, "telegram_forgotten", brand=services.service.brand.name)

    async def said(bot: telegram.Bot) -> object:
        # The conversation is gone, and the outbox with it: said directly, and again if Telegram is away.
        return await bot.send_message(person.chat_id, text)

    await api.ask(person.chat_id, said)
