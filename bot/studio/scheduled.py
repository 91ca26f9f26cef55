"""What the knowledge base published at an hour that was set: the audit says who had set it, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bot.background import beside, every
from bot.db.people import AuditEntry
from bot.db.upkeep import ScheduledPublication
from bot.errors import NeighbourError
from bot.services import Services
from bot.studio.client import StudioRefusedError
from bot.studio.noting import audit_target
from bot.users import user_by_email

Json = dict[str, Any]
ACTION = "article_published_on_time"
_LOOK_EVERY_SECONDS = 15.0


class NotingScheduled:
    """Several processes may run it: the commit is noted with the line of the audit."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        async with beside(every(_LOOK_EVERY_SECONDS, "noting_scheduled", partial(note_scheduled, self._services))):
            yield


async def note_scheduled(services: Services) -> int:
    """Asks what went out since the last one that is known, this process having been there or not; how many are new."""
    async with services.db.read() as session:
        last: datetime | None = (await session.execute(select(func.max(ScheduledPublication.at)))).scalar_one()
        # Of one second there may be others.
        query = select(ScheduledPublication.commit_id).where(ScheduledPublication.at == last)
        known = set((await session.execute(query)).scalars()) if last is not None else set()
    try:
        found = await services.studio.scheduled(last.isoformat() if last is not None else "")
    except (NeighbourError, StudioRefusedError):  # away, or still starting: asked again
        return 0
    new = [each for each in found if each["commit"] not in known]
    return sum([await _note(services, each) for each in new])


async def _note(services: Services, one: Json) -> bool:
    at, by = datetime.fromisoformat(one["at"]), one.get("by") or {}
    try:
        async with services.db.write() as session:
            session.add(ScheduledPublication(commit_id=one["commit"], at=at))
            await session.flush()
            user = await user_by_email(session, str(by.get("email", "")))
            detail = str(one["title"])[:300] if user else f"{one['title']} · {by.get('name', '')}"[:300]
            target = audit_target(one["article_id"], one["locale"])
            actor = user.id if user else None
            session.add(AuditEntry(at=at, actor_id=actor, action=ACTION, target=target, detail=detail))
    except IntegrityError:  # another process was quicker
        return False
    return True
