"""What makes Rasa quick, seen from outside: on its own REST channel as on ours, nobody sleeps and nothing is lost."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any

from tests.rasa.stack import Road

AT_ONCE = 6
LONG = 30


async def test_messages_at_once_wait_for_each_other_without_sleeping(rasa_road: Road) -> None:
    waited = [await seconds_waited(rasa_road) for _ in range(3)]
    # The least of them: what else the machine does only adds to it.
    assert min(waited) < 0.3 * (AT_ONCE - 1), f"Rasa's own locks sleep a second for each that is before: {waited}"


async def seconds_waited(road: Road) -> float:
    """By how much messages that come at once take longer than one after the other."""
    alone, together = uuid.uuid4().hex, uuid.uuid4().hex
    for sender in (alone, together):
        await say(road, sender)
    began = time.monotonic()
    for _ in range(AT_ONCE):
        assert await say(road, alone)
    half = time.monotonic()
    assert all(await asyncio.gather(*(say(road, together) for _ in range(AT_ONCE))))
    taken = time.monotonic() - half
    assert len(said(road, f"relais:tracker:{together}")) == 1 + AT_ONCE
    return taken - (half - began)


async def test_a_long_conversation_stays_short_for_rasa_and_whole_for_those_who_ask(rasa_road: Road) -> None:
    sender = uuid.uuid4().hex
    for _ in range(LONG):
        assert await say(rasa_road, sender)
    live, past = said(rasa_road, f"relais:tracker:{sender}"), said(rasa_road, f"relais:past:{sender}")
    assert len(live) <= 12
    assert len(past) + len(live) == LONG
    assert len({*past, *live}) == LONG
    assert rasa_road.redis().ttl(f"relais:past:{sender}") > 600_000


async def test_on_our_channel_what_is_summed_up_is_not_kept_twice(rasa_road: Road) -> None:
    chat = rasa_road.chat()
    for _ in range(LONG):
        await chat.say("bonjour")
    assert 6 <= len(said(rasa_road, f"relais:tracker:{chat.id}")) <= 12
    assert not rasa_road.redis().exists(f"relais:past:{chat.id}"), "bot has it, and erases it"


async def say(road: Road, sender: str) -> list[dict[str, Any]]:
    """A greeting by Rasa's own REST channel, and the answers."""
    url = road.config.url_of("rasa") + "/webhooks/rest/webhook"
    async with road.http.post(url, json={"sender": sender, "message": "bonjour"}) as response:
        answers: list[dict[str, Any]] = await response.json()
    return answers


def said(road: Road, key: str) -> list[str]:
    """Ids of the customer's messages in a list of Redis."""
    events = [event for entry in road.redis().lrange(key, 0, -1) for event in json.loads(entry)]
    return [event["message_id"] for event in events if event["event"] == "user"]
