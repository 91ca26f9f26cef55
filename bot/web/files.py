"""Files over HTTP: in as multipart, out as a download and never as a page."""

from __future__ import annotations

from typing import IO
from urllib.parse import quote

from aiohttp import BodyPartReader, web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.protocol import Incoming, Upload
from bot.conversations.files import checked_upload
from bot.db.models import File, Message
from bot.errors import Refusal
from bot.services import Services

_MEGABYTE = 1024 * 1024
_LONGEST_FIELD = 1024


async def incoming_file(request: web.Request, limit: int) -> Incoming:
    """Reads the form; never more than ``limit`` bytes of the file. Raises ``Refusal`` (413, 415, 422)."""
    if request.content_type != "multipart/form-data":
        raise Refusal("bad_request", 415)
    client_message_id, upload = "", None
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise Refusal("bad_request", 422)
            if part.name == "client_message_id":
                client_message_id = (await read_part(part, _LONGEST_FIELD)).decode("utf-8")
            elif part.name == "file":
                upload = await checked_upload(part.filename or "file", await read_part(part, limit))
    except (ValueError, AssertionError) as error:
        raise Refusal("bad_request", 422) from error
    return Incoming(client_message_id, upload=_given(upload))


def _given(upload: Upload | None) -> Upload:
    if upload is None:
        raise Refusal("bad_request", 422)
    return upload


async def read_part(part: BodyPartReader, limit: int) -> bytes:
    """At most ``limit`` bytes of one part. Raises ``Refusal`` (413)."""
    content = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        content += chunk
        if len(content) > limit:
            raise Refusal("file_too_large", 413, limit=max(1, limit // _MEGABYTE))
    return bytes(content)


async def kept_part(part: BodyPartReader, into: IO[bytes], limit: int) -> None:
    """The same into a file. Raises ``Refusal`` (413)."""
    size = 0
    into.truncate(into.seek(0))
    while chunk := await part.read_chunk(64 * 1024):
        size += len(chunk)
        if size > limit:
            raise Refusal("file_too_large", 413, limit=max(1, limit // _MEGABYTE))
        into.write(chunk)


async def file_response(services: Services, conversation_id: str, file_id: str) -> web.Response:
    """The bytes as a download: no browser shows or runs them.

    Raises ``Refusal`` (404, with a code of its own for one erased by age).
    """
    query = select(File.name, File.media_type, File.content).where(
        File.id == file_id, File.conversation_id == conversation_id
    )
    async with services.db.read() as session:
        found = (await session.execute(query)).one_or_none()
        was_there = found is None and await _was_sent(session, conversation_id, file_id)
    if was_there:
        raise Refusal("file_erased", 404)
    if found is None:
        raise Refusal("unknown_file", 404)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return web.Response(body=found.content, content_type=found.media_type, headers=headers)


async def _was_sent(session: AsyncSession, conversation_id: str, file_id: str) -> bool:
    """Whether a message still says that it was: nothing but ``retention.files_days`` takes a file and leaves that."""
    query = select(Message.data).where(Message.conversation_id == conversation_id, Message.kind == "file")
    sent = (row.get("file", {}).get("url", "") for row in (await session.execute(query)).scalars())
    return any(url.rpartition("/")[2] == file_id for url in sent)
