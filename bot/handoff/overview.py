"""The floor as a supervisor sees it: who is there with what in hand, who waits, what is at risk, how the day went."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.accounts.managing import may_manage
from bot.db.models import OPEN, WAITING, Handoff
from bot.db.people import AuditEntry, User
from bot.errors import Refusal
from bot.handoff.listing import list_handoffs
from bot.handoff.presence import STATUSES, is_there
from bot.handoff.snooze import asleep
from bot.live import DESK
from bot.rights import may
from bot.services import Services

Json = dict[str, Any]
_WORST = {"fine": 0, "warning": 1, "late": 2}


async def read_overview(services: Services) -> Json:
    """``{advisors, waiting, skills, totals, longest_wait_seconds, today, now}``; who waits longest comes first."""
    rows = await list_handoffs(services, None)
    now = services.clock()
    async with services.db.read() as session:
        users = (await session.execute(select(User).where(User.status == "active"))).scalars().all()
        found = await session.execute(select(Handoff.id, Handoff.skill).where(Handoff.status.in_(OPEN)))
        skills = {handoff_id: skill for handoff_id, skill in found.all()}  # noqa: C416  rows to strings
        sleeping = set((await session.execute(asleep())).scalars())
        today = await _today(services, session, now)
    people = [user for user in users if may(user.role, "converse")]
    waiting = [_waiting(row, skills) for row in rows if row["status"] in WAITING]
    waiting.sort(key=lambda row: (-row["waiting_seconds"], row["handoff_id"]))
    taken = [row for row in rows if row["status"] == "accepted"]
    advisors = [_advisor(services, user, taken, sleeping, now) for user in people]
    shown = [one for one, user in zip(advisors, people, strict=True) if user.role == "advisor" or one["conversations"]]
    return {
        "advisors": sorted(shown, key=lambda one: (not one["online"], one["name"].casefold(), one["id"])),
        "waiting": waiting,
        "skills": _cover(services, people, waiting),
        "totals": {
            "waiting": len(waiting),
            "in_hand": len(taken),
            "online": sum(one["online"] for one in shown),
            "available": sum(one["online"] and one["presence"] == "available" for one in shown),
            "at_risk": sum(_risk(row) != "fine" for row in rows),
        },
        "longest_wait_seconds": max((row["waiting_seconds"] for row in waiting), default=0),
        "today": today,
        "now": now.isoformat(),
    }


def _risk(row: Json) -> str:
    """The worst of the clocks of a row: fine, warning, late."""
    states = [str(clock.get("state", "fine")) for clock in (row.get("clocks") or {}).values()]
    return max(states, key=lambda state: _WORST.get(state, 0), default="fine")


def _waiting(row: Json, skills: dict[str, str]) -> Json:
    kept = ("handoff_id", "conversation_id", "status", "customer_name", "locale", "channel", "topic", "requested_at")
    more = {"contact": row["contact"], "waiting_seconds": row["waiting_seconds"], "offered_to": row["offered_to"]}
    return {key: row[key] for key in kept} | more | {"skill": skills.get(row["handoff_id"]), "risk": _risk(row)}


def _advisor(services: Services, user: User, taken: list[Json], sleeping: set[str], now: datetime) -> Json:
    mine = [row for row in taken if row["advisor"] and row["advisor"]["id"] == user.id]
    held = [
        {
            "handoff_id": row["handoff_id"],
            "conversation_id": row["conversation_id"],
            "customer_name": row["customer_name"],
            "topic": row["topic"],
            # Since they were asked for: an advisor's own clock begins when they took it.
            "since": (
                datetime.fromisoformat(row["requested_at"]) + timedelta(seconds=row["waiting_seconds"])
            ).isoformat(),
            "asleep": row["handoff_id"] in sleeping,
            "risk": _risk(row),
            "people": row.get("people") or [],
        }
        for row in mine
    ]
    awake = [one for one in held if not one["asleep"]]
    oldest = min((one["since"] for one in awake), default=None)
    return {
        "id": user.id,
        "name": user.name,
        "role": user.role,
        "presence": user.presence,
        "online": is_there(services, user),
        "seen_at": user.seen_at.isoformat() if user.seen_at else None,
        "skills": user.skills,
        "locales": user.locales,
        "load": len(awake),
        "capacity": user.capacity or services.service.handoff.conversations_at_once,
        "longest_open_seconds": int((now - datetime.fromisoformat(oldest)).total_seconds()) if oldest else None,
        "conversations": sorted(held, key=lambda one: one["since"]),
    }


def _cover(services: Services, people: list[User], waiting: list[Json]) -> list[Json]:
    """Each skill with who has it now; ``covered`` is false when nobody who takes conversations does."""
    there = [one for one in people if one.role == "advisor" and one.presence == "available" and is_there(services, one)]
    return [
        {
            "name": skill.name,
            "label": skill.label.model_dump(),
            "covered": any(skill.name in user.skills for user in there),
            "waiting": sum(row["skill"] == skill.name for row in waiting),
        }
        for skill in services.service.skills
    ]


async def _today(services: Services, session: AsyncSession, now: datetime) -> Json:
    midnight = now.astimezone(services.service.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    query = select(Handoff.requested_at, Handoff.accepted_at, Handoff.ended_at)
    ended = (await session.execute(query.where(Handoff.status == "released", Handoff.ended_at >= midnight))).all()
    whole = [(asked, taken, over) for asked, taken, over in ended if taken and over]
    return {
        "handled": len(whole),
        "median_wait": _seconds([(taken - asked).total_seconds() for asked, taken, _ in whole]),
        "median_handling": _seconds([(over - taken).total_seconds() for _, taken, over in whole]),
    }


def _seconds(found: list[float]) -> int | None:
    return round(median(found)) if found else None


async def set_presence(services: Services, supervisor: User, user_id: str, status: str) -> None:
    """A supervisor says of an advisor what they did not say themselves. Raises ``Refusal`` (404, 422)."""
    if status not in STATUSES:
        raise Refusal("bad_presence", 422)
    async with services.db.write() as session:
        user = await session.get(User, user_id, with_for_update=True)
        if user is None or user.status != "active" or not may(user.role, "converse"):
            raise Refusal("unknown_user", 404)
        if not may_manage(supervisor, user.role):
            raise Refusal("user_rank", 403)
        if user.presence == status:
            return
        await session.execute(update(User).where(User.id == user_id).values(presence=status))
        now = services.clock()
        session.add(AuditEntry(at=now, actor_id=supervisor.id, action="presence_set", target=user_id, detail=status))
    services.live.publish(DESK, {"type": "presence"})
