"""Who is at the desk: what they say of themselves, and whether their line is alive."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from bot.db.people import User
from bot.errors import Refusal
from bot.live import DESK
from bot.services import Services

# "offline" is not among them: that is said by the line.
STATUSES = ("available", "busy", "away")
SEEN_EVERY_SECONDS = 10.0


async def choose(services: Services, user: User, status: str) -> None:
    """What ``user`` says of themselves from now on. Raises ``Refusal`` (422)."""
    if status not in STATUSES:
        raise Refusal("bad_presence", 422)
    async with services.db.write() as session:
        await session.execute(update(User).where(User.id == user.id).values(presence=status))
    services.live.publish(DESK, {"type": "presence"})


async def seen(services: Services, user_id: str) -> None:
    """Their line is alive."""
    async with services.db.write() as session:
        await session.execute(update(User).where(User.id == user_id).values(seen_at=services.clock()))


def is_there(services: Services, user: User, now: datetime | None = None) -> bool:
    """Whether they are at the desk at ``now`` (this moment by default), or were until a moment before."""
    grace = timedelta(seconds=services.service.handoff.gone_after_seconds)
    return user.seen_at is not None and (now or services.clock()) - user.seen_at < grace
