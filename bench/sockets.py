"""Two thousand live lines on one bot process: what each weighs, and how long a message takes to reach its readers."""

from __future__ import annotations

import asyncio
import resource
import secrets
from contextlib import AsyncExitStack
from time import perf_counter
from typing import Any

import aiohttp

from bench.figures import Figures, summarise
from bench.memory import megabytes
from bench.talk import say
from bot.background import beside
from tests.harness import Stack

Json = dict[str, Any]
# Each of the conversations is open in so many tabs.
TABS, CONVERSATIONS = 5, 400
FEW = 2
ROUNDS, WARM_UP = 60, 5
_AT_ONCE = 20
_PATIENCE = 30.0


class Tab:
    """One live line, read all the time: who does not answer the server's pings is taken to be gone."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._moved = asyncio.Event()
        self._shown: dict[str, float] = {}
        self.ready = asyncio.Event()

    async def listen(self) -> None:
        """Until stopped."""
        async for message in self._socket:
            frame = message.json()
            if frame["type"] == "ready":
                self.ready.set()
            elif frame["type"] == "message":
                self._shown[frame["message"]["text"]] = perf_counter()
                self._moved.set()

    async def has(self, text: str) -> float:
        """The moment at which that message was here."""
        async with asyncio.timeout(_PATIENCE):
            while text not in self._shown:
                self._moved.clear()
                await self._moved.wait()
        return self._shown.pop(text)


class Thread:
    """A conversation that is read in several tabs."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http, self._root = http, f"{base}/api/v1/conversations"
        self.tabs: list[Tab] = []

    async def open(self, sitting: AsyncExitStack) -> Thread:
        """Opens it, and its tabs."""
        async with self._http.post(self._root, json={"locale": "fr"}) as response:
            opened = await response.json()
        self._url, token = f"{self._root}/{opened['conversation_id']}", opened["token"]
        self._headers = {"Authorization": f"Bearer {token}"}
        for _ in range(TABS):
            socket = await sitting.enter_async_context(self._http.ws_connect(f"{self._url}/live"))
            await socket.send_json({"token": token, "after": 1})
            tab = Tab(socket)
            await sitting.enter_async_context(beside(tab.listen()))
            await tab.ready.wait()
            self.tabs.append(tab)
        return self

    async def reaches_all(self) -> list[float]:
        """Seconds until each tab shows a message sent now."""
        text = secrets.token_hex(8)
        started = perf_counter()
        body = {"client_message_id": text, "text": text}
        async with self._http.post(f"{self._url}/messages", json=body, headers=self._headers) as response:
            response.raise_for_status()
        return [await tab.has(text) - started for tab in self.tabs]


def measure() -> Json:
    """A few lines first, then all of them, in one run."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    limits = dict.fromkeys(("CONVERSATIONS_PER_MINUTE", "MESSAGES_PER_MINUTE"), "100000")
    with Stack(limits) as stack:
        return asyncio.run(_run(stack))


async def _run(stack: Stack) -> Json:
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
        AsyncExitStack() as sitting,
    ):
        threads = [await Thread(http, stack.bot_url).open(sitting) for _ in range(FEW)]
        few = await _rounds(threads)
        before = megabytes(stack.pid("bot"))
        say(f"{CONVERSATIONS * TABS} lines")
        while len(threads) < CONVERSATIONS:
            room = min(_AT_ONCE, CONVERSATIONS - len(threads))
            threads += await asyncio.gather(*[Thread(http, stack.bot_url).open(sitting) for _ in range(room)])
        after = megabytes(stack.pid("bot"))
        many = await _rounds(threads)
    lines = CONVERSATIONS * TABS
    weight = round((after - before) * 1024 / (lines - FEW * TABS), 1)
    return {"lines": lines, "few": few, "many": many, "memory_mb": [before, after], "kilobytes_a_line": weight}


async def _rounds(threads: list[Thread]) -> Json:
    """One message after the other, each in another conversation."""
    first: list[float] = []
    last: list[float] = []
    for number in range(WARM_UP + ROUNDS):
        taken = await threads[number % len(threads)].reaches_all()
        # The assistant answers it; the next message must not wait for that.
        await asyncio.sleep(0.3)
        if number >= WARM_UP:
            first.append(min(taken))
            last.append(max(taken))
    return {"first_tab": _shown(first), "last_tab": _shown(last)}


def _shown(seconds: list[float]) -> Json:
    figures: Figures = summarise(seconds, sum(seconds))
    return {"p50_ms": figures.p50_ms, "p95_ms": figures.p95_ms}


def show(figures: Json) -> str:
    """The figures as a table."""
    few = FEW * TABS
    lines = [f"{figures['lines']} live lines on one process (baseline: {few} lines, same run)"]
    lines.append(f"{'a message until it is on':<28} {'p50 ms':>8} {'p95 ms':>8} {'p95, few':>9} {'ratio':>6}")
    for key, name in (("first_tab", "the first tab that has it"), ("last_tab", f"all {TABS} tabs")):
        many, base = figures["many"][key], figures["few"][key]
        ratio = many["p95_ms"] / base["p95_ms"]
        lines.append(f"{name:<28} {many['p50_ms']:>8} {many['p95_ms']:>8} {base['p95_ms']:>9} {ratio:>6.2f}")
    before, after = figures["memory_mb"]
    lines.append(f"memory of the process: {before} MB, then {after} MB: {figures['kilobytes_a_line']} KB a line")
    return "\n".join(lines)
