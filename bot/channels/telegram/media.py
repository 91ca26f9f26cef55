"""Pictures and documents that people send: fetched from Telegram, then checked like any other upload."""

from __future__ import annotations

import telegram

from bot.channels.protocol import Upload
from bot.channels.telegram.api import Api
from bot.conversations.files import checked_upload
from bot.errors import NeighbourError, Refusal

_MEGABYTE = 1024 * 1024
# What people send that we cannot take; the others that carry no text are Telegram's own notices.
_UNREADABLE = (
    "voice", "audio", "video", "video_note", "sticker", "animation", "location", "venue", "contact", "poll", "dice",
    "story", "game", "paid_media", "checklist",
)  # fmt: skip


def is_unreadable(message: telegram.Message) -> bool:
    """Whether it is a voice message, a sticker, a place … . A GIF comes as a document as well."""
    return any(getattr(message, kind, None) for kind in _UNREADABLE)


def has_file(message: telegram.Message) -> bool:
    """Whether a picture or a document came."""
    return bool(message.photo or message.document)


async def upload_of(api: Api, message: telegram.Message, limit: int) -> Upload:
    """What came, checked. Raises ``Refusal`` (413, 415) and ``NeighbourError``."""
    document = message.document
    if document is not None:
        file_id, size, name = document.file_id, document.file_size, document.file_name or "document"
    else:
        fitting = [each for each in message.photo if (each.file_size or 0) <= limit] or [message.photo[0]]
        photo = max(fitting, key=lambda each: each.width * each.height)
        file_id, size, name = photo.file_id, photo.file_size, f"photo-{message.message_id}.jpg"
    if size is not None and size > limit:
        raise _too_large(limit)
    content = await _content(api, message.chat.id, file_id, limit)
    if len(content) > limit:
        raise _too_large(limit)
    return await checked_upload(name, content)


async def _content(api: Api, chat_id: int, file_id: str, limit: int) -> bytes:
    async def fetched(bot: telegram.Bot) -> bytes:
        file = await bot.get_file(file_id)
        if file.file_size is not None and file.file_size > limit:
            raise _too_large(limit)
        return bytes(await file.download_as_bytearray())

    try:
        return await api.ask(chat_id, fetched)
    except NeighbourError as error:
        if not error.permanent:
            raise
        # Telegram hands no file over 20 MB to a bot, and none that is gone.
        raise (_too_large(limit) if "too big" in str(error) else Refusal("telegram_file", 422)) from error


def _too_large(limit: int) -> Refusal:
    return Refusal("file_too_large", 413, limit=max(1, limit // _MEGABYTE))
