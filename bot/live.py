"""Live fan-out: who listens to a conversation hears that it moved, in this process and, by Redis, in the others.

Events are hints: what they announce is in SQL already, so a lost one delays a reader and loses nothing.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.background import beside

Event = dict[str, Any]
DESK = "desk"
# Heard in this process alone: something waits to be delivered.
OUTBOX = "outbox"
# What stands in front of all answers changed (``bot/incidents``).
INCIDENTS = "incidents"
_CHANNEL = "relais:live"
_QUEUE_SIZE = 1000
_HINTED_AT_ONCE = 25
_SPREAD_SECONDS = 2.5
_LOOK_ANYWAY_SECONDS = 3.0
_log = structlog.get_logger()


class Live:
    """Publish and subscribe by topic: a conversation's id, or ``DESK``."""

    def __init__(self, redis: Redis | None) -> None:
        self._redis = redis
        self._me = secrets.token_hex(8)
        self._topics: dict[str, set[asyncio.Queue[Event]]] = defaultdict(set)
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(_QUEUE_SIZE)

    @contextmanager
    def subscribe(self, topic: str) -> Iterator[asyncio.Queue[Event]]:
        """A queue of the topic's events while the block lasts; a reader that falls behind loses the oldest hints."""
        queue: asyncio.Queue[Event] = asyncio.Queue(_QUEUE_SIZE)
        self._topics[topic].add(queue)
        try:
            yield queue
        finally:
            self._topics[topic].discard(queue)
            if not self._topics[topic]:
                del self._topics[topic]

    def publish(self, topic: str, event: Event) -> None:
        """Tell everybody who listens to ``topic``; never waits, never fails."""
        self._dispatch(topic, event)
        if self._redis is not None:
            with suppress(asyncio.QueueFull):
                self._outgoing.put_nowait(json.dumps({"from": self._me, "topic": topic, "event": event}))

    async def follow(self, topic: str, look: Callable[[], Awaitable[object]], type_: str | None = None) -> None:
        """Does ``look`` at each event of the topic (of this type), and every few seconds anyway: hints may be lost.

        A failure is in the log as ``<type or topic>_not_read`` and ends nothing: what was known goes on to hold.
        """
        with self.subscribe(topic) as events:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_ANYWAY_SECONDS):
                        while type_ not in (None, (await events.get())["type"]):
                            pass
                try:
                    await look()
                except Exception:  # noqa: BLE001
                    _log.exception(f"{type_ or topic}_not_read")

    def hint(self, topic: str) -> None:
        """The same for this process alone."""
        self._dispatch(topic, {"type": "moved"})

    def hint_all(self, spread: float = _SPREAD_SECONDS) -> None:
        """To every conversation that somebody of this process listens to: what all of them show changed.

        A few at a time over ``spread`` seconds, for each of them reads the record; returns at once.
        """
        topics = [topic for topic in self._topics if topic not in (DESK, OUTBOX, INCIDENTS)]
        groups = [topics[at : at + _HINTED_AT_ONCE] for at in range(0, len(topics), _HINTED_AT_ONCE)]
        for number, group in enumerate(groups):
            if number == 0:
                self._hint_state(group)
            else:
                asyncio.get_running_loop().call_later(number * spread / len(groups), self._hint_state, group)

    def _hint_state(self, topics: list[str]) -> None:
        for topic in topics:
            self._dispatch(topic, {"type": "state"})

    def _dispatch(self, topic: str, event: Event) -> None:
        for queue in self._topics.get(topic, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Carries events to and from the other bot processes while the block lasts."""
        if self._redis is None:
            yield
            return
        async with beside(self._send(self._redis), self._receive(self._redis)):
            yield

    async def _send(self, redis: Redis) -> None:
        while True:
            payload = await self._outgoing.get()
            with suppress(RedisError, OSError):
                await redis.publish(_CHANNEL, payload)

    async def _receive(self, redis: Redis) -> None:
        while True:
            try:
                async with redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(_CHANNEL)
                    while True:
                        message = await pubsub.get_message(timeout=30.0)
                        if message is not None:
                            self._hear(message["data"])
            except (RedisError, OSError) as error:
                _log.warning("live_disconnected", cause=type(error).__name__)
                await asyncio.sleep(1.0)

    def _hear(self, payload: bytes) -> None:
        heard = json.loads(payload)
        if heard["from"] != self._me:
            self._dispatch(heard["topic"], heard["event"])
