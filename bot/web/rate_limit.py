"""Counting calls in fixed windows of a minute, in Redis so that all bot processes count together."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.clock import Clock
from bot.db.models import Conversation
from bot.errors import Refusal
from bot.settings import BotSettings

_WINDOW = 60
_AT_ONCE = 10


class RateLimit:
    """``check`` raises ``Refusal`` (429) past the limit. With Redis away it counts for this process alone."""

    def __init__(self, redis: Redis | None, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._own: dict[str, int] = {}
        self._own_window = 0

    async def check(self, what: str, who: str, limit: int, *, window: int = _WINDOW, count: bool = True) -> None:
        """Counts one call of ``who``; at most ``limit`` of ``what`` pass in each ``window`` of seconds, up to 60.

        Without ``count`` it only asks whether one more would pass.
        """
        now = int(self._clock().timestamp())
        one = 1 if count else 0
        if await self._count(f"relais:rate:{what}:{who}:{now // window}", now // _WINDOW, one) + 1 - one > limit:
            raise Refusal("too_many_requests", 429, seconds=window - now % window)

    async def _count(self, key: str, window: int, more: int) -> int:
        if self._redis is not None:
            try:
                pipe = self._redis.pipeline(transaction=False)
                pipe.incrby(key, more)
                pipe.expire(key, 2 * _WINDOW)
                return int((await pipe.execute())[0])
            except (RedisError, OSError):
                pass
        if window != self._own_window:
            self._own, self._own_window = {}, window
        self._own[key] = self._own.get(key, 0) + more
        return self._own[key]


async def check_messages(limits: RateLimit, settings: BotSettings, conversation: Conversation, address: str) -> None:
    """A message by who sends it, wherever they write from; by its network address; and all of them at once."""
    who = conversation.proven_customer_id or conversation.customer_id
    await limits.check("at-once", conversation.id, settings.messages_in_ten_seconds, window=_AT_ONCE)
    await limits.check("message", conversation.id, settings.messages_per_minute)
    await limits.check("visitor", who, settings.messages_per_minute)
    await limits.check("address", address, settings.address_messages_per_minute)
