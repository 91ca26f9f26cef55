"""Whose account who may make, change, close: a supervisor those of advisors and of the studio, an admin everybody's.

Nobody changes their own role or closes their own account, and one admin always stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.accounts.fields import converses, read_user
from bot.accounts.links import INVITATION, LIFE, issue
from bot.accounts.sessions import end_all, tell_ended
from bot.db.accounts import AccountLink
from bot.db.models import Handoff
from bot.db.people import AuditEntry, User
from bot.db.types import new_id
from bot.errors import Refusal
from bot.handoff.giving_back import take_all_from
from bot.handoff.presence import is_there
from bot.live import DESK
from bot.rights import may
from bot.services import Services
from bot.users import user_by_email

Json = dict[str, Any]
_ACCOUNTS = 7_341  # the number of this work among those done by one process at a time
_BY_SUPERVISOR = frozenset({"advisor", "writer", "reviewer", "publisher"})


def may_manage(actor: User, role: str) -> bool:
    """Whether ``actor`` may make or touch an account of ``role``."""
    return may(actor.role, "administer") or (may(actor.role, "supervise") and role in _BY_SUPERVISOR)


async def list_users(services: Services, reader: User) -> list[Json]:
    """Everybody who has an account, those who work first, then by name."""
    live = (AccountLink.status == "live") & (AccountLink.purpose == INVITATION)
    in_hand = select(Handoff.advisor_id, func.count()).where(Handoff.status == "accepted").group_by(Handoff.advisor_id)
    async with services.db.read() as session:
        users = (await session.execute(select(User))).scalars().all()
        invited = {row.user_id: row for row in (await session.execute(select(AccountLink).where(live))).scalars()}
        load = {row[0]: row[1] for row in (await session.execute(in_hand)).all()}
    order = {"active": 0, "invited": 1, "disabled": 2}
    shown = sorted(users, key=lambda user: (order[user.status], user.name.casefold(), user.id))
    return [_row(services, reader, user, invited.get(user.id), load.get(user.id, 0)) for user in shown]


def _row(services: Services, reader: User, user: User, invitation: AccountLink | None, load: int) -> Json:
    ours = services.service.handoff.conversations_at_once
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "status": user.status,
        "locales": user.locales,
        "skills": user.skills,
        "capacity": user.capacity,
        "usual_capacity": ours,
        "load": load,
        "presence": user.presence,
        "online": is_there(services, user),
        "seen_at": user.seen_at.isoformat() if user.seen_at else None,
        "created_at": user.created_at.isoformat(),
        "invited_until": invitation.expires_at.isoformat() if invitation and user.status == "invited" else None,
        "may_change": user.id != reader.id and may_manage(reader, user.role),
    }


async def invite(services: Services, actor: User, body: Mapping[str, Any]) -> str:
    """Makes an account without a password and writes to its owner; its id. Raises ``Refusal`` (403, 409, 422)."""
    given = read_user(services, {"name": None, "email": None, "role": None, "locales": None, "skills": []} | dict(body))
    if not may_manage(actor, given["role"]):
        raise Refusal("user_rank", 403)
    user = User(id=new_id(), password_hash="", status="invited", presence="available", created_at=services.clock())
    for field, value in given.items():
        setattr(user, field, value)
    try:
        async with services.db.write() as session:
            if await user_by_email(session, user.email) is not None:
                raise Refusal("user_exists", 409, extra={"field": "email"})
            session.add(user)
            await session.flush()
            await issue(services, session, user, INVITATION, **_invitation(actor))
            session.add(_audit(services, actor, "user_invited", user, {"role": user.role}))
    except IntegrityError as error:
        raise Refusal("user_exists", 409, extra={"field": "email"}) from error
    _tell(services)
    return user.id


def _invitation(actor: User) -> Json:
    return {"inviter": actor.name, "days": LIFE[INVITATION].days}


async def invite_again(services: Services, actor: User, user_id: str) -> None:
    """A fresh invitation for who has not come yet."""
    async with services.db.write() as session:
        user = await _find(session, actor, user_id)
        if user.status != "invited":
            raise Refusal("user_has_joined", 409)
        await issue(services, session, user, INVITATION, **_invitation(actor))
        session.add(_audit(services, actor, "user_invited", user, {"role": user.role}))
    _tell(services)


async def change(services: Services, actor: User, user_id: str, body: Mapping[str, Any]) -> None:
    """Role, languages, skills, capacity, name. Who may not answer customers any more gives back what they have."""
    async with services.db.write() as session:
        await services.db.one_at_a_time(session, _ACCOUNTS)
        user = await _find(session, actor, user_id)
        given = read_user(services, {key: body[key] for key in body if key != "email"}, known=user.skills)
        before = {field: getattr(user, field) for field in given}
        changed = {field: value for field, value in given.items() if value != before[field]}
        if not changed:
            return
        if "role" in changed:
            await _may_become(session, actor, user, given["role"])
        for field, value in changed.items():
            setattr(user, field, value)
        # Names are people's: that one changed is told, not which.
        told: Json = {field: [before[field], value] for field, value in changed.items() if field != "name"}
        session.add(_audit(services, actor, "user_changed", user, told or {"name": None}))
    if not converses(user.role):
        await take_all_from(services, user)
    tell_ended(services)
    _tell(services)


async def _may_become(session: AsyncSession, actor: User, user: User, role: str) -> None:
    if not may_manage(actor, role):
        raise Refusal("user_rank", 403)
    if user.role == "admin":
        await _not_the_last_admin(session, user)


async def disable(services: Services, actor: User | None, user_id: str) -> int:
    """Closes the account: its sessions end, its conversations go back to the queue; how many. Again: nothing more."""
    async with services.db.write() as session:
        await services.db.one_at_a_time(session, _ACCOUNTS)
        user = await _find(session, actor, user_id)
        if user.role == "admin" and user.status == "active":
            await _not_the_last_admin(session, user)
        if user.status != "disabled":
            user.status, user.seen_at = "disabled", None
            await end_all(session, user.id)
            session.add(_audit(services, actor, "user_disabled", user))
    tell_ended(services)
    _tell(services)
    return await take_all_from(services, user)


async def enable(services: Services, actor: User, user_id: str) -> None:
    """Opens a closed account again; who never chose a password is invited anew."""
    async with services.db.write() as session:
        user = await _find(session, actor, user_id)
        if user.status != "disabled":
            return
        user.status = "active" if user.password_hash else "invited"
        if user.status == "invited":
            await issue(services, session, user, INVITATION, **_invitation(actor))
        session.add(_audit(services, actor, "user_enabled", user))
    _tell(services)


async def _find(session: AsyncSession, actor: User | None, user_id: str) -> User:
    """The account, locked; ``actor`` None is who has the command line. Raises ``Refusal`` (403, 404)."""
    user = await session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise Refusal("unknown_user", 404)
    if actor is not None and user.id == actor.id:
        raise Refusal("user_self", 403)
    if actor is not None and not may_manage(actor, user.role):
        raise Refusal("user_rank", 403)
    return user


async def _not_the_last_admin(session: AsyncSession, user: User) -> None:
    query = select(func.count()).where(User.role == "admin", User.status == "active", User.id != user.id)
    if (await session.execute(query)).scalar_one() == 0:
        raise Refusal("last_admin", 409)


def _audit(services: Services, actor: User | None, action: str, user: User, detail: Json | None = None) -> AuditEntry:
    told = json.dumps(detail, ensure_ascii=False) if detail else None
    by = actor.id if actor else None
    return AuditEntry(at=services.clock(), actor_id=by, action=action, target=user.id, detail=told)


def _tell(services: Services) -> None:
    services.live.publish(DESK, {"type": "presence"})
