"""Preparing incidents: made, changed, removed, listed with what stands in front and what rises."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.incidents import Incident, IncidentRun, IncidentTold, IncidentUpdate, TopicRise
from bot.db.people import AuditEntry, User
from bot.db.types import new_id
from bot.errors import Refusal
from bot.live import DESK, INCIDENTS
from bot.rights import may
from bot.services import Services

Json = dict[str, Any]
_MOST_UPDATES = 50
# So long a click can be taken back, and nobody is told of it.
UNDO = timedelta(seconds=10)


async def make(services: Services, user: User, form: Json) -> Json:
    """A new one; ``{incident}`` of the API."""
    now = services.clock()
    row = Incident(id=new_id(), form=form, revision=1, updated_by=user.id, created_at=now, updated_at=now)
    async with services.db.write() as session:
        session.add(row)
        session.add(noted(services, user, "incident_prepared", row))
    return await one(services, row.id)


async def change(services: Services, user: User, incident_id: str, form: Json, revision: object) -> Json:
    """Another text. One that stands in front is changed by who may put it there: customers read it at once.

    Raises ``Refusal``: 403, 404, 409 when somebody else changed it since ``revision``.
    """
    async with services.db.write() as session:
        row = await held(session, incident_id)
        if row.revision != revision:
            raise Refusal("incident_changed", 409)
        if await open_run(session, incident_id) is not None and not may(user.role, "publish"):
            raise Refusal("incident_in_front", 403)
        row.form, row.revision = form, row.revision + 1
        row.updated_by, row.updated_at = user.id, services.clock()
        session.add(noted(services, user, "incident_changed", row))
    await moved(services)
    return await one(services, incident_id)


async def remove(services: Services, user: User, incident_id: str) -> Json:
    """Takes it away and answers its form, so that it can be put back. Raises ``Refusal`` (404, 409 in front)."""
    async with services.db.write() as session:
        row = await held(session, incident_id)
        if await open_run(session, incident_id) is not None:
            raise Refusal("incident_is_on", 409)
        await session.delete(row)
        session.add(noted(services, user, "incident_removed", row))
    return {"form": row.form}


async def held(session: AsyncSession, incident_id: str) -> Incident:
    """The incident, held until the transaction ends. Raises ``Refusal`` (404)."""
    row = await session.get(Incident, incident_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Refusal("unknown_incident", 404)
    return row


async def open_run(session: AsyncSession, incident_id: str) -> IncidentRun | None:
    """The run under way, if it stands in front."""
    query = select(IncidentRun).where(IncidentRun.incident_id == incident_id, IncidentRun.ended_at.is_(None))
    return (await session.execute(query.limit(1))).scalar_one_or_none()


def noted(services: Services, user: User | None, action: str, incident: Incident) -> AuditEntry:
    """The line of the audit."""
    actor = user.id if user is not None else None
    return AuditEntry(
        at=services.clock(), actor_id=actor, action=action, target=incident.id, detail=incident.form["name"]
    )


async def moved(services: Services) -> None:
    """Every process, every chat and the help centre look again; this one before the call is answered."""
    await services.incidents.refresh(services.db)
    services.live.publish(INCIDENTS, {"type": "incidents"})


async def one(services: Services, incident_id: str) -> Json:
    """One as the page shows it. Raises ``Refusal`` (404)."""
    async with services.db.read() as session:
        row = await session.get(Incident, incident_id)
        if row is None:
            raise Refusal("unknown_incident", 404)
        return (await _rows(services, session, [row]))[0]


async def listed(services: Services) -> Json:
    """``{incidents, alerts}``: what is in front first, then by name; alerts with what is prepared for them."""
    async with services.db.read() as session:
        incidents = (await session.execute(select(Incident))).scalars().all()
        rows = await _rows(services, session, incidents)
        alerts = await _alerts(services, session, incidents)
    rows.sort(key=lambda row: (row["run"] is None, row["form"]["name"].casefold(), row["id"]))
    return {"incidents": rows, "alerts": alerts, "now": services.clock().isoformat()}


async def _rows(services: Services, session: AsyncSession, incidents: Sequence[Incident]) -> list[Json]:
    names = {row[0]: row[1] for row in await session.execute(select(User.id, User.name))}
    runs = await _latest_runs(session, [each.id for each in incidents])
    told = await _told(session, [run.id for run in runs.values()])
    updates = await _updates(
        session, [run.id for run in runs.values() if run.ended_at is None], names, services.clock()
    )
    rows = []
    for row in incidents:
        run = runs.get(row.id)
        shown = _run(run, told[run.id], updates[run.id], names) if run is not None else None
        rows.append(
            {
                "id": row.id,
                "form": row.form,
                "revision": row.revision,
                "updated_at": row.updated_at.isoformat(),
                "updated_by": names.get(row.updated_by or ""),
                "run": shown if run is not None and run.ended_at is None else None,
                "last_run": shown if run is not None and run.ended_at is not None else None,
            }
        )
    return rows


async def _latest_runs(session: AsyncSession, incident_ids: Sequence[str]) -> dict[str, IncidentRun]:
    """By incident, the run under way or else the last one; one that was taken back is none."""
    kept = IncidentRun.incident_id.in_(incident_ids) & IncidentRun.undone.is_(False)
    last = func.max(IncidentRun.started_at).label("at")
    newest = select(IncidentRun.incident_id, last).where(kept).group_by(IncidentRun.incident_id).subquery()
    query = (
        select(IncidentRun)
        .where(kept)
        .join(newest, (newest.c.incident_id == IncidentRun.incident_id) & (newest.c.at == IncidentRun.started_at))
    )
    found = (await session.execute(query)).scalars().all()
    return {run.incident_id: run for run in sorted(found, key=lambda run: run.ended_at is None)}


async def _told(session: AsyncSession, run_ids: Sequence[str]) -> dict[str, Json]:
    """``{asked, queued}`` by run."""
    query = select(IncidentTold.run_id, IncidentTold.how, func.count()).where(IncidentTold.run_id.in_(run_ids))
    counts: dict[str, Json] = defaultdict(lambda: {"asked": 0, "queued": 0})
    for run_id, how, count in await session.execute(query.group_by(IncidentTold.run_id, IncidentTold.how)):
        counts[run_id]["queued" if how == "queued" else "asked"] += count
    return counts


async def _updates(
    session: AsyncSession, run_ids: Sequence[str], names: dict[str, str], now: datetime
) -> dict[str, list[Json]]:
    """By run its news, the newest first, with how many conversations each has reached."""
    has_it = (
        (IncidentTold.run_id == IncidentUpdate.run_id)
        & (IncidentTold.news >= IncidentUpdate.number)
        & (IncidentTold.at <= IncidentUpdate.send_at)
        & IncidentTold.elsewhere.is_(False)
    )
    query = (
        select(IncidentUpdate, func.count(IncidentTold.id))
        .outerjoin(IncidentTold, has_it)
        .where(IncidentUpdate.run_id.in_(run_ids))
        .group_by(IncidentUpdate.id)
        .order_by(IncidentUpdate.number.desc())
    )
    updates: dict[str, list[Json]] = defaultdict(list)
    for update, reached in await session.execute(query):
        if len(updates[update.run_id]) < _MOST_UPDATES:
            updates[update.run_id].append(_update(update, reached, names, now))
    return updates


def _run(run: IncidentRun, told: Json, updates: list[Json], names: dict[str, str]) -> Json:
    return {
        "run_id": run.id,
        "started_at": run.started_at.isoformat(),
        "started_by": names.get(run.started_by or ""),
        "ends_at": run.ends_at.isoformat() if run.ends_at else None,
        "tell_at_end": run.tell_at_end,
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "ended_by": names.get(run.ended_by or ""),
        "told": told,
        "updates": updates,
    }


def _update(update: IncidentUpdate, reached: int, names: dict[str, str], now: datetime) -> Json:
    return {
        "number": update.number,
        "text": update.text,
        "is_end": update.is_end,
        "by": names.get(update.created_by or ""),
        "at": update.created_at.isoformat(),
        "sent": update.send_at <= now,
        "reached": reached,
    }


async def rises(services: Services) -> list[Json]:
    """Topics that are asked about far more than usual, the newest first, with what is prepared for each."""
    async with services.db.read() as session:
        return await _alerts(services, session, (await session.execute(select(Incident))).scalars().all())


async def _alerts(services: Services, session: AsyncSession, incidents: Sequence[Incident]) -> list[Json]:
    query = select(TopicRise).where(TopicRise.ended_at.is_(None)).order_by(TopicRise.raised_at.desc())
    active = {one.incident_id for one in services.incidents.current()}
    return [
        {
            "id": row.id,
            "topic": row.topic,
            "raised_at": row.raised_at.isoformat(),
            "asked": row.asked,
            "usual": row.usual,
            "proposed": proposed(row.topic, [each for each in incidents if each.id not in active]),
        }
        for row in (await session.execute(query)).scalars()
    ]


def proposed(topic: str, incidents: Sequence[Incident]) -> str | None:
    """The id of what is prepared for a topic: of several the one that is about the fewest topics."""
    fitting = [each for each in incidents if topic in each.form["topics"]]
    fitting.sort(key=lambda each: (len(each.form["topics"]), each.form["name"]))
    return fitting[0].id if fitting else None


async def put_aside(services: Services, user: User, alert_id: str) -> None:
    """The rise is seen and nothing is to be done about it. Raises ``Refusal`` (404)."""
    async with services.db.write() as session:
        row = await session.get(TopicRise, alert_id, with_for_update=True)
        if row is None:
            raise Refusal("unknown_alert", 404)
        if row.ended_at is None:
            row.ended_at, row.ended_by = services.clock(), user.id
            entry = AuditEntry(at=row.ended_at, actor_id=user.id, action="topic_rise_put_aside", target=row.topic)
            session.add(entry)
    services.live.publish(DESK, {"type": "alerts"})
