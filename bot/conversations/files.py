"""Files that customers send: what they really are, and where they are kept."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.protocol import Upload
from bot.conversations.pictures import UnreadableError, without_metadata
from bot.db.models import File, Message, Turn
from bot.db.types import new_id
from bot.errors import Refusal

_LONGEST_NAME = 120
# The step of a task that takes pictures (actions/tasks).
_PICTURES = "photos"


def sniff(content: bytes) -> str | None:
    """The media type by the first bytes, whatever the name says; nothing for what we don't take."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "application/pdf" if content.startswith(b"%PDF-") else None


async def checked_upload(name: str, content: bytes) -> Upload:
    """What ``looked_through`` makes of it. Raises ``Refusal`` (415).

    In a thread: one made of nothing but tiny parts takes seconds to look through, and nobody else is to wait for it.
    """
    return await asyncio.to_thread(looked_through, name, content)


def looked_through(name: str, content: bytes) -> Upload:
    """An upload with a harmless name, its true type and nothing told about it. Raises ``Refusal`` (415)."""
    media_type = sniff(content)
    if media_type is None:
        raise Refusal("bad_file", 415)
    try:
        content = without_metadata(media_type, content)
    except UnreadableError as error:
        raise Refusal("bad_file", 415) from error
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(character for character in last if character.isprintable()).strip()
    return Upload(kept[-_LONGEST_NAME:] or "file", media_type, content)


def keep_file(session: AsyncSession, message: Message, upload: Upload) -> str:
    """Writes the file beside its message, which then says where to find it; the file's id."""
    row = File(
        id=new_id(),
        conversation_id=message.conversation_id,
        message_id=message.id,
        name=upload.name,
        media_type=upload.media_type,
        content=upload.content,
    )
    session.add(row)
    url = f"/api/v1/conversations/{message.conversation_id}/files/{row.id}"
    shown = {"name": row.name, "type": row.media_type, "size": len(upload.content), "url": url}
    message.data = message.data | {"file": shown}
    return row.id


async def awaits_picture(session: AsyncSession, conversation_id: str) -> bool:
    """Whether the assistant's last turn asked for a picture."""
    query = select(Turn.slots).where(Turn.conversation_id == conversation_id, Turn.status == "done")
    slots = (await session.execute(query.order_by(Turn.seq.desc()).limit(1))).scalar_one_or_none() or {}
    return bool(slots.get("requested_slot")) and slots.get("task_step") == _PICTURES
