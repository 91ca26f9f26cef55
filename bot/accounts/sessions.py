"""The sessions of a user: which there are, and ending them. Whoever is signed out loses their live line at once."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv4Address, ip_address
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.people import AuditEntry, User, UserSession
from bot.errors import Refusal
from bot.live import DESK
from bot.services import Services
from bot.users import hash_token

Json = dict[str, Any]
# What each live line hears, and keeps to itself: it looks whether its session still stands.
ENDED = "sessions_ended"
_NOTE_EVERY = timedelta(minutes=1)
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def agent_of(header: str | None) -> str | None:
    """ "Firefox · Linux" from a ``User-Agent``; the first word of a program's."""
    if not header:
        return None
    found = [next((name for sign, name in table if sign in header), None) for table in (_BROWSERS, _SYSTEMS)]
    known = [name for name in found if name]
    return " · ".join(known) if known else re.sub(r"[^\w./+-].*", "", header)[:40] or None


def coarse(address: str) -> str | None:
    """The network an address belongs to, not the address: ``88.121.*.*``, ``2a01:e0a:1b2::``."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if parsed.is_loopback:
        return "localhost"
    if isinstance(parsed, IPv4Address):
        return ".".join(str(parsed).split(".")[:2]) + ".*.*"
    return ":".join(part.lstrip("0") or "0" for part in parsed.exploded.split(":")[:3]) + "::"


async def list_sessions(services: Services, user: User, token: str) -> list[Json]:
    """Those that are open, the newest use first; ``current`` is the one that asks."""
    query = select(UserSession).where(UserSession.user_id == user.id, UserSession.expires_at > services.clock())
    async with services.db.read() as session:
        rows = (await session.execute(query.order_by(UserSession.last_seen_at.desc()))).scalars().all()
    return [
        {
            "id": row.id,
            "agent": row.agent,
            "address": row.address,
            "created_at": row.created_at.isoformat(),
            "last_seen_at": row.last_seen_at.isoformat(),
            "expires_at": row.expires_at.isoformat(),
            "current": row.token_hash == hash_token(token),
        }
        for row in rows
    ]


async def end_one(services: Services, user: User, session_id: str) -> None:
    """Ends one of the user's own. Raises ``Refusal`` (404) for anything else."""
    async with services.db.write() as session:
        row = (
            await session.execute(
                select(UserSession).where(UserSession.id == session_id, UserSession.user_id == user.id)
            )
        ).scalar_one_or_none()
        if row is None:
            raise Refusal("unknown_session", 404)
        await session.delete(row)
        session.add(AuditEntry(at=services.clock(), actor_id=user.id, action="session_ended", target=user.id))
    tell_ended(services)


async def end_others(services: Services, user: User, token: str) -> int:
    """Ends all but the one that asks; how many."""
    async with services.db.write() as session:
        ended = await end_all(session, user.id, but=token)
        if ended:
            session.add(AuditEntry(at=services.clock(), actor_id=user.id, action="session_ended", target=user.id))
    tell_ended(services)
    return ended


async def end_all(session: AsyncSession, user_id: str, *, but: str | None = None) -> int:
    """Ends a user's sessions within the caller's transaction; ``tell_ended`` after it closes their lines."""
    query = delete(UserSession).where(UserSession.user_id == user_id)
    if but is not None:
        query = query.where(UserSession.token_hash != hash_token(but))
    return int((await session.execute(query)).rowcount)  # type: ignore[attr-defined]


def tell_ended(services: Services) -> None:
    """Every live line looks whether its session still stands."""
    services.live.publish(DESK, {"type": ENDED})


async def note_seen(services: Services, token: str) -> None:
    """The session was used; written once a minute at most."""
    now = services.clock()
    stale = (UserSession.token_hash == hash_token(token)) & (UserSession.last_seen_at < now - _NOTE_EVERY)
    async with services.db.read() as session:
        if (await session.execute(select(UserSession.id).where(stale))).first() is None:
            return
    async with services.db.write() as session:
        await session.execute(update(UserSession).where(stale).values(last_seen_at=now))
