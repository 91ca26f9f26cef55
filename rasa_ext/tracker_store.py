"""Trackers in Redis: short socket timeouts, one write for a turn, no merge."""

from __future__ import annotations

from typing import Any

import redis
from rasa.core.agent import Agent
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import RedisTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

DEFAULT_EXPIRY_SECONDS = 7 * 24 * 3600


class RelaisTrackerStore(RedisTrackerStore):
    """Rasa's Redis store, safe for one writer for each conversation.

    The stock client waits forever on a hung Redis and so stops the whole process; this one gives up after
    `socket_timeout` seconds and tries a dropped connection once more. The stock `save` reads the key back and merges,
    which brings back what compaction or a restore has just replaced; this one writes what it is given.
    """

    def __init__(
        self,
        domain: Domain,
        host: str = "127.0.0.1",
        port: int | str = 6379,
        db: int | str = 0,
        event_broker: EventBroker | None = None,
        record_exp: float | str = DEFAULT_EXPIRY_SECONDS,
        socket_timeout: float = 2.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            domain,
            host=host,
            port=int(port),
            db=int(db),
            event_broker=event_broker,
            record_exp=float(record_exp),
            **kwargs,
        )
        self.red = redis.StrictRedis(
            host=host,
            port=int(port),
            db=int(db),
            username=kwargs.get("username"),
            password=kwargs.get("password"),
            ssl=bool(kwargs.get("use_ssl", False)),
            decode_responses=True,
            socket_timeout=socket_timeout,
            socket_connect_timeout=socket_timeout,
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[RedisConnectionError],
        )

    async def save(self, tracker: DialogueStateTracker, timeout: float | None = None) -> None:
        """Write the tracker as it is. Raises redis.RedisError."""
        await self.stream_events(tracker)
        expiry = int(timeout or self.record_exp or DEFAULT_EXPIRY_SECONDS)
        self.red.set(self.key_prefix + tracker.sender_id, self.serialise_tracker(tracker), ex=expiry)


def primary_store(agent: Agent) -> TrackerStore:
    """The agent's store without Rasa's fail-safe wrapper.

    The wrapper answers an unreachable Redis with an empty tracker, and saves to a dictionary that nobody reads: a
    turn would look done and be lost. We want the error.
    """
    return getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)
