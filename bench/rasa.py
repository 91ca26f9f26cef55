"""Rasa itself: stock beside ours, by the same channel, model, Redis and action server."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import aiohttp

from bench.figures import summarise, timed
from bench.rasa_servers import Server, both
from bench.rasa_toy import MESSAGES
from bench.talk import say

Json = dict[str, Any]
ROUNDS, MESSAGES_A_ROUND, WARM_UP = 5, 25, 5
LONG, AROUND = 300, 5
AT_ONCE, EACH, AT_ONCE_ROUNDS = 32, 4, 3
BURST = 4


@dataclass(frozen=True)
class Road:
    """A server by one of its channels."""

    name: str
    server: Server
    channel: str

    def conversation(self, session: aiohttp.ClientSession) -> Callable[[], Awaitable[object]]:
        """One message of a new conversation at each call."""
        messages, sender = itertools.cycle(MESSAGES), secrets.token_hex(8)
        url, last = f"{self.server.base}/webhooks/{self.channel}/webhook", None

        async def ask() -> None:
            nonlocal last
            message_id, text = secrets.token_hex(8), next(messages)
            body: Json = {"sender": sender, "message": text}
            if self.channel == "relais":
                body = {"conversation_id": sender, "message_id": message_id, "locale": "en", "text": text}
                body["last_message_id"] = last
            async with session.post(url, json=body) as response:
                if response.status != 200 or "Done." not in await response.text():
                    raise RuntimeError(f"{self.name}: {response.status}, no answer")
            last = message_id

        return ask


def measure() -> Json:
    """All figures of one run."""
    return asyncio.run(_measure())


async def _measure() -> Json:
    with both() as (stock, ours):
        roads = [Road("stock", stock, "rest"), Road("ours_rest", ours, "rest"), Road("ours_relais", ours, "relais")]
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            say("one message at a time")
            found = await _one_at_a_time(roads, session)
            say(f"{AT_ONCE} conversations at once")
            rates = await _at_once(roads, session)
            for road in roads:
                say(f"{road.name}: {LONG} messages in one conversation")
                found[road.name]["per_second"] = rates[road.name]
                found[road.name]["burst_ms"] = await _burst(road, session)
                found[road.name] |= await _long(road, session)
    return found


async def _one_at_a_time(roads: list[Road], session: aiohttp.ClientSession) -> Json:
    """Rounds that take turns, so that whatever else the machine does falls on all alike."""
    taken: dict[str, list[float]] = {road.name: [] for road in roads}
    used: dict[str, float] = dict.fromkeys(taken, 0.0)
    for _, road in itertools.product(range(ROUNDS), roads):
        ask = road.conversation(session)
        for _ in range(WARM_UP):
            await ask()
        before = road.server.cpu_seconds()
        taken[road.name] += [await timed(ask) for _ in range(MESSAGES_A_ROUND)]
        used[road.name] += road.server.cpu_seconds() - before
    count = ROUNDS * MESSAGES_A_ROUND
    figures = {name: summarise(seconds, sum(seconds)) for name, seconds in taken.items()}
    return {
        name: {"p50_ms": each.p50_ms, "p95_ms": each.p95_ms, "cpu_ms": round(1000 * used[name] / count, 1)}
        for name, each in figures.items()
    }


async def _at_once(roads: list[Road], session: aiohttp.ClientSession) -> dict[str, float]:
    """Messages a second, the middle one of rounds that take turns."""
    conversations = {road.name: [road.conversation(session) for _ in range(AT_ONCE)] for road in roads}

    async def converse(ask: Callable[[], Awaitable[object]]) -> None:
        for _ in range(EACH):
            await ask()

    rates: dict[str, list[float]] = {road.name: [] for road in roads}
    for number, road in itertools.product(range(1 + AT_ONCE_ROUNDS), roads):
        started = perf_counter()
        await asyncio.gather(*(converse(ask) for ask in conversations[road.name]))
        if number:  # the first one warms up
            rates[road.name].append(AT_ONCE * EACH / (perf_counter() - started))
    return {name: round(median(each), 1) for name, each in rates.items()}


async def _burst(road: Road, session: aiohttp.ClientSession) -> list[int]:
    """Four messages at once to one conversation: when each was answered."""
    ask = road.conversation(session)
    await ask()
    return sorted(round(1000 * seconds) for seconds in await asyncio.gather(*(timed(ask) for _ in range(BURST))))


async def _long(road: Road, session: aiohttp.ClientSession) -> Json:
    ask = road.conversation(session)
    taken = [1000 * await timed(ask) for _ in range(LONG + AROUND)]
    tenth, last = (median(taken[n - 1 - AROUND : n + AROUND]) for n in (10, LONG))
    return {"message_10_ms": round(tenth, 1), "message_300_ms": round(last, 1), "growth": round(last / tenth, 2)}


def show(figures: Json) -> str:
    """The figures as a table."""
    lines = ["A message with a custom action that does nothing; Redis; stock Rasa by its REST channel as the baseline"]
    columns = ("p50_ms", "p95_ms", "cpu_ms", "per_second", "message_10_ms", "message_300_ms", "growth")
    lines.append(f"{'road':<12}" + "".join(f"{name:>16}" for name in columns) + "  four at once, ms")
    for name, row in figures.items():
        lines.append(f"{name:<12}" + "".join(f"{row[column]:>16}" for column in columns) + f"  {row['burst_ms']}")
    stock = figures["stock"]
    for name in ("ours_rest", "ours_relais"):
        row = figures[name]
        quicker, more = stock["p50_ms"] / row["p50_ms"], row["per_second"] / stock["per_second"]
        lines.append(f"{name}: {quicker:.1f} times as quick, {more:.1f} times as many a second")
    return "\n".join(lines)
