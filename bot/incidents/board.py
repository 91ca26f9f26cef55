"""What stands in front at this moment, as every bot process knows it: followed by hints, and a look now and then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from bot.background import beside
from bot.clock import Clock
from bot.db.engine import Database
from bot.db.incidents import Incident, IncidentRun
from bot.incidents.words import speaks_of
from bot.live import INCIDENTS, Live

Json = dict[str, Any]


@dataclass(frozen=True)
class Active:
    """An incident that stands in front: its texts by language, and which run of it this is."""

    incident_id: str
    run_id: str
    revision: int
    name: str
    topics: frozenset[str]
    phrases: Json
    answer: Json
    notice: Json
    started_at: datetime
    tells_from: datetime
    ends_at: datetime | None

    @property
    def mark(self) -> Json:
        """What a message keeps of the incident that it tells."""
        return {"incident": {"incident_id": self.incident_id, "run_id": self.run_id, "name": self.name}}

    def speaks_of(self, text: str, locale: str) -> bool:
        """Whether the text has one of its phrases."""
        return speaks_of(text, locale, self.phrases.get(locale) or [])


def in_locale(text: Json, locale: str) -> str:
    """The text in this language, else in whichever there is."""
    return str(text.get(locale) or next((each for each in text.values() if each), ""))


class Board:
    """Holds what is in front, newest first; ``current()`` gives the same tuple as long as nothing changes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._current: tuple[Active, ...] = ()
        self._shown: tuple[Active, ...] = ()
        self._looking = asyncio.Lock()

    def current(self) -> tuple[Active, ...]:
        """What is in front; one whose end has come is not, whether or not somebody has noted it."""
        now = self._clock()
        if any(one.ends_at is not None and one.ends_at <= now for one in self._current):
            self._current = tuple(one for one in self._current if one.ends_at is None or one.ends_at > now)
        return self._current

    def notices(self, locale: str) -> list[Json]:
        """``[{id, text, since, until}]`` for the chat and the help centre."""
        return [
            {
                "id": one.run_id,
                "text": in_locale(one.notice, locale),
                "since": one.started_at.isoformat(),
                "until": one.ends_at.isoformat() if one.ends_at else None,
            }
            for one in self.current()
        ]

    def chosen(self, text: str | None, locale: str, topic: str | None) -> tuple[Active, str] | None:
        """The incident that a question is about and why (``phrase`` or ``topic``): its own words before its topics."""
        for one in self.current():
            if text and one.speaks_of(text, locale):
                return one, "phrase"
        return next(((one, "topic") for one in self.current() if topic in one.topics), None)

    async def refresh(self, db: Database) -> bool:
        """Looks again; whether anything changed."""
        # A look that began earlier must not put back what a later one has read.
        async with self._looking:
            before = self.current()
            found = await _read(db)
            if found != before:
                self._current = found
            return self.current() != before

    @asynccontextmanager
    async def running(self, db: Database, live: Live) -> AsyncIterator[None]:
        """Follows the record while the block lasts, and has every chat look when something changed."""
        await self.refresh(db)
        self._shown = self.current()
        async with beside(live.follow(INCIDENTS, partial(self._look, db, live))):
            yield

    async def _look(self, db: Database, live: Live) -> None:
        try:
            await self.refresh(db)
        finally:
            if self.current() != self._shown:
                self._shown = self.current()
                live.hint_all()


async def _read(db: Database) -> tuple[Active, ...]:
    query = (
        select(Incident, IncidentRun)
        .join(IncidentRun, IncidentRun.incident_id == Incident.id)
        .where(IncidentRun.ended_at.is_(None))
        .order_by(IncidentRun.started_at.desc(), IncidentRun.id)
    )
    async with db.read() as session:
        rows = (await session.execute(query)).all()
    return tuple(active_of(incident, run) for incident, run in rows)


def active_of(incident: Incident, run: IncidentRun) -> Active:
    """The incident as this run of it puts it in front."""
    form = incident.form
    return Active(
        incident_id=incident.id,
        run_id=run.id,
        revision=incident.revision,
        name=form["name"],
        topics=frozenset(form["topics"]),
        phrases=form["phrases"],
        answer=form["answer"],
        notice=form["notice"],
        started_at=run.started_at,
        tells_from=run.tells_from,
        ends_at=run.ends_at,
    )
