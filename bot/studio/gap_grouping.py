"""Groups unanswered questions into gaps: what is new joins the gap it belongs to; at a press all is grouped anew.

A gap keeps its id as long as most of its questions stay together. What writers decided on (an article under way, sent
on, closed, dismissed) is not taken apart: its questions stay, and others may join them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import beside, every
from bot.db.gaps import CLOSED, OPEN, STATES, Gap, GapQuestion
from bot.db.models import UnansweredQuestion
from bot.db.types import new_id
from bot.errors import NeighbourError
from bot.services import Services
from bot.studio.gap_answers import Answers
from bot.studio.gap_homes import inherited
from bot.studio.gap_run import DONE, REFUSED, Claim, claimed, told
from bot.studio.gap_telling import tell_due

Json = dict[str, Any]
_log = structlog.get_logger()
BACK = timedelta(days=90)
MOST_NEW, MOST_AT_ONCE, MOST_KNOWN = 2_000, 10_000, 1_000
_EXAMPLES = 5
# What a question means is said by then.
_LONGEST = 500
_LOOK_EVERY_SECONDS = 3.0
_POLL_SECONDS = 0.25
_KEEPING = 0x67726F75
# So many unanswered questions after it was closed open a gap again.
REOPENED_BY = 3


class Gaps:
    """Keeps gaps level with what is asked and published. Several processes may run it."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        services = self._services
        async with beside(
            every(_LOOK_EVERY_SECONDS, "grouping_gaps", partial(group_new, services)),
            every(1.0, "answering_gaps", Answers(services).look),
            every(1.0, "telling_answers", partial(tell_due, services)),
        ):
            yield


async def group_new(services: Services) -> bool:
    """Groups what is in no gap yet, or everything anew if that was asked for; whether anything was done."""
    async with services.db.read() as session:
        is_new = bool(await _ungrouped(services, session, 1))
    async with claimed(services, is_new=is_new) as claim:
        if claim is None:
            return False
        try:
            await _group(services, claim)
        except NeighbourError as error:
            if error.permanent:
                _log.exception("grouping_refused")
                claim.state = REFUSED
            else:
                _log.warning("grouping_put_off", cause=error.code, tries=claim.tries)
            return False
        claim.state = DONE
        return True


async def _group(services: Services, claim: Claim) -> None:
    """Raises ``NeighbourError``."""
    async with services.db.read() as session:
        work = await (_everything if claim.whole else _only_new)(services, session)
    if work.questions:  # else somebody else has just grouped them
        job_id = await services.knowledge.group([_sent(row) for row in work.questions], work.known)
        await _keep(services, work, await _result(services, claim, job_id))


@dataclass(frozen=True)
class _Work:
    """What is to be grouped, which gaps it may join, and the gaps that it is taken out of (question → gap)."""

    questions: Sequence[UnansweredQuestion]
    known: list[Json]
    before: dict[str, str] = field(default_factory=dict)


def _sent(row: UnansweredQuestion) -> Json:
    return {"id": row.id, "text": row.question[:_LONGEST], "locale": row.locale}


async def _only_new(services: Services, session: AsyncSession) -> _Work:
    return _Work(await _ungrouped(services, session, MOST_NEW), await _known(session, STATES))


async def _everything(services: Services, session: AsyncSession) -> _Work:
    """The questions of undecided gaps with those in none, as if for the first time; gaps find their own again."""
    new = await _ungrouped(services, session, MOST_NEW)
    query = (
        select(UnansweredQuestion, GapQuestion.gap_id)
        .join(GapQuestion, GapQuestion.question_id == UnansweredQuestion.id)
        .join(Gap, Gap.id == GapQuestion.gap_id)
        .where(Gap.state == OPEN, UnansweredQuestion.created_at >= services.clock() - BACK)
        .order_by(UnansweredQuestion.created_at.desc())
        .limit(MOST_AT_ONCE - len(new))
    )
    rows = (await session.execute(query)).all()
    known = await _known(session, (state for state in STATES if state != OPEN))
    return _Work([*new, *(row for row, _ in rows)], known, {row.id: gap_id for row, gap_id in rows})


async def _ungrouped(services: Services, session: AsyncSession, most: int) -> Sequence[UnansweredQuestion]:
    grouped = select(GapQuestion.question_id).where(GapQuestion.question_id == UnansweredQuestion.id).exists()
    recent = UnansweredQuestion.created_at >= services.clock() - BACK
    query = select(UnansweredQuestion).where(recent, ~grouped, func.trim(UnansweredQuestion.question) != "")
    return (await session.execute(query.order_by(UnansweredQuestion.created_at.desc()).limit(most))).scalars().all()


async def _known(session: AsyncSession, states: Iterable[str]) -> list[Json]:
    """Gaps with their most typical questions; the largest, when there are very many."""
    sizes = (
        select(GapQuestion.gap_id)
        .join(Gap, Gap.id == GapQuestion.gap_id)
        .where(Gap.state.in_(tuple(states)))
        .group_by(GapQuestion.gap_id)
        .order_by(func.count().desc(), GapQuestion.gap_id)
        .limit(MOST_KNOWN)
    )
    ids = list((await session.execute(sizes)).scalars())
    query = (
        select(GapQuestion.gap_id, UnansweredQuestion.question, UnansweredQuestion.locale)
        .join(UnansweredQuestion, UnansweredQuestion.id == GapQuestion.question_id)
        .where(GapQuestion.gap_id.in_(ids), GapQuestion.place < _EXAMPLES)
        .order_by(GapQuestion.gap_id, GapQuestion.place)
    )
    found: dict[str, list[Json]] = {}
    for gap_id, text, locale in await session.execute(query):
        examples = found.setdefault(gap_id, [])
        if len(examples) < _EXAMPLES and text.strip():
            examples.append({"text": text[:_LONGEST], "locale": locale})
    return [{"id": gap_id, "examples": examples} for gap_id, examples in found.items() if examples]


async def _result(services: Services, claim: Claim, job_id: str) -> Json:
    """The job's result. Raises ``NeighbourError`` when there is none."""
    while (job := await services.knowledge.job(job_id))["state"] == "running":
        await told(services, claim, job["done"], job["total"])
        await asyncio.sleep(_POLL_SECONDS)
    if job["state"] != "done":
        raise NeighbourError("grouping_failed", str(job["state"]))
    return dict(job["result"])


async def _keep(services: Services, work: _Work, result: Json) -> None:
    """Writes who belongs where."""
    now, rows = services.clock(), {row.id: row for row in work.questions}
    sets = [group["members"] for group in result["groups"]] + [[only] for only in result["alone"]]
    homes = inherited(sets, work.before)
    place = partial(_place, wordless=set(result["wordless"]))
    async with services.db.write() as session:
        # A whole one that was asked for meanwhile may end in another process at the same moment.
        await services.db.one_at_a_time(session, _KEEPING)
        still = await _still_free(session, rows)
        await session.execute(delete(GapQuestion).where(GapQuestion.question_id.in_(still)))
        for number, members in enumerate(sets):
            gap_id = homes.get(number)
            if gap_id is None:
                gap_id = new_id()
                session.add(Gap(id=gap_id, state=OPEN, created_at=now, changed_at=now))
                await session.flush()
            await place(session, gap_id, [rows[each] for each in members if each in still], 0)
        for gap_id, members in result["joined"].items():
            taken = select(func.max(GapQuestion.place)).where(GapQuestion.gap_id == gap_id)
            last = (await session.execute(taken)).scalar_one_or_none()
            if await session.get(Gap, gap_id) is not None:
                joining = [rows[each] for each in members if each in still]
                await place(session, gap_id, joining, 0 if last is None else last + 1)
                await _reopen(session, gap_id, now)
        await _forget_empty(session)


async def _still_free(session: AsyncSession, ids: Iterable[str]) -> set[str]:
    """Those that were not taken back meanwhile, and whose gap nobody has decided on meanwhile."""
    decided = (
        select(GapQuestion.question_id)
        .join(Gap, Gap.id == GapQuestion.gap_id)
        .where(GapQuestion.question_id == UnansweredQuestion.id, Gap.state != OPEN)
        .exists()
    )
    query = select(UnansweredQuestion.id).where(UnansweredQuestion.id.in_(tuple(ids)), ~decided)
    return set((await session.execute(query)).scalars())


async def _place(
    session: AsyncSession, gap_id: str, rows: Sequence[UnansweredQuestion], first: int, *, wordless: set[str]
) -> None:
    for number, row in enumerate(rows):
        place = {"place": first + number, "wordless": row.id in wordless}
        session.add(GapQuestion(question_id=row.id, gap_id=gap_id, conversation_id=row.conversation_id, **place))
    await session.flush()


async def _reopen(session: AsyncSession, gap_id: str, now: datetime) -> None:
    """What was closed and is asked without an answer again and again was not closed."""
    gap = await session.get_one(Gap, gap_id)
    if gap.state != CLOSED or gap.closed_at is None:
        return
    since = (
        select(func.count())
        .select_from(GapQuestion)
        .join(UnansweredQuestion, UnansweredQuestion.id == GapQuestion.question_id)
        .where(GapQuestion.gap_id == gap_id, UnansweredQuestion.created_at > gap.closed_at)
    )
    if (await session.execute(since)).scalar_one() >= REOPENED_BY:
        gap.state, gap.changed_at = OPEN, now


async def _forget_empty(session: AsyncSession) -> None:
    """An undecided gap without a question is none."""
    filled = select(GapQuestion.question_id).where(GapQuestion.gap_id == Gap.id).exists()
    await session.execute(delete(Gap).where(Gap.state == OPEN, ~filled, Gap.article_id.is_(None)))
