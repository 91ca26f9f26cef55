"""The switch: an incident in front and away again, news for those who were told, and each taken back within seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy import update as sql_update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.incidents import Incident, IncidentRun, IncidentTold, IncidentUpdate
from bot.db.people import User
from bot.db.types import new_id
from bot.errors import Refusal
from bot.incidents.board import active_of, in_locale
from bot.incidents.managing import UNDO, held, moved, noted, one, open_run
from bot.incidents.telling import waiting_for
from bot.services import Services
from bot.texts import say

Json = dict[str, Any]


async def reach(services: Services, incident_id: str) -> Json:
    """``{waiting, told}``: how many wait about it and would be told; how many were and would have news of it."""
    async with services.db.read() as session:
        row = await session.get(Incident, incident_id)
        if row is None:
            raise Refusal("unknown_incident", 404)
        run = await open_run(session, incident_id)
        now = services.clock()
        in_front = active_of(row, run or IncidentRun(id="", started_at=now, tells_from=now))
        waiting = await waiting_for(session, in_front)
        told = 0
        if run is not None:
            query = select(func.count()).where(IncidentTold.run_id == run.id)
            told = (await session.execute(query)).scalar_one()
    return {"waiting": len(waiting), "told": told}


async def switch_on(
    services: Services, user: User, incident_id: str, revision: object, ends_at: datetime | None, *, tell_at_end: bool
) -> Json:
    """In front from now on. Raises ``Refusal``: 404, 409 when it is already or was changed, 422 for an end that was."""
    now = services.clock()
    if ends_at is not None and ends_at <= now:
        raise Refusal("incident_end", 422, extra={"field": "ends_at"})
    async with services.db.write() as session:
        row = await held(session, incident_id)
        if row.revision != revision:
            raise Refusal("incident_changed", 409)
        if await open_run(session, incident_id) is not None:
            raise Refusal("incident_is_on", 409)
        run = IncidentRun(
            id=new_id(),
            incident_id=row.id,
            name=row.form["name"],
            started_at=now,
            started_by=user.id,
            tells_from=now + UNDO,
            ends_at=ends_at,
            tell_at_end=tell_at_end,
        )
        session.add(run)
        await _resume(session, run)
        session.add(noted(services, user, "incident_switched_on", row))
    await moved(services)
    return await one(services, incident_id)


async def switch_off(services: Services, user: User, incident_id: str, *, tell: bool) -> Json:
    """Over. With ``tell`` those who were told of it hear so. Raises ``Refusal`` (404, 409)."""
    now = services.clock()
    async with services.db.write() as session:
        row = await held(session, incident_id)
        run = await open_run(session, incident_id)
        if run is None:
            raise Refusal("incident_is_off", 409)
        run.ended_at, run.ended_by = now, user.id
        if tell:
            await _news(session, run, _over(services, row), user, now, is_end=True)
        session.add(noted(services, user, "incident_switched_off", row))
    await moved(services)
    return await one(services, incident_id)


async def change_end(services: Services, user: User, incident_id: str, ends_at: datetime | None, tell: bool) -> Json:
    """Another end. Raises ``Refusal`` (404, 409, 422)."""
    if ends_at is not None and ends_at <= services.clock():
        raise Refusal("incident_end", 422, extra={"field": "ends_at"})
    async with services.db.write() as session:
        row = await held(session, incident_id)
        run = await open_run(session, incident_id)
        if run is None:
            raise Refusal("incident_is_off", 409)
        run.ends_at, run.tell_at_end = ends_at, tell
        session.add(noted(services, user, "incident_end_changed", row))
    await moved(services)
    return await one(services, incident_id)


async def undo(services: Services, user: User, incident_id: str) -> Json:
    """Takes back the last switch within seconds. Raises ``Refusal`` (404, 409 when it is too late).

    Who asked meanwhile was told: they hear, once, that it was an error, and none of the news that was on its way.
    """
    now = services.clock()
    async with services.db.write() as session:
        row = await held(session, incident_id)
        query = select(IncidentRun).where(IncidentRun.incident_id == incident_id, IncidentRun.undone.is_(False))
        run = (await session.execute(query.order_by(IncidentRun.started_at.desc()).limit(1))).scalar_one_or_none()
        if run is not None and run.ended_at is None and now < run.tells_from:
            run.ended_at, run.ended_by, run.undone = now, user.id, True
            await session.execute(delete(IncidentUpdate).where(IncidentUpdate.run_id == run.id))
            # Written whoever was told by now: a turn that is being answered may tell one more.
            await _news(session, run, _mistaken(services, row), user, now, is_end=True)
        elif run is not None and run.ended_at is not None and run.ended_by is not None and now < run.ended_at + UNDO:
            run.ended_at = run.ended_by = None
            ends = (IncidentUpdate.run_id == run.id) & IncidentUpdate.is_end & (IncidentUpdate.send_at > now)
            await session.execute(delete(IncidentUpdate).where(ends))
        else:
            raise Refusal("incident_too_late", 409)
        session.add(noted(services, user, "incident_switch_undone", row))
    await moved(services)
    return await one(services, incident_id)


async def _resume(session: AsyncSession, run: IncidentRun) -> None:
    """In front again before those who were told heard that it was an error: it was none, and they hear its news."""
    undone = select(IncidentRun.id).where(IncidentRun.incident_id == run.incident_id, IncidentRun.undone)
    query = select(IncidentUpdate).where(IncidentUpdate.run_id.in_(undone), IncidentUpdate.send_at > run.started_at)
    for correction in (await session.execute(query)).scalars():
        mine = sql_update(IncidentTold).where(IncidentTold.run_id == correction.run_id)
        await session.execute(mine.values(run_id=run.id))
        await session.delete(correction)


async def update(services: Services, user: User, incident_id: str, text: Json) -> Json:
    """News for those who asked or wait. Raises ``Refusal`` (404, 409)."""
    async with services.db.write() as session:
        row = await held(session, incident_id)
        run = await open_run(session, incident_id)
        if run is None:
            raise Refusal("incident_is_off", 409)
        await _news(session, run, text, user, services.clock())
        session.add(noted(services, user, "incident_update_sent", row))
    return await one(services, incident_id)


async def take_back(services: Services, user: User, incident_id: str, number: int) -> Json:
    """News that nobody has yet. Raises ``Refusal`` (404, 409 when it is on its way)."""
    async with services.db.write() as session:
        row = await held(session, incident_id)
        query = (
            select(IncidentUpdate)
            .join(IncidentRun, IncidentRun.id == IncidentUpdate.run_id)
            .where(IncidentRun.incident_id == incident_id, IncidentUpdate.number == number)
            .order_by(IncidentUpdate.created_at.desc())
            .limit(1)
        )
        found = (await session.execute(query)).scalar_one_or_none()
        if found is None:
            raise Refusal("unknown_incident", 404)
        if found.send_at <= services.clock():
            raise Refusal("incident_too_late", 409)
        await session.delete(found)
        session.add(noted(services, user, "incident_update_taken_back", row))
    return await one(services, incident_id)


async def end_by_itself(services: Services) -> int:
    """Ends what has come to its end date; how many."""
    now = services.clock()
    due = select(IncidentRun).where(IncidentRun.ended_at.is_(None), IncidentRun.ends_at <= now)
    async with services.db.read() as session:
        over = list((await session.execute(due)).scalars())
    for each in over:
        async with services.db.write() as session:
            row = await session.get(Incident, each.incident_id, with_for_update=True)
            run = await session.get(IncidentRun, each.id, with_for_update=True, populate_existing=True)
            if row is None or run is None or run.ended_at is not None or run.ends_at is None or run.ends_at > now:
                continue
            run.ended_at = now
            if run.tell_at_end:
                await _news(session, run, _over(services, row), None, now, is_end=True, waits=False)
            session.add(noted(services, None, "incident_ended", row))
    if over:
        await moved(services)
    return len(over)


async def _news(
    session: AsyncSession,
    run: IncidentRun,
    text: Json,
    user: User | None,
    now: datetime,
    *,
    is_end: bool = False,
    waits: bool = True,
) -> None:
    """Goes out when it can no longer be taken back; at once where nobody pressed anything."""
    last = select(func.max(IncidentUpdate.number)).where(IncidentUpdate.run_id == run.id)
    row = IncidentUpdate(
        id=new_id(),
        run_id=run.id,
        number=((await session.execute(last)).scalar_one() or 0) + 1,
        text=text,
        is_end=is_end,
        created_by=user.id if user is not None else None,
        created_at=now,
        send_at=now + UNDO if waits else now,
    )
    session.add(row)


def _over(services: Services, row: Incident) -> Json:
    """What is said at the end: the writer's words, or ours."""
    own = row.form.get("over") or {}
    return {locale: own.get(locale) or say(locale, "incident_over") for locale in services.service.brand.languages}


def _mistaken(services: Services, row: Incident) -> Json:
    """What is said to those who were told of what was switched on by mistake."""
    notice = row.form["notice"]
    return {
        locale: say(locale, "incident_mistaken", notice=in_locale(notice, locale).rstrip(". "))
        for locale in services.service.brand.languages
    }
