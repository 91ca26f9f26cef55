"""The grouping that is under way, or the last one: who may begin, how often it is tried, and what the page is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.gaps import GapRun
from bot.db.people import AuditEntry, User
from bot.errors import Refusal
from bot.services import Services

Json = dict[str, Any]
DONE, ASKED, RUNNING, FAILED, REFUSED = "done", "asked", "running", "failed", "refused"
# What was asked for and fails, or ends with its process, is begun again so often; then it waits until somebody asks.
MOST_TRIES = 3
# A run whose process died is over after this time. What is new and failed is left for a while, for twice as long each
# time: the knowledge base may be starting, or never manage. What was refused is left for long at once.
ALIVE = timedelta(seconds=30)
_AGAIN, _A_WHILE, _LONG = timedelta(seconds=10), timedelta(seconds=20), timedelta(hours=1)
_ONE = "now"
# The number under which PostgreSQL lets one transaction take the run at a time.
_GROUPING = 0x67617073


@dataclass
class Claim:
    """What a process has taken on; ``state`` is what is kept of it at the end: put off, unless it says otherwise."""

    whole: bool
    tries: int
    state: str = field(init=False)

    def __post_init__(self) -> None:
        """What is new stays new; what was asked for stays asked, a few times."""
        self.state = ASKED if self.whole and self.tries < MOST_TRIES else FAILED

    def holds(self, run: GapRun) -> bool:
        """Whether it is still this one that goes on: somebody may have asked for a whole one, or taken over."""
        return (run.state, run.whole, run.tries) == (RUNNING, self.whole, self.tries)


def next_of(run: GapRun | None, now: datetime, *, is_new: bool) -> str | None:
    """``running``: a grouping may begin; ``done`` and ``failed``: the end of one whose process died."""
    begins = RUNNING if is_new else None
    if run is None:
        return begins
    if run.seen_at > now - _pause(run):
        return None
    if run.state == ASKED:
        return RUNNING
    if run.state != RUNNING:
        return begins
    if run.tries >= MOST_TRIES and (run.whole or is_new):
        return FAILED
    return RUNNING if run.whole else begins or DONE


def _pause(run: GapRun) -> timedelta:
    """How long after it was last seen nobody begins."""
    if run.state == ASKED and run.tries:
        return _AGAIN
    doubled = min(_A_WHILE * 2 ** min(run.tries - 1, 10), _LONG) if run.state == FAILED else timedelta()
    return {RUNNING: ALIVE, REFUSED: _LONG}.get(run.state, doubled)


@asynccontextmanager
async def claimed(services: Services, *, is_new: bool) -> AsyncIterator[Claim | None]:
    """While the block lasts nobody else groups; None: there is nothing to do, or somebody else is at it."""
    async with services.db.read() as session:
        nothing = next_of(await run_of(session), services.clock(), is_new=is_new) is None
    claim = None if nothing else await _claim(services, is_new=is_new)
    if claim is None:
        yield None
        return
    try:
        yield claim
    finally:
        await _end(services, claim)


async def _claim(services: Services, *, is_new: bool) -> Claim | None:
    now = services.clock()
    async with services.db.write() as session:
        run = await _held(services, session)
        state = next_of(run, now, is_new=is_new)
        if state is None:
            return None
        if run is None:
            run = GapRun(id=_ONE, state=DONE, whole=False, tries=0)
            session.add(run)
        if state != RUNNING:
            run.state, run.seen_at, run.ended_at = state, now, now
            return None
        # What ended is not tried once more by what came since.
        ended = run.state in (DONE, REFUSED) or (run.whole and run.state == FAILED)
        run.whole = run.whole and not ended
        run.tries = 1 if ended else run.tries + 1
        run.state, run.done, run.total, run.seen_at = RUNNING, 0, 0, now
        return Claim(run.whole, run.tries)


async def _end(services: Services, claim: Claim) -> None:
    async with services.db.write() as session:
        run = await session.get_one(GapRun, _ONE, with_for_update=True)
        if claim.holds(run):
            run.state, run.seen_at, run.ended_at = claim.state, services.clock(), services.clock()
            if claim.state == DONE:
                run.tries = 0


async def told(services: Services, claim: Claim, done: int, total: int) -> None:
    """How far it is; and that its process lives."""
    async with services.db.write() as session:
        run = await session.get_one(GapRun, _ONE, with_for_update=True)
        if claim.holds(run):
            run.done, run.total, run.seen_at = done, total, services.clock()


async def ask_for_regrouping(services: Services, user: User) -> Json:
    """The next look groups everything anew. 409 while that is under way."""
    now = services.clock()
    async with services.db.write() as session:
        run = await _held(services, session)
        if run is None:
            run = GapRun(id=_ONE, state=DONE, whole=True, seen_at=now)
            session.add(run)
        if run.whole and run.state in (ASKED, RUNNING) and run.seen_at > now - ALIVE:
            raise Refusal("grouping_under_way", 409)
        run.state, run.whole, run.done, run.total, run.tries, run.seen_at = ASKED, True, 0, 0, 0, now
        session.add(AuditEntry(at=now, actor_id=user.id, action="gaps_regrouped", target="gaps"))
        return run_shown(run)


async def _held(services: Services, session: AsyncSession) -> GapRun | None:
    """The run, which nobody else changes until the transaction ends; nor makes, while there is none."""
    await services.db.one_at_a_time(session, _GROUPING)
    return await session.get(GapRun, _ONE, with_for_update=True, populate_existing=True)


def run_shown(run: GapRun | None) -> Json:
    """``{state, done, total, whole, tries, ended_at}`` for the page."""
    if run is None:
        return {"state": DONE, "done": 0, "total": 0, "whole": False, "tries": 0, "ended_at": None}
    ended = run.ended_at.isoformat() if run.ended_at else None
    state = FAILED if run.state == REFUSED else run.state
    counts = {"done": run.done, "total": run.total, "whole": run.whole, "tries": run.tries}
    return {"state": state, **counts, "ended_at": ended}


async def run_of(session: AsyncSession) -> GapRun | None:
    """The run under way, or the last one."""
    return await session.get(GapRun, _ONE)


async def grouping_of(services: Services) -> Json:
    """How far grouping is, and nothing else: asked often while it goes on."""
    async with services.db.read() as session:
        return run_shown(await run_of(session))
