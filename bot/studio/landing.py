"""Imports that were begun: once one has landed, its pictures are the articles' and the audit says what landed.

Written down before knowledge_base is asked to begin, settled when it says how it ended, bot having been away or not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import beside, every
from bot.db.people import AuditEntry, User
from bot.db.pictures import ArticleImport, ArticlePicture, ImportPicture
from bot.db.types import new_id
from bot.errors import NeighbourError
from bot.services import Services
from bot.studio import import_pictures
from bot.studio.client import StudioRefusedError

Json = dict[str, Any]
_LOOK_EVERY_SECONDS = 15.0
# The request that begins it may still be on its way: until then "none" is not the last word.
_ON_ITS_WAY = timedelta(minutes=1)


class NotingLandings:
    """Several processes may run it: the row goes with what is noted."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        async with beside(every(_LOOK_EVERY_SECONDS, "noting_landings", partial(_look, self._services))):
            yield


async def _look(services: Services) -> None:
    await settle(services)
    await import_pictures.sweep(services)


async def begun(services: Services, name: str, bundle: str, user: User) -> str:
    """Before it is begun: the name by which to ask whether it landed."""
    row = ArticleImport(id=new_id(), bundle=bundle, actor_id=user.id, name=name[:200], at=services.clock())
    async with services.db.write() as session:
        session.add(row)
    return row.id


async def settle(services: Services) -> int:
    """Asks for each that was begun; how many have landed since."""
    async with services.db.read() as session:
        rows = list((await session.execute(select(ArticleImport).order_by(ArticleImport.at))).scalars())
    landed = 0
    for row in rows:
        try:
            told = await services.studio.call("GET", f"/landings/{row.id}")
        except (NeighbourError, StudioRefusedError):  # away, or still starting: asked again
            continue
        if told["state"] == "landed":
            landed += await _landed(services, row, told)
        elif told["state"] == "none" and services.clock() - row.at > _ON_ITS_WAY:
            async with services.db.write() as session:
                await session.execute(delete(ArticleImport).where(ArticleImport.id == row.id))
    return landed


async def _landed(services: Services, row: ArticleImport, told: Json) -> bool:
    async with services.db.write() as session:
        gone = delete(ArticleImport).where(ArticleImport.id == row.id).returning(ArticleImport.id)
        if (await session.execute(gone)).scalar_one_or_none() is None:  # another process was quicker
            return False
        await _take_over(session, row.bundle)
        if told["new"] or told["changed"] or told["review"]:
            at = datetime.fromisoformat(told["at"])
            said = f"{row.name} (+{told['new']}, ~{told['changed']}{', ✎' if told['review'] else ''}"
            detail = f"{said}{told['review'] or ''})"
            entry = AuditEntry(
                at=at, actor_id=row.actor_id, action="articles_imported", target="articles", detail=detail
            )
            session.add(entry)
    return True


async def _take_over(session: AsyncSession, bundle: str) -> None:
    """Its pictures are the articles' own now; those that are there already stay."""
    of_it = ImportPicture.bundle == bundle
    columns = (ImportPicture.picture_id, ImportPicture.media_type, ImportPicture.content, ImportPicture.created_at)
    new = select(*columns).where(of_it, ImportPicture.picture_id.not_in(select(ArticlePicture.id)))
    await session.execute(insert(ArticlePicture).from_select(["id", "media_type", "content", "created_at"], new))
    await session.execute(delete(ImportPicture).where(of_it))
