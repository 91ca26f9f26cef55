"""What we know of a chat, and what the assistant says in one beside its turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from bot import notify
from bot.channels.protocol import Sender
from bot.channels.telegram.rendering import Button
from bot.conversations.messages import Draft, append, lock_conversation
from bot.conversations.receive import already_there
from bot.conversations.state import open_handoff
from bot.db.models import Conversation, Message
from bot.db.telegram import TelegramChat, TelegramMessage
from bot.db.types import new_id
from bot.services import Services
from bot.texts import say

# In a message's data: buttons that only this channel has.
BUTTONS = "telegram_buttons"


@dataclass(frozen=True)
class Person:
    """Who an update is from. ``locale``: what they chose here, or the language of their Telegram."""

    update_id: int
    chat_id: int
    sender: Sender
    locale: str

    def key(self, what: str = "") -> str:
        """The id under which something that comes of this update is kept, once."""
        return f"{self.update_id}:{what}" if what else str(self.update_id)


async def chat_of(services: Services, chat_id: int) -> TelegramChat | None:
    """What we know of a chat."""
    async with services.db.read() as session:
        return await session.get(TelegramChat, chat_id)


async def note_chat(services: Services, chat_id: int, customer_id: str) -> None:
    """Somebody wrote from this chat: it is theirs, and they have not blocked us."""
    known = await chat_of(services, chat_id)
    if known is not None and known.customer_id == customer_id and known.blocked_at is None:
        return
    async with services.db.write() as session:
        row = await session.get(TelegramChat, chat_id)
        if row is None:
            row = TelegramChat(chat_id=chat_id)
            session.add(row)
        row.customer_id, row.blocked_at = customer_id, None


async def note_message(services: Services, ours: Message, part: int, telegram_id: int) -> None:
    """Which message of the chat shows this part of ours, once: it may come again, be edited, or be sent again."""
    query = select(TelegramMessage.id).where(TelegramMessage.message_id == ours.id, TelegramMessage.part == part)
    async with services.db.write() as session:
        if (await session.execute(query)).first() is None:
            row = TelegramMessage(
                id=new_id(),
                conversation_id=ours.conversation_id,
                message_id=ours.id,
                part=part,
                telegram_id=telegram_id,
            )
            session.add(row)


async def choose_language(services: Services, chat_id: int, conversation_id: str, locale: str) -> None:
    """From now on the conversation goes on in this language, and later ones begin in it."""
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        conversation.locale = locale
        row = await session.get(TelegramChat, chat_id)
        if row is not None:
            row.locale = locale


async def blocked(services: Services, chat_id: int, conversation_id: str | None) -> None:
    """The person blocked us: kept with the chat, and told to whoever has the conversation."""
    async with services.db.write() as session:
        # The conversation is locked first, as everywhere: two orders of locking could wait for each other.
        conversation = await lock_conversation(session, conversation_id) if conversation_id else None
        row = await session.get(TelegramChat, chat_id)
        if row is None or row.blocked_at is not None:
            return
        row.blocked_at = services.clock()
        if conversation is None or await open_handoff(session, conversation.id) is None:
            return
        text = say(services.service.brand.languages[0], "note_undelivered_blocked")
        note = Draft("system", text, "notice", internal=True, told_rasa=True, data={"undelivered": "blocked"})
        message = await append(session, services.channels, conversation, note, services.clock())
    notify.told(services, conversation, [message])


async def unblocked(services: Services, chat_id: int) -> None:
    """They let us write again."""
    async with services.db.write() as session:
        row = await session.get(TelegramChat, chat_id)
        if row is not None:
            row.blocked_at = None


async def tell(
    services: Services,
    conversation_id: str,
    text: str,
    key: str,
    buttons: Sequence[Sequence[Button]] = (),
    author: str = "system",
) -> Message:
    """Says something of the channel's own in the conversation, in its order and once; Rasa need not know."""
    shown = [[[each.title, each.data] for each in row] for row in buttons]
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        known = await already_there(session, conversation_id, key)
        if known is not None:
            return known
        name = services.service.brand.assistant_name if author == "bot" else None
        data = {BUTTONS: shown} if shown else {}
        kind = "text" if author == "bot" else "notice"
        draft = Draft(author, text, kind, name, data, told_rasa=True, client_message_id=key)
        message = await append(session, services.channels, conversation, draft, services.clock())
    notify.told(services, conversation, [message])
    return message


async def locale_of(services: Services, conversation: Conversation) -> str:
    """The conversation's language as it is now."""
    async with services.db.read() as session:
        row = await session.get(Conversation, conversation.id)
    return row.locale if row is not None else conversation.locale
