"""The month after a gap was closed: how many of its questions are answered. It stays in the list until then."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.gaps import CLOSED, Gap, GapQuestion
from bot.db.models import Message, UnansweredQuestion

Json = dict[str, Any]
MONTH = timedelta(days=30)
_AT_ONCE = 500


def is_followed(gap: Gap, now: datetime, days: int = MONTH.days) -> bool:
    """Whether it was closed so many days ago at most, and is closed still."""
    return gap.state == CLOSED and gap.closed_at is not None and gap.closed_at > now - timedelta(days=days)


def of_a_followed_one(now: datetime) -> ColumnElement[bool]:
    """Of a row of ``GapQuestion``, the same."""
    return GapQuestion.gap_id.in_(select(Gap.id).where(Gap.state == CLOSED, Gap.closed_at > now - MONTH))


async def months_of(session: AsyncSession, gaps: Iterable[Gap], now: datetime) -> dict[str, Json]:
    """By gap: of the questions of the month after it was closed, how many the article answered."""
    closed = {gap.id: (gap.closed_at, min(now, gap.closed_at + MONTH), gap) for gap in gaps if gap.closed_at}
    if not closed:
        return {}
    first, last = min(start for start, _, _ in closed.values()), max(end for _, end, _ in closed.values())
    shown = await _shown(session, {gap.article_id for _, _, gap in closed.values() if gap.article_id}, first, last)
    left = await _left(session, list(closed), first, last)
    found: dict[str, Json] = {}
    for gap_id, (start, end, gap) in closed.items():
        answered = sum(start < at <= end for at in shown.get(gap.article_id or "", ()))
        reasons = Counter(reason for reason, at in left.get(gap_id, ()) if start < at <= end)
        found[gap_id] = {
            "asked": answered + reasons["no_answer"],
            "answered": max(0, answered - reasons["not_helped"]),
            "until": (start + MONTH).date().isoformat(),
        }
    return found


async def _shown(
    session: AsyncSession, articles: Iterable[str], first: datetime, last: datetime
) -> dict[str, list[datetime]]:
    """When each article was the answer to a question."""
    article, ids = Message.data["answer"]["article_id"].as_string(), sorted(articles)
    found: dict[str, list[datetime]] = defaultdict(list)
    for at in range(0, len(ids), _AT_ONCE):
        query = (
            select(article, Message.created_at)
            .where(Message.kind == "answer", Message.author == "bot", article.in_(ids[at : at + _AT_ONCE]))
            .where(Message.created_at > first, Message.created_at <= last)
            # Those that were told are not those who asked.
            .where(Message.data["asked"]["confidence"].as_float().is_not(None))
        )
        for row in await session.execute(query):
            found[row[0]].append(row[1])
    return found


async def _left(
    session: AsyncSession, ids: list[str], first: datetime, last: datetime
) -> dict[str, list[tuple[str, datetime]]]:
    """Why and when each gap's question was asked without an answer that helped."""
    found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for at in range(0, len(ids), _AT_ONCE):
        query = (
            select(GapQuestion.gap_id, UnansweredQuestion.reason, UnansweredQuestion.created_at)
            .join(UnansweredQuestion, UnansweredQuestion.id == GapQuestion.question_id)
            .where(GapQuestion.gap_id.in_(ids[at : at + _AT_ONCE]))
            .where(UnansweredQuestion.created_at > first, UnansweredQuestion.created_at <= last)
        )
        for row in await session.execute(query):
            found[row[0]].append((row[1], row[2]))
    return found
