"""What is sent on: a gap, or the bad opinions on an article; its masked words and what it counts, nothing of whose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.questions import NOT_HELPED
from bot.db.help import ArticleOpinion
from bot.db.models import UnansweredQuestion
from bot.services import Services
from bot.studio.gap_detail import wordings_of
from bot.studio.gaps import WEEKS, Asked, Figures, asked_of, figures_from, handoffs_of

Json = dict[str, Any]
_WORDINGS = 20


@dataclass(frozen=True)
class Subject:
    """Either a gap, or an article in a language."""

    gap_id: str | None = None
    article_id: str | None = None
    locale: str | None = None

    @property
    def key(self) -> str:
        """The same for the same."""
        return f"gap:{self.gap_id}" if self.gap_id else f"article:{self.article_id}/{self.locale}"


@dataclass(frozen=True)
class Case:
    """``typical`` is empty when nothing was asked in these days; ``weeks``: questions, the last week at the end."""

    typical: str
    wordings: list[Json]
    figures: Json
    weeks: list[int]


async def case_of(services: Services, session: AsyncSession, subject: Subject, days: int) -> Case:
    """The last ``days`` of it."""
    now, within = services.clock(), timedelta(days=days)
    rows = await asked_about(session, subject, now - max(within, timedelta(weeks=WEEKS)))
    passed = await handoffs_of(session, {row.conversation_id for row in rows})
    (found,) = figures_from(rows, passed, now, within).values() or (None,)
    readers = await _readers(session, subject, now - within)
    wordings = wordings_of([row for row in rows if row.at >= now - within and row.text.strip()])
    handoffs = found.handoffs if found else {}
    return Case(
        typical=_typical(subject, found, wordings),
        wordings=wordings[:_WORDINGS],
        figures={
            "questions": (found.questions if found else 0) + readers,
            "conversations": len(found.people) if found else 0,
            "handoffs": len(handoffs),
            "minutes": round(sum(handoffs.values())),
            "cost_eur": round(len(handoffs) * services.service.costs.contact_eur, 2),
            "readers": readers,
            "days": days,
        },
        weeks=found.weeks if found else [0] * WEEKS,
    )


def _typical(subject: Subject, found: Figures | None, wordings: list[Json]) -> str:
    """Of a gap the question that it is called by, of an article what was asked most often."""
    if subject.article_id and wordings:
        return str(max(wordings, key=lambda one: int(one["count"]))["text"])
    return found.typical.text if found and found.typical else ""


async def asked_about(session: AsyncSession, subject: Subject, since: datetime) -> list[Asked]:
    """Its questions, the most typical first; of an article those that it did not help with, the newest first."""
    if subject.gap_id is not None:
        return await asked_of(session, since, subject.gap_id)
    row = UnansweredQuestion
    query = (
        select(row.conversation_id, row.question, row.locale, row.channel, row.reason, row.created_at)
        .where(row.article_id == subject.article_id, row.locale == subject.locale, row.reason == NOT_HELPED)
        .where(row.created_at >= since)
        .order_by(row.created_at.desc())
    )
    return [Asked("", *found) for found in await session.execute(query)]


async def _readers(session: AsyncSession, subject: Subject, since: datetime) -> int:
    """Readers of the help centre whom the article did not help."""
    if subject.article_id is None:
        return 0
    row = ArticleOpinion
    query = (
        select(func.count())
        .select_from(row)
        .where(row.article_id == subject.article_id, row.locale == subject.locale)
        .where(row.helpful.is_(False), row.created_at >= since)
    )
    return int((await session.execute(query)).scalar_one())
