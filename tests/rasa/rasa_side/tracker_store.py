"""The tracker store against a real Redis (port: first argument), and the lock store."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import traceback
from functools import cache
from typing import Any
from uuid import uuid4

import redis
from rasa.core.lock_store import LockError
from rasa.core.tracker_store import RedisTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_ext.locks import QueueLockStore
from rasa_ext.state import COMPACT_AT, KEEP_TURNS, count_turns, processed_ids
from rasa_ext.tracker_store import RelaisTrackerStore
from tests.rasa.rasa_side.running import refused, run_all

DOMAIN_YAML = """
version: "3.1"
intents: [hello]
slots:
  name: {type: text, mappings: [{type: custom}]}
"""


async def check_a_turn_is_appended_and_nothing_is_written_again() -> None:
    store, name = _store(), uuid4().hex
    tracker = await _new(store, name)
    for number in range(5):
        before = store.red.lrange(_key(name), 0, -1)
        tracker = await _turn(store, name, number)
        after = store.red.lrange(_key(name), 0, -1)
        assert after[:-1] == before, "what was there is there as it was"
        assert [event["event"] for event in json.loads(after[-1])] == ["user", "slot", "bot", "action"]
    assert store.red.ttl(_key(name)) > 600_000
    assert _words(tracker) == [f"message {n}" for n in range(5)]


async def check_another_process_reads_the_same_and_each_sees_the_others_turns() -> None:
    one, other, name = _store(), _store(), uuid4().hex
    await _new(one, name)
    for number in range(6):
        tracker = await _turn((one, other)[number % 2], name, number)
        assert _words(tracker) == [f"message {n}" for n in range(number + 1)]
        assert tracker.get_slot("name") == f"value {number}"
    ours, theirs = await _read(one, name), await _read(other, name)
    assert _dicts(ours) == _dicts(theirs)


async def check_a_tracker_goes_on_from_memory_as_it_would_from_redis() -> None:
    store = _store()
    name = await _of_turns(store, 1)
    kept = await _read(store, name)
    read = await _read(_store(), name)
    assert kept is not read
    assert _dicts(kept) == _dicts(read)
    assert kept.current_state() == read.current_state()


async def check_what_is_in_memory_does_not_outlive_an_erasure_for_long() -> None:
    store = _store()
    store.kept_seconds = 0.2
    name = await _of_turns(store, 1)
    assert name in store._kept, "else this proves nothing"
    while name in store._kept:
        await asyncio.sleep(0.05)
    assert _words(await _turn(store, name, 1)) == ["message 0", "message 1"]


async def check_what_is_not_saved_is_forgotten() -> None:
    store = _store()
    name = await _of_turns(store, 1)
    failed = await _read(store, name)
    failed.update_with_events(_said(1), store.domain)
    assert _words(await _read(store, name)) == ["message 0"]


async def check_a_wiped_redis_is_noticed_before_and_after_a_turn() -> None:
    store, name = _store(), uuid4().hex
    await _new(store, name)
    tracker = await _turn(store, name, 0)
    store.red.delete(_key(name))
    assert await store.retrieve(name) is None
    tracker.update_with_events(_said(1), store.domain)
    await store.save(tracker)
    assert _words(await _read(_store(), name)) == ["message 0", "message 1"], "the whole of it, not its end alone"


async def check_two_writers_at_once_lose_nothing() -> None:
    one, other, name = _store(), _store(), uuid4().hex
    await _new(one, name)
    trackers = [await _read(one, name), await _read(other, name)]
    for number, (store, tracker) in enumerate(zip((one, other), trackers, strict=True)):
        tracker.update_with_events(_said(number), store.domain)
        await store.save(tracker)
    for store in (one, other):
        assert _words(await _read(store, name)) == ["message 0", "message 1"]


async def check_a_tracker_put_in_its_place_is_written_whole() -> None:
    store = _store()
    name = await _of_turns(store, 1)
    await store.save(DialogueStateTracker.from_events(name, _said(7), store.domain.slots))
    assert _words(await _read(_store(), name)) == ["message 7"]
    assert _words(await _turn(store, name, 8)) == ["message 7", "message 8"]


async def check_a_long_conversation_is_summed_up_and_remembered_whole() -> None:
    store, name = _store(), uuid4().hex
    await _new(store, name)
    turns = 3 * COMPACT_AT
    longest = 0
    for number in range(turns):
        tracker = await _turn(store, name, number)
        longest = max(longest, count_turns(tracker.events))
    assert longest <= COMPACT_AT + 1
    for each in (store, _store()):
        tracker, full = await _read(each, name), await _read(each, name, full=True)
        assert KEEP_TURNS <= count_turns(tracker.events) <= COMPACT_AT
        assert _words(tracker)[-1] == f"message {turns - 1}"
        assert len(processed_ids(tracker)) == turns, "a message sent again is still known"
        assert tracker.get_slot("name") == f"value {turns - 1}"
        assert _words(full) == [f"message {n}" for n in range(turns)]
        assert sum(isinstance(event, SessionStarted) for event in full.events) == 1
    assert _size(store, name) < 4 * _size(store, await _of_turns(store, 5))


async def check_the_last_session_is_the_tracker_and_all_of_them_the_full_one() -> None:
    store, name = _store(), uuid4().hex
    await _new(store, name)
    await _turn(store, name, 0)
    tracker = await _read(store, name)
    again: list[Event] = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    tracker.update_with_events([*again, *_said(1)], store.domain)
    await store.save(tracker)
    for each in (store, _store()):
        assert _words(await _read(each, name)) == ["message 1"]
        assert _words(await _read(each, name, full=True)) == ["message 0", "message 1"]
    assert _words(await _turn(store, name, 2)) == ["message 1", "message 2"]
    for number in range(3, 3 + COMPACT_AT):
        await _turn(store, name, number)
    assert _words(await _read(store, name, full=True)) == [f"message {n}" for n in range(3 + COMPACT_AT)]


async def check_what_rasas_own_store_wrote_is_read_and_then_appended_to() -> None:
    store, name = _store(), uuid4().hex
    stock = RedisTrackerStore(_domain(), port=int(sys.argv[1]), key_prefix="relais")
    await stock.save(DialogueStateTracker.from_events(name, _said(0), _domain().slots))
    assert store.red.type(_key(name)) == "string"
    assert _words(await _turn(store, name, 1)) == ["message 0", "message 1"]
    assert store.red.type(_key(name)) == "list"
    assert _words(await _turn(store, name, 2)) == ["message 0", "message 1", "message 2"]


async def check_an_error_tells_nothing_of_what_was_said() -> None:
    store, name = _store(), uuid4().hex
    await _new(store, name)
    tracker = await _turn(store, name, 0)
    store.red.delete(_key(name))
    store.red.hset(_key(name), "a", "b")
    tracker.update_with_events(_said(1), store.domain)
    with refused(redis.RedisError) as told:
        await store.save(tracker)
    shown = "".join(traceback.format_exception(told[0]))
    assert "WRONGTYPE" in shown
    assert "message 1" not in shown


async def check_another_model_does_not_get_the_former_ones_slots() -> None:
    store, name = _store(), uuid4().hex
    await _new(store, name)
    await _turn(store, name, 0)
    store.domain = Domain.from_yaml(
        DOMAIN_YAML.replace("  name:", "  other: {type: any, mappings: [{type: custom}]}\n  name:")
    )
    assert "other" in (await _read(store, name)).slots


async def check_few_trackers_stay_in_memory() -> None:
    store = RelaisTrackerStore(_domain(), port=int(sys.argv[1]), key_prefix="relais", kept_trackers=3)
    names = [uuid4().hex for _ in range(6)]
    for name in names:
        await _new(store, name)
    assert len(store._kept) == 3
    assert [_words(await _turn(store, name, 0)) for name in names] == [["message 0"]] * 6


async def check_those_who_wait_for_a_turn_are_woken_in_their_order() -> None:
    locks, order = QueueLockStore(), []

    async def one(number: int) -> None:
        async with locks.lock("a"):
            await asyncio.sleep(0.02)
            order.append(number)

    started = time.monotonic()
    await asyncio.gather(*(one(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]
    assert 0.1 <= time.monotonic() - started < 3, "Rasa's own sleep a second for each that is before"
    async with locks.lock("a"), locks.lock("b"):
        pass  # another conversation waits for nobody


async def check_a_turn_that_never_ends_is_not_joined_by_another() -> None:
    locks = QueueLockStore()
    joined = False
    async with locks.lock("a"):
        with refused(LockError) as told:
            async with locks.lock("a", lock_lifetime=0.05):
                joined = True
    assert not joined
    assert "longer" in str(told[0])
    async with locks.lock("a"):
        pass  # and it is free again


def check_several_workers_are_refused() -> None:
    os.environ["SANIC_WORKERS"] = "2"
    try:
        with refused(LockError) as told:
            QueueLockStore()
    finally:
        os.environ["SANIC_WORKERS"] = "1"
    assert "SANIC_WORKERS" in str(told[0])


@cache
def _domain() -> Domain:
    return Domain.from_yaml(DOMAIN_YAML)


def _store() -> RelaisTrackerStore:
    return RelaisTrackerStore(_domain(), port=int(sys.argv[1]), key_prefix="relais")


async def _new(store: RelaisTrackerStore, name: str) -> DialogueStateTracker:
    """As Rasa begins a conversation."""
    tracker = await store.get_or_create_tracker(name, append_action_listen=False)
    begun: list[Event] = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    tracker.update_with_events(begun, store.domain)
    await store.save(tracker)
    return tracker


async def _read(store: RelaisTrackerStore, name: str, *, full: bool = False) -> DialogueStateTracker:
    tracker = await (store.retrieve_full_tracker(name) if full else store.retrieve(name))
    assert tracker is not None
    return tracker


async def _turn(store: RelaisTrackerStore, name: str, number: int) -> DialogueStateTracker:
    tracker = await _read(store, name)
    tracker.update_with_events(_said(number), store.domain)
    await store.save(tracker)
    return tracker


def _said(number: int) -> list[Event]:
    said = UserUttered(f"message {number}", {"name": "hello"}, message_id=f"m{number}")
    return [said, SlotSet("name", f"value {number}"), BotUttered("hello"), ActionExecuted("action_listen")]


async def _of_turns(store: RelaisTrackerStore, turns: int) -> str:
    name = uuid4().hex
    await _new(store, name)
    for number in range(turns):
        await _turn(store, name, number)
    return name


def _words(tracker: DialogueStateTracker | None) -> list[str]:
    assert tracker is not None
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def _dicts(tracker: DialogueStateTracker | None) -> list[dict[str, Any]]:
    assert tracker is not None
    return [event.as_dict() for event in tracker.events]


def _key(name: str) -> str:
    return f"relais:tracker:{name}"


def _size(store: RelaisTrackerStore, name: str) -> int:
    return sum(map(len, store.red.lrange(_key(name), 0, -1)))


if __name__ == "__main__":
    run_all(globals().copy())
