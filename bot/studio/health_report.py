"""The state of the articles: how they fare beside what they lack, filtered and sorted for the page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.folding import fold
from bot.services import Services
from bot.studio.health import USUAL_DAYS, Figures, Kept, Key, Place, counted, opened_in, openings
from bot.studio.health_duplicates import alike, places_in

Json = dict[str, Any]
# What an article can owe its readers, the gravest first.
DEBTS = ("contradicted", "due", "stale", "missing", "duplicate", "unread")
# Fewer opinions than these say nothing, and of more it must be almost certain that it helps less than half.
FEWEST_OPINIONS, LEAST_HELPED = 5, 0.5
# What changed more recently has had no time to be asked for.
_NEW = timedelta(days=7)
NUMBERS = ("shown", "opened", "helped", "not_helped", "handoffs")
SORTS = (*NUMBERS, "help", "title", "debts")


@dataclass(frozen=True)
class Wanted:
    """What the table is narrowed to, and how it is ordered. ``look``: one of DEBTS, or ``any``."""

    days: int = USUAL_DAYS
    q: str = ""
    locale: str = ""
    topic: str = ""
    look: str = ""
    sort: str = "shown"
    upwards: bool = False
    offset: int = 0
    limit: int = 50


async def report(services: Services, wanted: Wanted) -> Json:
    """``{total, articles, facets, totals, topics, articles_in_all}`` for the period."""
    rows = await rows_of(services, wanted.days)
    here = [row for row in rows if _narrowed(row, wanted)]
    fitting = [row for row in here if _looks(row, wanted.look)]
    ordered = sorted_by(fitting, wanted.sort, upwards=wanted.upwards)
    facets = Counter(debt for row in here for debt in row["debts"])
    return {
        "days": wanted.days,
        "total": len(fitting),
        "articles": ordered[wanted.offset : wanted.offset + wanted.limit],
        "articles_in_all": len(rows),
        "facets": {debt: facets[debt] for debt in DEBTS} | {"any": sum(bool(row["debts"]) for row in here)},
        "totals": _sum(fitting).as_json(),
        "topics": _by_topic(fitting),
    }


async def rows_of(services: Services, days: int) -> list[Json]:
    """A row for each article in each language: what is published, and what was shown though it is gone."""
    now = services.clock()
    since = now - timedelta(days=days)
    shelf = (await services.studio.shelf())["articles"]
    twins = places_in(await alike(services))
    async with services.db.read() as session:
        kept = await counted(session, since)
        opened = await opened_in(session, since)
        openings_of = _by_place(await openings(session, first_day(services, days)))
    by_place: dict[Place, dict[Key, Kept]] = defaultdict(dict)
    for key, each in kept.items():
        by_place[key[:2]][key] = each
    rows = []
    for told in shelf:
        known = by_place.pop((told["article_id"], told["locale"]), {})
        if told["version"] is not None or known:
            is_twin = (told["article_id"], told["locale"]) in twins
            # Who had the chat open may have asked not to be counted: it was opened at least so often.
            times = max(opened.get(told["url"], 0), openings_of[told["article_id"], told["locale"]])
            rows.append(_row(told | {"duplicate": is_twin}, known, times, now))
    for (article_id, locale), known in by_place.items():
        title = next((each.title for each in known.values() if each.title), "")
        gone = {"article_id": article_id, "locale": locale, "title": title, "topic": "", "version": None, "url": ""}
        rows.append(_row(gone, known, 0, now))
    return rows


def first_day(services: Services, days: int) -> str:
    """The first of the last ``days`` days, in the company's calendar."""
    return (services.clock() - timedelta(days=days)).astimezone(services.service.zone).date().isoformat()


def _by_place(opened: dict[Key, int]) -> Counter[Place]:
    found: Counter[Place] = Counter()
    for key, times in opened.items():
        found[key[:2]] += times
    return found


async def places_of(services: Services, debt: str) -> list[Place]:
    """The published articles that owe this, over the usual days."""
    rows = await rows_of(services, USUAL_DAYS)
    return [(row["article_id"], row["locale"]) for row in rows if debt in row["debts"]]


def _row(told: Json, known: dict[Key, Kept], opened: int, now: datetime) -> Json:
    figures = Figures(opened=opened)
    for each in known.values():
        figures.add(each.figures)
    row = {name: told.get(name) for name in ("article_id", "locale", "title", "topic", "version", "review_by")}
    row |= {"state": "published" if told["version"] else "gone", "missing": told.get("missing") or []}
    return (
        row
        | {"versions": len(known)}
        | figures.as_json()
        | {"debts": _debts(told, figures, now) if told["version"] else []}
    )


def _debts(told: Json, figures: Figures, now: datetime) -> list[str]:
    shown = figures.as_json()
    opinions = figures.helped + figures.not_helped
    changed = str(told.get("updated_at") or "")
    is_new = changed != "" and datetime.fromisoformat(changed) > now - _NEW
    owed = {
        "contradicted": opinions >= FEWEST_OPINIONS and shown["high"] < LEAST_HELPED,
        "due": bool(told.get("review_by")) and told["review_by"] <= now.date().isoformat(),
        "stale": bool(told.get("stale")),
        "missing": bool(told.get("missing")),
        "duplicate": bool(told.get("duplicate")),
        "unread": not (figures.shown or figures.opened or opinions or is_new),
    }
    return [debt for debt in DEBTS if owed[debt]]


def narrowed(rows: Iterable[Json], wanted: Wanted) -> list[Json]:
    """Those that the table would show, on all of its pages."""
    return [row for row in rows if _narrowed(row, wanted) and _looks(row, wanted.look)]


def _narrowed(row: Json, wanted: Wanted) -> bool:
    if wanted.locale and row["locale"] != wanted.locale:
        return False
    if wanted.topic and row["topic"] != wanted.topic:
        return False
    words = fold(f"{row['title']} {row['article_id']}")
    return all(word in words for word in fold(wanted.q).split())


def _looks(row: Json, look: str) -> bool:
    return not look or (bool(row["debts"]) if look == "any" else look in row["debts"])


def sorted_by(rows: Iterable[Json], by: str, *, upwards: bool) -> list[Json]:
    """By a column; equal ones by their title. Of shares the worst first is who is surely bad, not who had one no."""
    found = sorted(rows, key=lambda row: (fold(row["title"] or ""), row["article_id"], row["locale"]))
    if by == "title":
        return found if upwards else found[::-1]
    if by == "help":
        judged = [row for row in found if row["rate"] is not None]
        judged.sort(key=lambda row: row["high"] if upwards else -row["low"])
        return judged + [row for row in found if row["rate"] is None]
    sign = 1 if upwards else -1
    return sorted(found, key=lambda row: sign * (len(row["debts"]) if by == "debts" else row[by]))


def _sum(rows: Iterable[Json]) -> Figures:
    total = Figures()
    for row in rows:
        total.add(Figures(**{name: row[name] for name in NUMBERS}))
    return total


def _by_topic(rows: Iterable[Json]) -> list[Json]:
    """Each topic in each language, the one that is shown most first."""
    groups: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for row in rows:
        groups[row["topic"] or "", row["locale"]].append(row)
    told = [
        {"topic": topic, "locale": locale, "articles": len(group)}
        | _sum(group).as_json()
        | {"owing": sum(bool(row["debts"]) for row in group)}
        for (topic, locale), group in groups.items()
    ]
    return sorted(told, key=lambda one: (-one["shown"], one["topic"], one["locale"]))
