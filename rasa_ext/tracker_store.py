"""Trackers in Redis: each turn is appended, nothing is read twice, nothing is written again."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import redis
from rasa.core.agent import Agent
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import RedisTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_SESSION_START_NAME
from rasa.shared.core.conversation import Dialogue
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker, get_trackers_for_conversation_sessions
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from rasa_ext import patches
from rasa_ext.state import COMPACT_AT, KEEP_TURNS, compact, count_turns, own_events

logger = logging.getLogger(__name__)

DEFAULT_EXPIRY_SECONDS = 7 * 24 * 3600
LONG_LIST = 3 * COMPACT_AT  # entries of several sessions, none of which is long
KEPT_AT = "relais_kept_at"  # the attribute under which a kept tracker bears when it was saved
PAST = "past:"  # in the place of the "tracker:" of a conversation's key
MARK = "relais_stored"  # the attribute under which a tracker bears its Stored


@dataclass(frozen=True)
class Stored:
    """What Redis holds of a tracker: the length of the list, its last entry, how many of the tracker's events."""

    entries: int
    last: str
    events: int


class RelaisTrackerStore(RedisTrackerStore):
    """A conversation is a Redis list with one entry, a JSON array of events, for each turn.

    `save` appends the events that are new, in one transaction: a process killed at any moment leaves the whole turn or
    nothing of it. A tracker that was not read from here (restored, summed up, put in its place) is written whole.
    Trackers saved last stay in memory and go on if the list is as this process left it, so that a turn of another
    process is seen; without a turn they are let go after a while. Whoever retrieves a tracker owns it: what is not
    saved is forgotten.

    After COMPACT_AT turns all but the last KEEP_TURNS move to a list of their own, which only `retrieve_full_tracker`
    reads, and are summed up for `retrieve`: a long conversation is as quick as a short one.

    The stock client waits forever on a hung Redis; this one gives up after `socket_timeout` seconds and tries a dropped
    connection once more. Two writers at once would lose nothing, but act on a conversation that they do not see whole.
    """

    # An erasure is known to Redis alone: what is in memory must not outlive it for long.
    kept_seconds = 600.0

    def __init__(
        self,
        domain: Domain,
        host: str = "127.0.0.1",
        port: int | str = 6379,
        db: int | str = 0,
        event_broker: EventBroker | None = None,
        record_exp: float | str = DEFAULT_EXPIRY_SECONDS,
        socket_timeout: float = 2.0,
        kept_trackers: int = 200,
        **kwargs: Any,
    ) -> None:
        patches.apply()
        self._kept: OrderedDict[str, DialogueStateTracker] = OrderedDict()
        self._kept_trackers = kept_trackers
        self._letting_go: asyncio.TimerHandle | None = None
        super().__init__(
            domain,
            host=host,
            port=int(port),
            db=int(db),
            event_broker=event_broker,
            record_exp=float(record_exp),
            **kwargs,
        )
        self.red: Any = redis.StrictRedis(
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

    @property
    def domain(self) -> Domain:
        """The domain whose slots trackers have."""
        return self._domain

    @domain.setter
    def domain(self, domain: Domain | None) -> None:
        self._domain = domain or Domain.empty()
        self._kept.clear()  # they have the slots of the former model

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The current session, older turns summed up; None for an unknown conversation. Raises redis.RedisError."""
        kept = self._kept.pop(sender_id, None)
        if kept is not None and self._is_current(kept):
            return kept
        entries, is_ours = self._entries(self._key(sender_id))
        if not entries:
            return None
        tracker = last_session(self._tracker(sender_id, _events(entries)))
        return _marked(tracker, len(entries), entries[-1]) if is_ours else tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """All events of all sessions, as far back as Redis remembers. Raises redis.RedisError."""
        entries, _ = self._entries(self._key(conversation_id))
        if not entries:
            return None
        past = _events(self.red.lrange(self._past(conversation_id), 0, -1))
        return self._tracker(conversation_id, past + own_events(_events(entries)))

    async def exists(self, conversation_id: str) -> bool:
        """Whether Redis knows the conversation."""
        return bool(self.red.exists(self._key(conversation_id)))

    async def save(self, tracker: DialogueStateTracker, timeout: float | None = None) -> None:
        """Append what is new, or write a tracker whole that was not read from here. Raises redis.RedisError."""
        stored: Stored | None = getattr(tracker, MARK, None)
        events = list(tracker.events)
        new = events[stored.events :] if stored else events
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)
        expiry = int(timeout or self.record_exp or DEFAULT_EXPIRY_SECONDS)
        entries, last = self._append(tracker.sender_id, stored, new, expiry), _entry(new)
        if not entries:
            entries, last = 1, _entry(events)
            self._replace(tracker.sender_id, last, expiry)
        elif stored and entries != stored.entries + 1:
            return  # another process wrote in between: the next turn reads both
        if stored and (count_turns(events) > COMPACT_AT or entries > LONG_LIST):
            self._sum_up(tracker.sender_id, expiry)
        elif not _has_older_session(events):
            self._keep(_marked(tracker, entries, last))

    def _append(self, sender_id: str, stored: Stored | None, new: list[Event], expiry: int) -> int:
        """The length of the list afterwards; 0 when there is none to append to."""
        if stored is None:
            return 0
        key, past = self._key(sender_id), self._past(sender_id)
        with self.red.pipeline() as pipe:
            return int(_done(pipe.rpushx(key, _entry(new)).expire(key, expiry).expire(past, expiry))[0])

    def _replace(self, sender_id: str, entry: str, expiry: int) -> None:
        key = self._key(sender_id)
        with self.red.pipeline() as pipe:
            _done(pipe.delete(key, self._past(sender_id)).rpush(key, entry).expire(key, expiry))

    def _sum_up(self, sender_id: str, expiry: int) -> None:
        """Move older turns out of the way. A kill before leaves a list that is only longer."""
        key, past = self._key(sender_id), self._past(sender_id)
        with self.red.pipeline() as pipe:
            pipe.watch(key)
            events = _events(pipe.lrange(key, 0, -1))
            session = last_session(self._tracker(sender_id, events))
            shorter = list(compact(session, self.domain, KEEP_TURNS).events)
            moved = own_events(events)[: -len(own_events(shorter))]
            pipe.multi()
            pipe.rpush(past, _entry(moved)).expire(past, expiry)
            pipe.delete(key).rpush(key, _entry(shorter)).expire(key, expiry)
            try:
                _done(pipe)
            except redis.WatchError:
                logger.info("A conversation was written to while it was summed up; the next turn does it.")

    def _keep(self, tracker: DialogueStateTracker) -> None:
        setattr(tracker, KEPT_AT, time.monotonic())
        self._kept[tracker.sender_id] = tracker
        while len(self._kept) > self._kept_trackers:
            self._kept.popitem(last=False)
        if self._letting_go is None:
            self._let_go_later()

    def _let_go_later(self) -> None:
        self._letting_go = asyncio.get_running_loop().call_later(self.kept_seconds / 4, self._let_go)

    def _let_go(self) -> None:
        """Of those that nothing was added to for long; the eldest come first."""
        self._letting_go = None
        while self._kept and getattr(next(iter(self._kept.values())), KEPT_AT) < time.monotonic() - self.kept_seconds:
            self._kept.popitem(last=False)
        if self._kept:
            self._let_go_later()

    def _is_current(self, tracker: DialogueStateTracker) -> bool:
        stored, key = getattr(tracker, MARK), self._key(tracker.sender_id)
        with self.red.pipeline(transaction=False) as pipe:
            return bool(pipe.llen(key).lindex(key, -1).execute() == [stored.entries, stored.last])

    def _entries(self, key: str) -> tuple[list[str], bool]:
        """And whether one can be appended; not to what Rasa's own store wrote, which the next turn replaces."""
        try:
            return list(self.red.lrange(key, 0, -1)), True
        except redis.ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
        whole = self.red.get(key)
        return [json.dumps(json.loads(whole)["events"])] if whole else [], False

    def _tracker(self, sender_id: str, events: list[Event]) -> DialogueStateTracker:
        tracker = self.init_tracker(sender_id)
        tracker.recreate_from_dialogue(Dialogue(sender_id, events))
        return tracker

    def _key(self, sender_id: str) -> str:
        return str(self.key_prefix + sender_id)

    def _past(self, sender_id: str) -> str:
        return str(self.key_prefix).removesuffix("tracker:") + PAST + sender_id


def last_session(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """The tracker itself when it has no older session."""
    return get_trackers_for_conversation_sessions(tracker)[-1] if _has_older_session(list(tracker.events)) else tracker


def _has_older_session(events: list[Event]) -> bool:
    return any(isinstance(e, ActionExecuted) and e.action_name == ACTION_SESSION_START_NAME for e in events[1:])


def primary_store(agent: Agent) -> TrackerStore:
    """The agent's store without Rasa's fail-safe wrapper.

    The wrapper answers an unreachable Redis with an empty tracker, and saves to a dictionary that nobody reads: a
    turn would look done and be lost. We want the error.
    """
    return getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)


def _done(pipe: Any) -> list[Any]:
    """The answers of a transaction. redis tells an error with the command, in which is what the customer wrote."""
    try:
        answers = list(pipe.execute())
    except redis.ResponseError as error:
        raise redis.RedisError(str(error).rsplit("caused error: ", 1)[-1]) from None
    return answers


def _entry(events: Iterable[Event]) -> str:
    return json.dumps([event.as_dict() for event in events])


def _events(entries: Iterable[str]) -> list[Event]:
    found: list[Event] = deserialise_events([event for entry in entries for event in json.loads(entry)])
    return found


def _marked(tracker: DialogueStateTracker, entries: int, last: str) -> DialogueStateTracker:
    setattr(tracker, MARK, Stored(entries, last, len(tracker.events)))
    return tracker
