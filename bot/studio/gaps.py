"""Gaps as writers read them: ranked by what they cost, with what is behind each figure and nothing of whose it was."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.gaps import CLOSED, STATES, Gap, GapQuestion
from bot.db.models import Handoff, UnansweredQuestion
from bot.db.sent import SentOn
from bot.services import Services
from bot.studio.gap_month import is_followed, months_of, of_a_followed_one
from bot.studio.gap_run import run_of, run_shown

Json = dict[str, Any]
WEEKS = 8
LONGEST_DAYS, USUAL_DAYS = 90, 30
MOST_LISTED = 500
_WEEK = timedelta(days=7)
# A handoff is put down to a question that was asked so long before it, at the most.
_CAUSED_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; None: everything."""

    state: str | None = None
    locale: str | None = None
    channel: str | None = None
    days: int = USUAL_DAYS


@dataclass(frozen=True)
class Asked:
    """One question of a gap."""

    gap_id: str
    conversation_id: str
    text: str
    locale: str
    channel: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Passed:
    """One handoff, and how long an advisor had it."""

    id: str
    requested_at: datetime
    minutes: float


@dataclass
class Figures:
    """What a gap counts and costs in the time that is looked at."""

    questions: int = 0
    typical: Asked | None = None
    # When none was asked in the time that is looked at.
    earlier: Asked | None = None
    people: set[str] = field(default_factory=set)
    handoffs: dict[str, float] = field(default_factory=dict)
    locales: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    weeks: list[int] = field(default_factory=lambda: [0] * WEEKS)


async def listed(services: Services, wanted: Wanted) -> Json:
    """``{gaps, counts, waiting, grouping, locales, channels, costs}``; the costliest first, what asks nothing last."""
    now = services.clock()
    async with services.db.read() as session:
        gaps = {gap.id: gap for gap in (await session.execute(select(Gap))).scalars()}
        asked = await asked_of(session, _since(now, wanted.days), followed_at=now)
        rows = [row for row in asked if row.gap_id in gaps]  # on PostgreSQL a grouping may end between the two
        passed = await handoffs_of(session, {row.conversation_id for row in rows})
        waiting, sent = await _waiting(session), await pending_of(session)
        run = run_shown(await run_of(session))
        # Not of what was closed long ago: that would be counted over all the messages since.
        told = {row.gap_id for row in rows} if wanted.state in (None, CLOSED) else set()
        lately = [gaps[each] for each in told if is_followed(gaps[each], now, LONGEST_DAYS)]
        months = await months_of(session, lately, now)
        readable = await _readable(session)
    fitting = [row for row in rows if wanted.locale in (None, row.locale) and wanted.channel in (None, row.channel)]
    found = figures_from(fitting, passed, now, timedelta(days=wanted.days))
    shown = [
        gap_shown(services, gaps[gap_id], each)
        for gap_id, each in found.items()
        if each.typical or is_followed(gaps[gap_id], now)
    ]
    for one in shown:
        one["since"] = months.get(one["gap_id"])
        one["wordless"] = one["gap_id"] not in readable
        one["sent_on"] = [owner for gap_id, owner in sent if gap_id == one["gap_id"]]
    shown.sort(
        key=lambda one: (one["wordless"], -one["cost_eur"], -one["minutes"], -one["questions"], one["typical"]["text"])
    )
    counts = Counter(one["state"] for one in shown)
    return {
        "gaps": [one for one in shown if wanted.state in (None, one["state"])][:MOST_LISTED],
        "counts": {state: counts[state] for state in STATES} | {"sent": len(sent)},
        "waiting": waiting,
        "grouping": run,
        "locales": sorted({row.locale for row in rows}),
        "channels": sorted({row.channel for row in rows}),
        "contact_eur": services.service.costs.contact_eur,
    }


def _since(now: datetime, days: int) -> datetime:
    return now - max(timedelta(days=days), WEEKS * _WEEK)


async def asked_of(
    session: AsyncSession, since: datetime, gap_id: str | None = None, *, followed_at: datetime | None = None
) -> list[Asked]:
    """Questions that are in a gap, the most typical of each first; older ones too of what is followed at that time."""
    row = UnansweredQuestion
    recent = UnansweredQuestion.created_at >= since
    # In the order of Asked, and no more: there may be ten thousand.
    wanted = (row.conversation_id, row.question, row.locale, row.channel, row.reason, row.created_at)
    query = (
        select(GapQuestion.gap_id, *wanted)
        .join(UnansweredQuestion, UnansweredQuestion.id == GapQuestion.question_id)
        .where(recent if followed_at is None else or_(recent, of_a_followed_one(followed_at)))
        .order_by(GapQuestion.gap_id, GapQuestion.place, UnansweredQuestion.created_at)
    )
    if gap_id is not None:
        query = query.where(GapQuestion.gap_id == gap_id)
    return [Asked(*found) for found in await session.execute(query)]


async def figures_of(session: AsyncSession, gap_id: str, now: datetime, days: int) -> tuple[Figures, list[Asked]]:
    """One gap's figures, and the questions behind them."""
    rows = await asked_of(session, _since(now, days), gap_id, followed_at=now)
    passed = await handoffs_of(session, {row.conversation_id for row in rows})
    within = timedelta(days=days)
    found = figures_from(rows, passed, now, within).get(gap_id, Figures())
    return found, [row for row in rows if row.at >= now - within] or rows


async def handoffs_of(session: AsyncSession, conversations: set[str]) -> dict[str, list[Passed]]:
    """Each conversation's handoffs."""
    found: dict[str, list[Passed]] = defaultdict(list)
    ids = sorted(conversations)
    for start in range(0, len(ids), 1_000):
        query = select(
            Handoff.id, Handoff.conversation_id, Handoff.requested_at, Handoff.accepted_at, Handoff.ended_at
        ).where(Handoff.conversation_id.in_(ids[start : start + 1_000]))
        for row in await session.execute(query):
            held = row.accepted_at is not None and row.ended_at is not None
            minutes = (row.ended_at - row.accepted_at).total_seconds() / 60 if held else 0.0
            found[row.conversation_id].append(Passed(row.id, row.requested_at, minutes))
    return found


async def _waiting(session: AsyncSession) -> int:
    grouped = select(GapQuestion.question_id).where(GapQuestion.question_id == UnansweredQuestion.id).exists()
    query = select(func.count()).select_from(UnansweredQuestion).where(~grouped)
    return int((await session.execute(query)).scalar_one())


async def _readable(session: AsyncSession) -> set[str]:
    """The gaps in which somebody asked something."""
    query = select(GapQuestion.gap_id).where(GapQuestion.wordless.is_(False)).distinct()
    return set((await session.execute(query)).scalars())


async def pending_of(session: AsyncSession) -> list[tuple[str | None, str]]:
    """What was sent on and is not resolved: gap (of an article: none) and owner."""
    query = select(SentOn.gap_id, SentOn.owner_id).where(SentOn.resolved_at.is_(None)).order_by(SentOn.sent_at)
    return [(row[0], row[1]) for row in await session.execute(query)]


def figures_from(
    rows: Iterable[Asked], passed: dict[str, list[Passed]], now: datetime, within: timedelta
) -> dict[str, Figures]:
    """By gap."""
    found: dict[str, Figures] = defaultdict(Figures)
    for row in rows:
        each = found[row.gap_id]
        weeks_ago = max(0, int((now - row.at) / _WEEK))
        if weeks_ago < WEEKS:
            each.weeks[WEEKS - 1 - weeks_ago] += 1
        if row.at < now - within:
            each.earlier = each.earlier or row
            continue
        each.typical = each.typical or row
        each.questions += 1
        each.people.add(row.conversation_id)
        each.locales[row.locale] += 1
        each.channels[row.channel] += 1
        each.reasons[row.reason] += 1
        for handoff in passed.get(row.conversation_id, ()):
            if row.at <= handoff.requested_at <= row.at + _CAUSED_WITHIN:
                each.handoffs[handoff.id] = handoff.minutes
    return found


def gap_shown(services: Services, gap: Gap, each: Figures) -> Json:
    """One line of the list."""
    asked = each.typical or each.earlier
    typical = {"text": asked.text, "locale": asked.locale} if asked else {"text": "", "locale": ""}
    return {
        "gap_id": gap.id,
        "typical": typical,
        "state": gap.state,
        "questions": each.questions,
        "conversations": len(each.people),
        "handoffs": len(each.handoffs),
        "minutes": round(sum(each.handoffs.values())),
        "cost_eur": round(len(each.handoffs) * services.service.costs.contact_eur, 2),
        "weeks": each.weeks,
        "locales": dict(each.locales.most_common()),
        "channels": dict(each.channels.most_common()),
        "reasons": dict(each.reasons.most_common()),
        "article_id": gap.article_id,
        "asked": gap.asked,
        "answered": gap.answered,
        "closed_at": gap.closed_at.isoformat() if gap.closed_at else None,
        "changed_at": gap.changed_at.isoformat(),
    }
