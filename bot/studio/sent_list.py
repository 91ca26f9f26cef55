"""Everything that was sent on, with how many conversations came since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.questions import NOT_HELPED
from bot.db.gaps import GapQuestion
from bot.db.identity import Mail
from bot.db.models import UnansweredQuestion
from bot.db.people import User
from bot.db.sent import SentOn
from bot.services import Services
from bot.studio.sent_on import title_of

Json = dict[str, Any]
_MOST = 200
_Come = list[tuple[str, datetime]]  # conversation, and when


async def listed(services: Services) -> Json:
    """``{owners, sent}``: what waits first, then what is resolved; the newest of each first."""
    async with services.db.read() as session:
        query = select(SentOn).order_by(SentOn.resolved_at.is_not(None), SentOn.sent_at.desc()).limit(_MOST)
        rows = (await session.execute(query)).scalars().all()
        reader = _Reader(services, session, rows)
        sent = await reader.told()
    owners = [{"id": one.id, "name": one.name.model_dump()} for one in services.service.studio.owners]
    return {"owners": owners, "sent": sent}


class _Reader:
    """A handful of queries, however many were sent."""

    def __init__(self, services: Services, session: AsyncSession, rows: Sequence[SentOn]) -> None:
        self._services, self._session, self._rows = services, session, rows
        self._names = {one.id: one.name.model_dump() for one in services.service.studio.owners}

    async def told(self) -> list[Json]:
        if not self._rows:
            return []
        since = min(row.sent_at for row in self._rows)
        gaps, articles = await self._of_gaps(since), await self._of_articles(since)
        typical, senders, mails = await self._typical(), await self._senders(), await self._mails()
        return [
            self._one(row)
            | {
                "typical": typical.get(row.gap_id) if row.gap_id else None,
                "sent_by": senders.get(row.sent_by, ""),
                "mail": mails.get(row.mail_id, "sent"),
                "since": _since(row, gaps.get(row.gap_id or "", articles.get((row.article_id, row.locale), []))),
            }
            for row in self._rows
        ]

    def _one(self, row: SentOn) -> Json:
        return {
            "sent_id": row.id,
            "gap_id": row.gap_id,
            "article_id": row.article_id,
            "locale": row.locale,
            "title": title_of(self._services, row.article_id, row.locale),
            # An owner who is no longer in service.yml has only an id left.
            "owner": {"id": row.owner_id, "name": self._names.get(row.owner_id)},
            "note": row.note,
            "figures": row.figures,
            "sent_at": row.sent_at.isoformat(),
            "resolved_at": row.resolved_at.isoformat() if row.resolved_at else None,
            "mistaken": row.word_id is not None,
        }

    async def _of_gaps(self, since: datetime) -> dict[str, _Come]:
        question = UnansweredQuestion
        query = (
            select(GapQuestion.gap_id, question.conversation_id, question.created_at)
            .join(question, question.id == GapQuestion.question_id)
            .where(
                GapQuestion.gap_id.in_([row.gap_id for row in self._rows if row.gap_id]), question.created_at > since
            )
        )
        found: dict[str, _Come] = {}
        for gap_id, conversation_id, at in await self._session.execute(query):
            found.setdefault(gap_id, []).append((conversation_id, at))
        return found

    async def _of_articles(self, since: datetime) -> dict[tuple[str | None, str | None], _Come]:
        row = UnansweredQuestion
        query = (
            select(row.article_id, row.locale, row.conversation_id, row.created_at)
            .where(row.article_id.in_([one.article_id for one in self._rows if one.article_id]))
            .where(row.reason == NOT_HELPED, row.created_at > since)
        )
        found: dict[tuple[str | None, str | None], _Come] = {}
        for article_id, locale, conversation_id, at in await self._session.execute(query):
            found.setdefault((article_id, locale), []).append((conversation_id, at))
        return found

    async def _typical(self) -> dict[str, Json]:
        """Each gap's most typical question that is still there."""
        ids = [row.gap_id for row in self._rows if row.gap_id]
        question = UnansweredQuestion
        number = func.row_number().over(
            partition_by=GapQuestion.gap_id, order_by=(GapQuestion.place, question.created_at, question.id)
        )
        ranked = (
            select(GapQuestion.gap_id, question.question, question.locale, number.label("number"))
            .join(question, question.id == GapQuestion.question_id)
            .where(GapQuestion.gap_id.in_(ids))
            .subquery()
        )
        first: ColumnElement[bool] = ranked.c.number == 1
        rows = await self._session.execute(select(ranked.c.gap_id, ranked.c.question, ranked.c.locale).where(first))
        return {gap_id: {"text": text, "locale": locale} for gap_id, text, locale in rows}

    async def _senders(self) -> dict[str, str]:
        query = select(User.id, User.name).where(User.id.in_({row.sent_by for row in self._rows}))
        return {row[0]: row[1] for row in await self._session.execute(query)}

    async def _mails(self) -> dict[str, str]:
        query = select(Mail.id, Mail.status).where(Mail.id.in_([row.mail_id for row in self._rows]))
        return {row[0]: row[1] for row in await self._session.execute(query)}


def _since(row: SentOn, come: _Come) -> int:
    """Conversations that asked after it was sent, until it was resolved."""
    return len({each for each, at in come if at > row.sent_at and (row.resolved_at is None or at <= row.resolved_at)})
