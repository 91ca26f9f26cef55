"""Who must read which row of a dry run besides: judged once by the whole texts, however often a page asks."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from bot.background import stop
from bot.services import Services
from bot.studio.rules import Why, read_by_two, reason
from service import Service

Json = dict[str, Any]
Place = tuple[str, str]
_KEPT = 6  # knowledge_base keeps no more dry runs


@dataclass
class Judged:
    """What would land, by article and language: what in it is read by two, if anything is."""

    rules: Service
    name: str = ""
    bundle: str = ""
    rows: dict[Place, Why | None] = field(default_factory=dict)

    def second(self, place: Place, role: str, locale: str) -> Json | None:
        """As ``rules.second_person`` tells it."""
        return reason(self.rules, self.rows.get(place), role, locale)

    def add(self, lines: list[Json]) -> None:
        """Judges some of what knowledge_base tells of a dry run."""
        for line in lines:
            if "name" in line:
                self.name, self.bundle = line["name"], line["bundle"]
            else:
                self.rows[place_of(line["form"])] = read_by_two(self.rules, line["form"], line["online"])


@dataclass(frozen=True)
class _Known:
    """``told``: what is said of its job until it is judged."""

    rules: Service
    told: Json
    task: asyncio.Task[Judged]

    @property
    def failed(self) -> bool:
        return self.task.done() and not self.task.cancelled() and self.task.exception() is not None


class Judging:
    """Those of the last dry runs: the largest take half a minute, longer than a page waits for an answer."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[str, _Known] = {}
        self._one = asyncio.Lock()  # others need threads too

    def of(self, import_id: str, told: Json | None = None) -> asyncio.Task[Judged]:
        """Under way, ended or stopped; anew when it failed, was forgotten, or the rules are others now."""
        known = self._known.get(import_id)
        if known is None or known.failed or known.rules is not self._services.service:
            if known is not None:
                known.task.cancel()
            rules = self._services.service
            known = _Known(rules, told or {}, asyncio.create_task(self._judged(import_id, rules)))
            known.task.add_done_callback(_seen)
            self._known = {**self._known, import_id: known}
            for oldest in list(self._known)[:-_KEPT]:
                self._known.pop(oldest).task.cancel()
        return known.task

    def under_way(self, job_id: str) -> Json | None:
        """What to say of a job whose dry run is being judged, without asking for all of it again."""
        running = (one.told for one in self._known.values() if one.told.get("job") == job_id and not one.task.done())
        return next(running, None)

    async def close(self) -> None:
        """Stops what is under way."""
        await stop(one.task for one in self._known.values() if not one.task.done())

    async def _judged(self, import_id: str, rules: Service) -> Judged:
        found = Judged(rules)
        async with aclosing(self._services.studio.lines(f"/imports/{import_id}")) as parts:
            async for lines in parts:
                async with self._one:
                    await asyncio.to_thread(found.add, lines)
        return found


def place_of(row: Json) -> Place:
    """The article and the language of a row, or of a form."""
    return row["article_id"], row["locale"]


def _seen(task: asyncio.Task[Judged]) -> None:
    """Whoever asks next hears of a failure; perhaps nobody does."""
    if not task.cancelled():
        task.exception()
