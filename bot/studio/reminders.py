"""Reminds of articles that are to be reviewed: one mail a morning for each person, never twice for the same date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.accounts.links import locale_of, write_kept
from bot.background import beside, every
from bot.db.people import User
from bot.db.upkeep import ReviewMorning, ReviewReminder
from bot.letters import templated
from bot.rights import RIGHTS, may
from bot.services import Services
from bot.when import day_in_words

Json = dict[str, Any]
SOON, OVER = "soon", "over"
_LOOK_EVERY_SECONDS = 60.0
# A mail names so many of each kind; the list has them all.
_MOST_NAMED = 20


class Reminding:
    """Looks once a minute. Several processes may: the one that notes the morning writes its mails."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        async with beside(every(_LOOK_EVERY_SECONDS, "reminding", partial(remind, self._services))):
            yield


async def remind(services: Services) -> int:
    """Writes this morning's mails, once the company has opened; how many. Raises ``NeighbourError``.

    The morning, the reminders and the mails are one transaction: who dies in between has written none of them.
    """
    today = _morning(services)
    if today is None:
        return 0
    async with services.db.read() as session:
        if await session.get(ReviewMorning, today.isoformat()) is not None:
            return 0
    due = _due((await services.studio.shelf())["articles"], today, services.service.studio.remind_days_before)
    try:
        async with services.db.write() as session:
            session.add(ReviewMorning(day=today.isoformat(), at=services.clock()))
            await session.flush()
            return await _write(services, session, due)
    except IntegrityError:  # another process was quicker
        return 0


def _morning(services: Services) -> date | None:
    """Today, on a day of opening from the hour of opening on; nothing where no mails are wanted, or can be sent."""
    settings = services.settings
    if not services.service.studio.remind_days_before or not (settings.smtp_url or settings.relais_demo):
        return None
    now = services.clock().astimezone(services.service.zone)
    opens = services.service.next_opening(datetime.combine(now.date(), datetime.min.time(), now.tzinfo))
    return now.date() if opens is not None and opens <= now and opens.date() == now.date() else None


def _due(rows: Iterable[Json], today: date, days: int) -> list[tuple[str, Json]]:
    """Published articles whose date is near, or has come; the first date first."""
    last = (today + timedelta(days=days)).isoformat()
    near = [row for row in rows if row["state"] == "published" and row["review_by"] and row["review_by"] <= last]
    near.sort(key=lambda row: (row["review_by"], row["article_id"], row["locale"]))
    return [(OVER if row["review_by"] <= today.isoformat() else SOON, row) for row in near]


async def _write(services: Services, session: AsyncSession, due: Sequence[tuple[str, Json]]) -> int:
    known = {
        (row.article_id, row.locale, row.review_by, row.kind)
        for row in (await session.execute(select(ReviewReminder))).scalars()
    }
    new = [(kind, row) for kind, row in due if (*_date_of(row), kind) not in known]
    users = (await session.execute(select(User).where(User.status == "active").order_by(User.id))).scalars().all()
    theirs: dict[str, dict[str, list[Json]]] = defaultdict(lambda: {OVER: [], SOON: []})
    for kind, row in new:
        readers = _readers(users, row)
        for user in readers:
            theirs[user.id][kind].append(row)
        if readers:
            article_id, locale, review_by = _date_of(row)
            session.add(ReviewReminder(article_id=article_id, locale=locale, review_by=review_by, kind=kind))
    for user in users:
        if user.id in theirs:
            write_kept(services, session, user, _letter(services, user, theirs[user.id]))
    return len(theirs)


def _date_of(row: Json) -> tuple[str, str, str]:
    return row["article_id"], row["locale"], row["review_by"]


def _readers(users: Sequence[User], row: Json) -> list[User]:
    """Who wrote it last; when nobody did, or they are gone, publishers, else whoever may publish."""
    email = str((row.get("updated_by") or {}).get("email", "")).lower()
    author = [user for user in users if user.email == email and may(user.role, "write")]
    ranks = (("publisher",), ("supervisor",), tuple(RIGHTS["publish"]))
    found = ([user for user in users if user.role in roles] for roles in ranks)
    return author or next((each for each in found if each), [])


def _letter(services: Services, user: User, due: dict[str, list[Json]]) -> str:
    locale, studio = locale_of(user), f"{services.settings.public_url}/studio/articles"
    parts = {
        kind: [
            {
                "title": row["title"],
                "language": row["locale"],
                "day": _day(locale, row["review_by"]),
                "link": f"{studio}/{row['article_id']}?locale={row['locale']}",
            }
            for row in rows[:_MOST_NAMED]
        ]
        for kind, rows in due.items()
    }
    return templated(
        locale,
        "mail_reviews",
        brand=services.service.brand.name,
        name=user.name,
        count=sum(map(len, due.values())),
        parts=parts,
        more={kind: max(0, len(rows) - _MOST_NAMED) for kind, rows in due.items()},
        link=f"{studio}?look=due",
    )


def _day(locale: str, review_by: str) -> str:
    at = date.fromisoformat(review_by)
    return f"{day_in_words(locale, datetime(at.year, at.month, at.day))} {at.year}"  # noqa: DTZ001  a day has no zone
