"""Counting calls in fixed windows of a minute, in Redis so that all bot processes count together."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.clock import Clock
from bot.errors import Refusal

_WINDOW = 60


class RateLimit:
    """``check`` raises ``Refusal`` (429) past the limit. With Redis away it counts for this process alone."""

    def __init__(self, redis: Redis | None, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._own: dict[str, int] = {}
        self._own_window = 0

    async def check(self, what: str, who: str, limit: int) -> None:
        """Counts one call of ``who``; at most ``limit`` of ``what`` a minute pass."""
        now = int(self._clock().timestamp())
        window = now // _WINDOW
        if await self._count(f"relais:rate:{what}:{who}:{window}", window) > limit:
            raise Refusal("too_many_requests", 429, seconds=_WINDOW - now % _WINDOW)

    async def _count(self, key: str, window: int) -> int:
        if self._redis is not None:
            try:
                pipe = self._redis.pipeline(transaction=False)
                pipe.incr(key)
                pipe.expire(key, 2 * _WINDOW)
                return int((await pipe.execute())[0])
            except (RedisError, OSError):
                pass
        if window != self._own_window:
            self._own, self._own_window = {}, window
        self._own[key] = self._own.get(key, 0) + 1
        return self._own[key]
