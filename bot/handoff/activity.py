"""When somebody last did something at the desk: an offer that they miss meanwhile is no sign of absence.

Kept in Redis for some minutes; a wiped Redis forgets it until the next thing they do.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from redis.exceptions import RedisError

from bot.services import Services

_KEPT_SECONDS = 900
_KEY = "relais:active:{}"


async def active(services: Services, user_id: str) -> None:
    """They typed, replied, filled something in."""
    if services.redis is None:
        return
    try:
        await services.redis.set(_KEY.format(user_id), services.clock().timestamp(), ex=_KEPT_SECONDS)
    except (RedisError, OSError):
        return  # whoever misses offers is then taken to be away, as who does nothing


async def was_active(services: Services, user_id: str, since: datetime) -> bool:
    """Whether they did anything after ``since``, some minutes ago at most."""
    if services.redis is None:
        return False
    try:
        at = await services.redis.get(_KEY.format(user_id))
    except (RedisError, OSError):
        return False
    return at is not None and float(at) >= since.timestamp()


def over(services: Services, offers: int) -> timedelta:
    """How long so many offers stand, one after the other."""
    return offers * timedelta(seconds=services.service.handoff.offer_deadline_seconds)
