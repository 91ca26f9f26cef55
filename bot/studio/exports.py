"""Every published article as Markdown, with its pictures: a .zip that is packed while it is sent."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from sqlalchemy import select

from bot.db.pictures import ArticlePicture
from bot.services import Services
from bot.studio.picture_places import moved
from bot.studio.pictures import url_of

Json = dict[str, Any]


class _Sink:
    """What the packer has written and nobody has taken yet."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def take(self) -> bytes:
        taken, self._written = bytes(self._written), bytearray()
        return taken


async def packed(services: Services) -> AsyncGenerator[bytes]:
    """`fr/slug.md` and `pictures/…`, which the articles name relative to where they are; one picture is held at a time.

    Raises ``NeighbourError`` and ``StudioRefusedError``.
    """
    known = await _known(services)
    used: dict[str, None] = {}
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:  # type: ignore[call-overload]
        async with aclosing(services.studio.lines("/export")) as parts:
            async for articles in parts:
                used |= await asyncio.to_thread(_pack, made, articles, known)
                yield sink.take()
        for url in used:
            content = await _content(services, known[url])
            if content is not None:
                # A picture is packed already.
                await asyncio.to_thread(made.writestr, url.lstrip("/"), content, zipfile.ZIP_STORED)
                yield sink.take()
    yield sink.take()


def _pack(made: zipfile.ZipFile, articles: list[Json], known: Mapping[str, str]) -> dict[str, None]:
    used: dict[str, None] = {}

    def beside(address: str, _: int) -> str | None:
        if address not in known:
            return None
        used[address] = None
        return f"..{address}"

    for one in articles:
        made.writestr(one["path"], moved(one["text"], beside))
    return used


async def _known(services: Services) -> dict[str, str]:
    """The pictures that are there: by their address, their id."""
    async with services.db.read() as session:
        rows = await session.execute(select(ArticlePicture.id, ArticlePicture.media_type))
        return {url_of(row.id, row.media_type): row.id for row in rows}


async def _content(services: Services, picture_id: str) -> bytes | None:
    query = select(ArticlePicture.content).where(ArticlePicture.id == picture_id)
    async with services.db.read() as session:
        return (await session.execute(query)).scalar_one_or_none()
