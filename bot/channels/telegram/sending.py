"""One of our messages goes out, in parts; a part that arrived is noted, so that no retry shows it again."""

from __future__ import annotations

from typing import Any

import telegram
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.door import Door
from bot.channels.protocol import Upload
from bot.channels.telegram.api import Api
from bot.channels.telegram.chats import BUTTONS, blocked, note_message
from bot.channels.telegram.places import QUEUED, keep_place, text_of
from bot.channels.telegram.rendering import Button, Part, Rows, keyboard, parts_of
from bot.db.models import WAITING, Conversation, Handoff, Message
from bot.db.telegram import TelegramMessage
from bot.errors import NeighbourError

Json = dict[str, Any]
_PICTURES = ("image/jpeg", "image/png", "image/webp")
# What Telegram takes as a picture; a larger one goes as a document.
_LARGEST_PICTURE = 10 * 1024 * 1024
_NO_PREVIEW = telegram.LinkPreviewOptions(is_disabled=True)


class Sending:
    """Sends for one process."""

    def __init__(self, door: Door, api: Api) -> None:
        self._door = door
        self._services = door.services
        self._api = api

    async def send(self, conversation_id: str, shown: Json) -> None:
        """Raises ``NeighbourError``; a person who blocked us is remembered as such."""
        thread = await self._door.thread(conversation_id)
        chat_id = int(thread.address["chat_id"])
        try:
            await self._parts(chat_id, conversation_id, shown)
        except NeighbourError as error:
            if error.code in ("blocked", "deactivated"):
                await blocked(self._services, chat_id, None)
            raise

    async def _parts(self, chat_id: int, conversation_id: str, shown: Json) -> None:
        async with self._services.db.read() as session:
            message = await session.get_one(Message, shown["id"])
            conversation = await session.get_one(Conversation, conversation_id)
            waiting = await self._waiting(session, message)
            text = await self._place(session, waiting, message, conversation.locale) if waiting else None
            sent = select(TelegramMessage.part).where(TelegramMessage.message_id == message.id)
            there = set((await session.execute(sent)).scalars())
        parts = parts_of(shown | ({"text": text} if text else {}), conversation.locale)
        own = _own_rows(message)
        if own:
            parts[-1] = Part(parts[-1].html, parts[-1].rows + own)
        for number, part in enumerate(parts):
            if number in there:
                continue
            if "file" in shown:
                upload = await self._door.file(conversation_id, str(shown["file"]["url"]))
                telegram_id = await self._file(chat_id, upload, part, shown)
            else:
                telegram_id = await self._text(chat_id, part)
            await note_message(self._services, message, number, telegram_id)
            if text is not None:
                await keep_place(self._services, message, telegram_id, text)

    async def _waiting(self, session: AsyncSession, message: Message) -> Handoff | None:
        """The request whose place this notice tells, while it waits."""
        handoff_id = message.data.get(QUEUED)
        handoff = await session.get(Handoff, handoff_id) if handoff_id else None
        return handoff if handoff is not None and handoff.status in WAITING else None

    async def _place(self, session: AsyncSession, waiting: Handoff, message: Message, locale: str) -> str:
        """The place as it is by now; while nobody is there, when somebody will be."""
        is_open = self._services.service.is_open(self._services.clock())
        return await text_of(self._services, session, waiting, locale) if is_open else message.text

    async def _text(self, chat_id: int, part: Part) -> int:
        sent = await self._api.ask(
            chat_id,
            lambda bot: bot.send_message(
                chat_id,
                part.html,
                parse_mode="HTML",
                reply_markup=keyboard(part.rows),
                link_preview_options=_NO_PREVIEW,
            ),
        )
        return sent.message_id

    async def _file(self, chat_id: int, upload: Upload, part: Part, shown: Json) -> int:
        """A picture as a picture where Telegram takes it, anything else as a document."""
        caption = f"<b>{shown['author_name']}</b>" if shown.get("author_name") else None
        options: Json = {"caption": caption, "parse_mode": "HTML", "reply_markup": keyboard(part.rows)}
        if upload.media_type in _PICTURES and len(upload.content) <= _LARGEST_PICTURE:
            try:
                sent = await self._api.ask(
                    chat_id,
                    lambda bot: bot.send_photo(chat_id, upload.content, filename=upload.name, **options),
                )
            except NeighbourError as error:
                if error.code != "refused":
                    raise
            else:
                return sent.message_id
        sent = await self._api.ask(
            chat_id, lambda bot: bot.send_document(chat_id, upload.content, filename=upload.name, **options)
        )
        return sent.message_id


def _own_rows(message: Message) -> Rows:
    """Buttons that only this channel has, such as the two languages."""
    shown = message.data.get(BUTTONS) or []
    return tuple(tuple(Button(title, data) for title, data in row) for row in shown)
