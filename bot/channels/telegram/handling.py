"""One update: whom it is from, what it is, and what follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import telegram
from sqlalchemy import select

from bot.channels.door import Door
from bot.channels.protocol import Incoming, Sender
from bot.channels.telegram.api import Api
from bot.channels.telegram.chats import (
    Person,
    blocked,
    chat_of,
    locale_of,
    note_chat,
    note_message,
    tell,
    unblocked,
)
from bot.channels.telegram.commands import Commands, read_command
from bot.channels.telegram.groups import refuse_group
from bot.channels.telegram.inbox import Later
from bot.channels.telegram.media import has_file, is_unreadable, upload_of
from bot.channels.telegram.presses import Aside, Presses
from bot.channels.telegram.typing import Typing
from bot.db.channels import ChannelThread
from bot.db.models import Message
from bot.db.telegram import TelegramMessage
from bot.errors import NeighbourError, Refusal
from bot.texts import say

Json = dict[str, Any]
# What we ask Telegram for, and nothing else.
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
# Who keeps on writing too fast is told so once in that time.
_ONE_SPELL_SECONDS = 600
_TOO_OLD_TO_EDIT = timedelta(days=2)


def chat_id_of(payload: Json) -> int | None:
    """The chat that an update is about; nothing for one that is about none."""
    press = payload.get("callback_query")
    found = press.get("message") if isinstance(press, dict) else None
    if found is None:
        found = next((payload[kind] for kind in ALLOWED if kind != "callback_query" and kind in payload), None)
    chat = found.get("chat") if isinstance(found, dict) else None
    chat_id = chat.get("id") if isinstance(chat, dict) else None
    return chat_id if isinstance(chat_id, int) and not isinstance(chat_id, bool) else None


def _read(payload: Json, bot: telegram.Bot) -> telegram.Update:
    """Raises ``NeighbourError``, permanent, for one that the library cannot read: trying again would not help."""
    try:
        return telegram.Update.de_json(payload, bot)
    except Exception as error:
        # Whatever it raises over a shape that it does not know.
        raise NeighbourError("unreadable", type(error).__name__, permanent=True) from error


class Handling:
    """Handles updates one by one for a chat. An update may come again after a crash: nothing is done twice."""

    def __init__(self, door: Door, api: Api, typing: Typing, aside: Aside) -> None:
        self._door = door
        self._services = door.services
        self._api = api
        self._typing = typing
        self._commands = Commands(door)
        self._presses = Presses(door, api, aside)

    async def handle(self, payload: Json) -> None:
        """Raises ``Later`` when the person is too fast, ``NeighbourError`` when Telegram does not answer."""
        update = _read(payload, self._api.bot)
        chat = update.effective_chat
        if chat is None:
            return
        if chat.type != chat.PRIVATE:
            await refuse_group(self._services, self._api, update)
            return
        if update.my_chat_member is not None:
            await self._membership(update)
            return
        if update.effective_user is None:
            return
        person = await self._person(update)
        try:
            if update.callback_query is not None:
                await self._presses.pressed(person, update.callback_query)
            elif update.effective_message is not None:
                await self._message(person, update.effective_message, edited=update.edited_message is not None)
        except Refusal as refusal:
            if refusal.status == 429:
                await self._too_fast(person)
                raise Later(float(str(refusal.values.get("seconds", 5)))) from refusal
            await self._refused(person, refusal)

    async def give_up(self, payload: Json) -> None:
        """An update that could not be handled: the person learns that it did not come through."""
        chat_id = chat_id_of(payload)
        # A person's chat has the number of the person; those of groups are below zero.
        if chat_id is None or chat_id < 0 or "my_chat_member" in payload:
            return
        known = await chat_of(self._services, chat_id)
        sender = Sender(str(chat_id), {"chat_id": chat_id}, known.locale if known else None)
        person = Person(int(payload["update_id"]), chat_id, sender, self._door.locale(sender))
        await self._refused(person, Refusal("telegram_lost", 422))

    async def _person(self, update: telegram.Update) -> Person:
        chat, user = update.effective_chat, update.effective_user
        assert chat is not None  # noqa: S101  for the type checker: the caller looked
        assert user is not None  # noqa: S101
        known = await chat_of(self._services, chat.id)
        locale = (known.locale if known else None) or user.language_code
        sender = Sender(str(user.id), {"chat_id": chat.id}, locale)
        return Person(update.update_id, chat.id, sender, self._door.locale(sender))

    async def _too_fast(self, person: Person) -> None:
        """Said once for all that waits: nothing of it is lost, it is read in its order a little later."""
        conversation = await self._door.conversation(person.sender)
        text = say(await locale_of(self._services, conversation), "telegram_too_fast")
        spell = int(self._services.clock().timestamp() // _ONE_SPELL_SECONDS)
        await tell(self._services, conversation.id, text, f"too-fast:{spell}")

    async def _refused(self, person: Person, refusal: Refusal) -> None:
        conversation = await self._door.conversation(person.sender)
        locale = await locale_of(self._services, conversation)
        text = say(locale, f"error_{refusal.code}", **refusal.values)
        await tell(self._services, conversation.id, text, person.key("refused"))

    async def _message(self, person: Person, message: telegram.Message, *, edited: bool) -> None:
        text = message.text or message.caption
        if edited:
            await self._edited(person, message, text)
            return
        command = read_command(message.text) if message.text else None
        if command is not None:
            conversation = await self._door.conversation(person.sender)
            await note_chat(self._services, person.chat_id, conversation.customer_id)
            await self._commands.run(command, person, conversation)
            return
        if is_unreadable(message):
            await self._refused(person, Refusal("telegram_unreadable", 422))
        elif has_file(message):
            upload = await upload_of(self._api, message, self._services.settings.max_file_bytes)
            await self._receive(person, message, Incoming(person.key(), upload=upload))
            # A picture with words under it is two messages: what it shows, then what is said of it.
            if text:
                await self._receive(person, message, Incoming(person.key("caption"), text=text), part=1)
        elif text:
            await self._receive(person, message, Incoming(person.key(), text=text))

    async def _receive(self, person: Person, message: telegram.Message, incoming: Incoming, part: int = 0) -> None:
        received = await self._door.receive(person.sender, incoming)
        await note_chat(self._services, person.chat_id, received.conversation.customer_id)
        await note_message(self._services, received.message, part, message.message_id)
        self._typing.awaits_reply(person.chat_id, received.message)

    async def _edited(self, person: Person, message: telegram.Message, text: str | None) -> None:
        """What was corrected is a message of its own: it is answered, and the first one stays as it was read."""
        before = await self._ours(person, message)
        if not text or before is None or before.text == text.strip():
            return
        if self._services.clock() - before.created_at > _TOO_OLD_TO_EDIT:
            return
        await self._receive(person, message, Incoming(person.key(), text=text, edits=before.id))

    async def _ours(self, person: Person, message: telegram.Message) -> Message | None:
        """What the message said so far: the latest of its versions."""
        query = (
            select(Message)
            .join(TelegramMessage, TelegramMessage.message_id == Message.id)
            .join(ChannelThread, ChannelThread.conversation_id == Message.conversation_id)
            .where(TelegramMessage.telegram_id == message.message_id, ChannelThread.account == person.sender.account)
            .where(ChannelThread.channel == "telegram", Message.author == "customer", Message.kind == "text")
            .order_by(Message.seq.desc())
            .limit(1)
        )
        async with self._services.db.read() as session:
            return (await session.execute(query)).scalar_one_or_none()

    async def _membership(self, update: telegram.Update) -> None:
        """They blocked us, or let us write again."""
        change = update.my_chat_member
        if change is None:
            return
        if change.new_chat_member.status not in ("kicked", "left"):
            await unblocked(self._services, change.chat.id)
            return
        query = select(ChannelThread.conversation_id).where(
            ChannelThread.channel == "telegram", ChannelThread.account == str(change.from_user.id)
        )
        async with self._services.db.read() as session:
            latest = (await session.execute(query.order_by(ChannelThread.created_at.desc()).limit(1))).scalar()
        await blocked(self._services, change.chat.id, latest)
