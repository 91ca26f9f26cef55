"""When an article is published: is the gap's own question answered now, by the search that customers get?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.gaps import CLOSED, DISMISSED, IN_PROGRESS, OPEN, Gap, GapArticle, GapQuestion
from bot.db.models import UnansweredQuestion
from bot.db.people import AuditEntry
from bot.errors import NeighbourError
from bot.help.catalogue import Catalogue
from bot.services import Services
from bot.studio.gap_telling import owe, who_is_owed

Json = dict[str, Any]
_log = structlog.get_logger()
# Of its questions, the share that the article must answer.
ENOUGH = 0.5
# Questions in different words that are asked again.
_MOST_ASKED = 100
# Of the open gaps, the largest are asked of what is new: so many at a look.
_AT_ONCE = 50
_WRITTEN_AT_ONCE = 500
_NOTING = 0x6761
_MOST_OPEN = 300


@dataclass(frozen=True)
class _Due:
    gap_id: str
    article_id: str
    version: str


@dataclass
class _Round:
    """What was published since the last one, and the open gaps that are still to be asked of it."""

    catalogue: Catalogue
    changed: dict[str, str]
    gone: set[str]
    gaps: list[tuple[str, str, str]]


class Answers:
    """Follows what is published, also what was while bot was away."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._seen: Catalogue | None = None
        self._round: _Round | None = None

    async def look(self) -> int:
        """Asks the questions of the gaps whose article is new or changed; how many gaps. Raises ``NeighbourError``."""
        catalogue = self._services.library.catalogue
        if catalogue is None:
            return 0
        due = await self._linked(catalogue)
        # What a writer has just published for a gap waits behind nothing.
        for one in due:
            await review(self._services, one.gap_id, one.article_id, one.version)
        if self._round is None and self._seen is not catalogue:
            self._round = await self._begin(catalogue)
        if self._round is None:
            return len(due)
        found = await self._look_by_chance(self._round, {one.gap_id for one in due})
        if not self._round.gaps:
            await _keep(self._services, self._round)
            self._seen, self._round = self._round.catalogue, None
        return len(due) + found

    async def _begin(self, catalogue: Catalogue) -> _Round:
        now = {one.article_id: version_of(catalogue, one.article_id) for one in catalogue.entries}
        async with self._services.db.read() as session:
            rows = await session.execute(select(GapArticle.article_id, GapArticle.version))
            before = {row[0]: row[1] for row in rows}
            changed = {each: version for each, version in now.items() if before.get(each) != version}
            gaps = await _typical_of_open(session) if changed else []
        return _Round(catalogue, changed, before.keys() - now.keys(), gaps)

    async def _linked(self, catalogue: Catalogue) -> list[_Due]:
        query = select(Gap).where(Gap.article_id.is_not(None), Gap.state != DISMISSED)
        async with self._services.db.read() as session:
            gaps = (await session.execute(query)).scalars().all()
        found = [(gap, version_of(catalogue, gap.article_id or "")) for gap in gaps]
        return [
            _Due(gap.id, gap.article_id or "", version)
            for gap, version in found
            # An article that is not published yet answers nothing; one that was taken away neither.
            if version != (gap.checked_version or "") and (version or gap.state == CLOSED)
        ]

    async def _look_by_chance(self, asked: _Round, known: set[str]) -> int:
        """Open gaps that an article answers which nobody wrote for them: so many at a look, each asked of once."""
        batch = asked.gaps[:_AT_ONCE]
        open_ones = select(Gap.id).where(Gap.id.in_([each for each, _, _ in batch]), Gap.state.in_((OPEN, IN_PROGRESS)))
        async with self._services.db.read() as session:
            still = set((await session.execute(open_ones)).scalars()) - known
        found = 0
        for gap_id, text, locale in batch:
            article_id = await _answering(self._services, text, locale) if gap_id in still else ""
            if article_id in asked.changed:
                await review(self._services, gap_id, article_id, asked.changed[article_id])
                found += 1
            del asked.gaps[0]
        return found


async def _keep(services: Services, asked: _Round) -> None:
    """Notes what the gaps were asked of: only then, so that a round that was cut off is begun again."""
    ids = sorted(asked.changed.keys() | asked.gone)
    for start in range(0, len(ids), _WRITTEN_AT_ONCE):
        some = ids[start : start + _WRITTEN_AT_ONCE]
        async with services.db.write() as session:
            await services.db.one_at_a_time(session, _NOTING)
            await session.execute(delete(GapArticle).where(GapArticle.article_id.in_(some)))
            there = [each for each in some if each in asked.changed]
            session.add_all(GapArticle(article_id=each, version=asked.changed[each]) for each in there)


def version_of(catalogue: Catalogue, article_id: str) -> str:
    """The versions of an article in every language, as one; empty when it is not published."""
    versions = catalogue.versions(article_id)
    return " ".join(f"{locale}:{versions[locale].version[:64]}" for locale in sorted(versions))


async def review(services: Services, gap_id: str, article_id: str, version: str) -> None:
    """Asks the gap's questions again, and closes it when enough of them are answered. Raises ``NeighbourError``."""
    async with services.db.read() as session:
        rows = await questions_of(session, gap_id)
    asked = Counter((row.question, row.locale) for row in rows)
    answered: set[tuple[str, str]] = set()
    for text, locale in list(asked)[:_MOST_ASKED] if version else []:
        if await _answering(services, text, locale) == article_id:
            answered.add((text, locale))
    share = sum(asked[each] for each in answered)
    total = sum(asked[each] for each in list(asked)[:_MOST_ASKED])
    helped = [row for row in rows if (row.question, row.locale) in answered]
    async with services.db.read() as session:
        gap = await session.get(Gap, gap_id)
        if gap is None or gap.state == DISMISSED:
            return
        owed = await who_is_owed(session, article_id, helped)
    await owe(services, gap_id, article_id, owed)
    async with services.db.write() as session:
        gap = await session.get(Gap, gap_id, with_for_update=True, populate_existing=True)
        if gap is None or gap.state == DISMISSED:
            return
        gap.article_id, gap.checked_version, gap.asked, gap.answered = article_id, version, total, share
        _move(services, session, gap, closes=total > 0 and share >= ENOUGH * total)


def _move(services: Services, session: AsyncSession, gap: Gap, *, closes: bool) -> None:
    now = services.clock()
    if closes and gap.state != CLOSED:
        gap.state, gap.changed_at, gap.closed_at = CLOSED, now, now
        session.add(AuditEntry(at=now, action="gap_closed_itself", target=gap.id, detail=gap.article_id))
    elif not closes and gap.state == CLOSED:
        gap.state, gap.changed_at, gap.closed_at = OPEN, now, None


async def questions_of(session: AsyncSession, gap_id: str) -> Sequence[UnansweredQuestion]:
    """Its questions, the most typical first."""
    query = (
        select(UnansweredQuestion)
        .join(GapQuestion, GapQuestion.question_id == UnansweredQuestion.id)
        .where(GapQuestion.gap_id == gap_id)
        .order_by(GapQuestion.place, UnansweredQuestion.created_at, UnansweredQuestion.id)
    )
    return (await session.execute(query)).scalars().all()


async def _typical_of_open(session: AsyncSession) -> list[tuple[str, str, str]]:
    first = (
        select(GapQuestion.gap_id, func.min(GapQuestion.place).label("place"), func.count().label("size"))
        .join(UnansweredQuestion, UnansweredQuestion.id == GapQuestion.question_id)
        .join(Gap, Gap.id == GapQuestion.gap_id)
        .where(Gap.state.in_((OPEN, IN_PROGRESS)))
        .group_by(GapQuestion.gap_id)
        .subquery()
    )
    query = (
        select(GapQuestion.gap_id, UnansweredQuestion.question, UnansweredQuestion.locale)
        .join(first, (first.c.gap_id == GapQuestion.gap_id) & (first.c.place == GapQuestion.place))
        .join(UnansweredQuestion, UnansweredQuestion.id == GapQuestion.question_id)
        .order_by(first.c.size.desc(), GapQuestion.gap_id)
        .limit(_MOST_OPEN)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def _answering(services: Services, question: str, locale: str) -> str:
    """The article with which a customer's question is answered now; none: empty."""
    if not question.strip():
        return ""
    try:
        found = await services.knowledge.search(question, locale, 1)
    except NeighbourError as error:
        if not error.permanent:
            raise
        # It would be refused again, and the other questions wait behind it.
        _log.warning("question_refused", cause=error.code)
        return ""
    results = found.get("results") or []
    return str(results[0]["article_id"]) if found.get("decision") == "answer" and results else ""
