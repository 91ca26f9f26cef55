"""From the customer's press to the advisor's screen and back, with many conversations open, beside an empty house."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import sys
from contextlib import AsyncExitStack
from time import perf_counter
from typing import Any

import aiohttp

from bench.figures import Figures, summarise
from bench.talk import say
from bot.background import beside
from tests.harness import Stack

Json = dict[str, Any]
OPEN = 200
# Of those, so many are with each of the other advisors at the desk; the rest talk to the assistant.
HELD_BY_EACH, OTHERS = 15, 9
ROUNDS = 60
WARM_UP = 5
PASSWORD = "bench-of-the-desk"  # noqa: S105  of users who exist for this run alone
_PATIENCE = 20.0


class Customer:
    """A conversation with its live line, as the widget holds it."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session, self._root = session, f"{base}/api/v1/conversations"

    async def open(self) -> Customer:
        """Opens both."""
        async with self._session.post(self._root, json={"locale": "fr"}) as response:
            opened = await response.json()
        self.id = opened["conversation_id"]
        self._headers = {"Authorization": f"Bearer {opened['token']}"}
        self._socket = await self._session.ws_connect(f"{self._root}/{self.id}/live")
        await self._socket.send_json({"token": opened["token"], "after": 1})
        return self

    async def ask_for_a_human(self) -> None:
        """Presses "parler à un conseiller"."""
        async with self._session.post(f"{self._root}/{self.id}/handoff", json={}, headers=self._headers) as response:
            response.raise_for_status()

    async def until(self, text: str) -> None:
        """Until a message with that text is on the page."""
        while True:
            frame = await self._socket.receive_json(timeout=_PATIENCE)
            if frame["type"] == "message" and frame["message"]["text"] == text:
                return


class Advisor:
    """A desk as the page is: the list once, then a live line that brings each row that moves."""

    def __init__(self, session: aiohttp.ClientSession, base: str, email: str) -> None:
        self._session, self._root, self._email = session, f"{base}/api/v1/desk", email
        self._hint, self.rows = asyncio.Event(), asyncio.Condition()
        self.handoffs: dict[str, Json] = {}

    async def sign_in(self) -> Advisor:
        """Signs in and sits down."""
        body = {"email": self._email, "password": PASSWORD}
        async with self._session.post(f"{self._root}/session", json=body) as response:
            signed = await response.json()
        self.id, self._headers = signed["user"]["id"], {"Authorization": f"Bearer {signed['token']}"}
        self._socket = await self._session.ws_connect(f"{self._root}/live")
        await self._socket.send_json({"token": signed["token"]})
        return self

    async def listen(self) -> None:
        """Until stopped."""
        async for message in self._socket:
            frame = message.json()
            if frame["type"] == "ready":
                self._hint.set()
            elif frame["type"] == "state":
                await self._take(frame["conversation_id"], frame["row"])

    async def read(self) -> None:
        """Reads the list at each hint; hints that come meanwhile are one."""
        while True:
            await self._hint.wait()
            self._hint.clear()
            found = await self.call("GET", "handoffs")
            async with self.rows:
                self.handoffs = {row["conversation_id"]: row for row in found["handoffs"]}
                self.rows.notify_all()

    async def _take(self, conversation_id: str, row: Json | None) -> None:
        async with self.rows:
            self.handoffs.pop(conversation_id, None)
            if row is not None:
                self.handoffs[conversation_id] = row
            self.rows.notify_all()

    async def call(self, method: str, tail: str, body: Json | None = None) -> Json:
        """A call of the desk's door."""
        url = f"{self._root}/{tail}"
        async with self._session.request(method, url, json=body, headers=self._headers) as response:
            response.raise_for_status()
            answer: Json = await response.json()
            return answer

    async def sees(self, conversation_id: str) -> Json:
        """The row of a conversation once it is offered to this advisor."""

        def offered() -> Json | None:
            row = self.handoffs.get(conversation_id)
            return row if row is not None and row["offered_to"] == self.id else None

        async with self.rows, asyncio.timeout(_PATIENCE):
            await self.rows.wait_for(offered)
            return offered() or {}


def measure() -> Json:
    """An empty house first, then the same with ``OPEN`` conversations."""
    settings = {"CONVERSATIONS_PER_MINUTE": "100000", "SIGN_INS_PER_MINUTE": "1000"}
    with Stack(settings) as stack:
        for number in range(OTHERS + 1):
            _add_user(stack, number)
        return asyncio.run(_run(stack.bot_url))


def _add_user(stack: Stack, number: int) -> None:
    command = [sys.executable, "-m", "bot", "users", "add", _email(number), "--name", f"Bench {number}"]
    command += ["--locales", "fr", "--skills", "general"]
    subprocess.run(command, input=PASSWORD, text=True, env=dict(stack.env), check=True, capture_output=True)  # noqa: S603


def _email(number: int) -> str:
    return f"bench{number}@maison-alder.test"


async def _run(base: str) -> Json:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        advisor = await Advisor(session, base, _email(0)).sign_in()
        async with beside(advisor.listen(), advisor.read()):
            say("an empty house")
            empty = await _rounds(session, base, advisor)
            say(f"{OPEN} conversations open")
            async with AsyncExitStack() as sitting:
                await _fill(session, base, sitting)
                full = await _rounds(session, base, advisor)
    return {"open": OPEN, "empty": empty, "full": full}


async def _fill(session: aiohttp.ClientSession, base: str, sitting: AsyncExitStack) -> None:
    """Opens the conversations, and sits the advisors down who hold some of them."""
    customers = [await Customer(session, base).open() for _ in range(OPEN)]
    taken = iter(customers)
    for number in range(1, OTHERS + 1):
        other = await Advisor(session, base, _email(number)).sign_in()
        await sitting.enter_async_context(beside(other.listen(), other.read()))
        await other.call("PUT", "presence", {"status": "busy"})
        for _ in range(HELD_BY_EACH):
            await _hold(other, next(taken))


async def _hold(other: Advisor, customer: Customer) -> None:
    await customer.ask_for_a_human()
    found = (await other.call("GET", "handoffs"))["handoffs"]
    row = next(each for each in found if each["conversation_id"] == customer.id)
    await other.call("POST", f"handoffs/{row['handoff_id']}/accept")


async def _rounds(session: aiohttp.ClientSession, base: str, advisor: Advisor) -> Json:
    """A customer asks, the advisor sees it, takes it, answers, and gives it back, one after the other."""
    seen: list[float] = []
    heard: list[float] = []
    for number in range(WARM_UP + ROUNDS):
        customer = await Customer(session, base).open()
        started = perf_counter()
        await customer.ask_for_a_human()
        row = await advisor.sees(customer.id)
        to_desk = perf_counter() - started
        await advisor.call("POST", f"handoffs/{row['handoff_id']}/accept")
        text = secrets.token_hex(8)
        started = perf_counter()
        body = {"client_message_id": text, "text": text}
        sending = asyncio.create_task(advisor.call("POST", f"conversations/{customer.id}/messages", body))
        await customer.until(text)
        to_customer = perf_counter() - started
        await sending
        await advisor.call("POST", f"handoffs/{row['handoff_id']}/release", {"outcome": "resolved"})
        if number >= WARM_UP:
            seen.append(to_desk)
            heard.append(to_customer)
    return {"offer_seen": _shown(seen), "reply_seen": _shown(heard)}


def _shown(seconds: list[float]) -> Json:
    figures: Figures = summarise(seconds, sum(seconds))
    return {"p50_ms": figures.p50_ms, "p95_ms": figures.p95_ms}


def show(figures: Json) -> str:
    """The figures as a table."""
    lines = [f"At the desk, with {figures['open']} conversations open (baseline: an empty house, same run)"]
    lines.append(f"{'':<34} {'p50 ms':>8} {'p95 ms':>8} {'p95, empty':>11} {'ratio':>6}")
    for key, name in (("offer_seen", "pressed until the offer is seen"), ("reply_seen", "reply until it is read")):
        full, empty = figures["full"][key], figures["empty"][key]
        ratio = full["p95_ms"] / empty["p95_ms"]
        lines.append(f"{name:<34} {full['p50_ms']:>8} {full['p95_ms']:>8} {empty['p95_ms']:>11} {ratio:>6.2f}")
    return "\n".join(lines)
