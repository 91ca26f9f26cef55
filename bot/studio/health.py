"""How each article fares, counted from the record: shown, opened, helped or not, and who needed a person after it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.conversations.popular import path_of
from bot.db.help import ArticleOpening, ArticleOpinion
from bot.db.models import Conversation, Feedback, Handoff, Message, PageView
from bot.help.catalogue import HOME

PERIODS = (7, 30, 90)
USUAL_DAYS = 30
# A handoff is put down to the article that was shown last, so long before it at the most.
AFTER = timedelta(hours=24)
_Z = 1.96  # of a range that holds the truth 19 times in 20
Key = tuple[str, str, str]  # article id, language, version
Place = tuple[str, str]  # article id, language


@dataclass
class Figures:
    """Of one version of an article in one language. ``opened`` is counted apart: see ``openings``."""

    shown: int = 0
    opened: int = 0
    helped: int = 0
    not_helped: int = 0
    handoffs: int = 0

    def add(self, other: Figures) -> None:
        """Counts another's figures too."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def as_json(self) -> dict[str, Any]:
        """With the share that was helped, and the range in which it lies: one of one is not 100 %."""
        said = self.helped + self.not_helped
        low, high = wilson(self.helped, said)
        counts = {each.name: getattr(self, each.name) for each in fields(self)}
        return counts | {"rate": round(self.helped / said, 4) if said else None, "low": low, "high": high}


@dataclass
class Kept:
    """What the record tells of one version; the title is the one it was shown under last."""

    figures: Figures
    title: str = ""
    last: datetime | None = None


def wilson(yes: int, total: int) -> tuple[float, float]:
    """The range in which a share lies at 95 %, after Wilson; all of it while nobody said anything."""
    if total == 0:
        return 0.0, 1.0
    share, square = yes / total, _Z * _Z
    middle = share + square / (2 * total)
    spread = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    whole = 1 + square / total
    return round(max(0.0, (middle - spread) / whole), 4), round(min(1.0, (middle + spread) / whole), 4)


def answer_field(name: str) -> ColumnElement[Any]:
    """What a message says of the article it shows."""
    found: ColumnElement[Any] = Message.data["answer"][name].as_string()
    return found


def shown_since(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Messages that showed an article to a customer; the conversation's own date is the one that has an index."""
    return (
        Conversation.updated_at >= since,
        Message.created_at >= since,
        Message.kind == "answer",
        Message.internal.is_(False),
    )


async def counted(session: AsyncSession, since: datetime) -> dict[Key, Kept]:
    """Everything but ``opened``, by version: one query a figure, however many articles there are."""
    found: dict[Key, Kept] = defaultdict(lambda: Kept(Figures()))
    for *key, count, title, last in await session.execute(_shown(since)):
        kept = found[_key(key)]
        kept.figures.shown, kept.title, kept.last = count, title or "", last
    for query in (_judged(since), _opinions(since)):
        for *key, helped, said in await session.execute(query):
            figures = found[_key(key)].figures
            figures.helped += helped
            figures.not_helped += said - helped
    for row in await session.execute(handed_over(since)):
        if row.requested_at - row.shown_at <= AFTER:
            found[_key(row[:3])].figures.handoffs += 1
    return dict(found)


def _key(values: Sequence[Any]) -> Key:
    article_id, locale, version = (str(value or "") for value in values)
    return article_id, locale, version


def _shown(since: datetime) -> Select[Any]:
    # Beneath, the fields have names: PostgreSQL does not group by an expression that has parameters.
    rows = (
        select(
            answer_field("article_id").label("article_id"),
            answer_field("locale").label("locale"),
            answer_field("version").label("version"),
            answer_field("title").label("title"),
            Message.created_at.label("at"),
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(*shown_since(since))
        .subquery()
    )
    key = rows.c.article_id, rows.c.locale, rows.c.version
    return select(*key, func.count(), func.max(rows.c.title), func.max(rows.c.at)).group_by(*key)


def _judged(since: datetime) -> Select[Any]:
    """Opinions in the chat on what was shown in the period, so that no more were helped than were shown it."""
    rows = (
        select(
            Feedback.article_id,
            answer_field("locale").label("locale"),
            Feedback.version,
            cast(Feedback.helpful, Integer).label("helped"),
        )
        .join(Message, Message.id == Feedback.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(*shown_since(since))
        .subquery()
    )
    key = rows.c.article_id, rows.c.locale, rows.c.version
    return select(*key, func.sum(rows.c.helped), func.count()).group_by(*key)


def _opinions(since: datetime) -> Select[Any]:
    """Readers of the help centre."""
    key: list[Any] = [ArticleOpinion.article_id, ArticleOpinion.locale, ArticleOpinion.version]
    helped = func.sum(cast(ArticleOpinion.helpful, Integer))
    return select(*key, helped, func.count()).where(ArticleOpinion.created_at >= since).group_by(*key)


def handed_over(since: datetime) -> Select[Any]:
    """Each handoff with the article that was shown last before it, in the same conversation."""
    before = aliased(Message)
    last = (
        select(func.max(before.seq))
        .where(before.conversation_id == Handoff.conversation_id, before.created_at <= Handoff.requested_at)
        .where(before.kind == "answer", before.internal.is_(False))
        .correlate(Handoff)
        .scalar_subquery()
    )
    return (
        select(
            answer_field("article_id"),
            answer_field("locale"),
            answer_field("version"),
            Handoff.requested_at,
            Message.created_at.label("shown_at"),
            Message.id.label("message_id"),
        )
        .select_from(Handoff)
        .join(Message, Message.conversation_id == Handoff.conversation_id)
        .where(Handoff.requested_at >= since, Message.seq == last)
    )


async def openings(session: AsyncSession, day: str) -> dict[Key, int]:
    """How often each version was opened in the help centre, from ``day`` on."""
    row = ArticleOpening
    key = row.article_id, row.locale, row.version
    query = select(*key, func.sum(row.times)).where(row.day >= day).group_by(*key)
    return {(found[0], found[1], found[2]): int(found[3]) for found in await session.execute(query)}


def read_since(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Pages of the help centre, seen by who talked to us."""
    url = cast(PageView.url, String)
    at_home = or_(*(url.contains(f"{home}/", autoescape=True) for home in HOME.values()))
    return Conversation.updated_at >= since, PageView.seen_at >= since, at_home


async def opened_in(session: AsyncSession, since: datetime) -> dict[str, int]:
    """Path of a page of the help centre → conversations that had it open. Who only reads leaves no trace."""
    query = (
        select(PageView.url, func.count(func.distinct(PageView.conversation_id)))
        .join(Conversation, Conversation.id == PageView.conversation_id)
        .where(*read_since(since))
        .group_by(PageView.url)
    )
    found: dict[str, int] = defaultdict(int)
    for url, count in await session.execute(query):
        found[path_of(url)] += count
    return dict(found)
