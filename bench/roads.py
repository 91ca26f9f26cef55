"""The calls that are timed: a question through the public API, and each hop of its road alone."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import aiohttp

from bench.figures import Figures, summarise, timed
from launch.config import Config

Json = dict[str, Any]
# Different questions, so that no cache answers for the product.
QUESTIONS = (
    "quels sont les délais de livraison ?",
    "comment retourner un article ?",
    "combien coûte la livraison en Belgique ?",
    "quand suis-je remboursé ?",
    "puis-je payer en trois fois ?",
    "comment réinitialiser mon mot de passe ?",
    "la garantie dure combien de temps ?",
    "vos lampes conviennent à une salle de bains ?",
)
WARM_UP = 10


class PublicApi:
    """One conversation through the widget's own door: sent by HTTP, the reply read from the live connection."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base
        self._questions = itertools.cycle(QUESTIONS)

    async def open(self) -> PublicApi:
        """Opens the conversation and its live connection."""
        url = f"{self._base}/api/v1/conversations"
        async with self._session.post(url, json={"locale": "fr"}) as response:
            opened = await response.json()
        self._url = f"{url}/{opened['conversation_id']}"
        self._headers = {"Authorization": f"Bearer {opened['token']}"}
        self._socket = await self._session.ws_connect(f"{self._url}/live")
        await self._socket.send_json({"token": opened["token"], "after": 1})
        return self

    async def ask(self) -> None:
        """One question, until its answer is here."""
        body = {"client_message_id": secrets.token_hex(8), "text": next(self._questions)}
        async with self._session.post(f"{self._url}/messages", json=body, headers=self._headers) as response:
            sent = (await response.json())["message"]["seq"]
        while True:
            frame = await self._socket.receive_json()
            if frame["type"] == "message" and frame["message"]["seq"] > sent:
                return

    async def close(self) -> None:
        """Leaves."""
        await self._socket.close()


class BareRasa:
    """The yardstick: the same question to the same Rasa through its own REST channel, with nothing around it."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._url = f"{base}/webhooks/rest/webhook"
        self._sender = secrets.token_hex(8)
        self._questions = itertools.cycle(QUESTIONS)

    async def open(self) -> BareRasa:
        """Nothing to open."""
        return self

    async def ask(self) -> None:
        """One question and its answer."""
        body = {"sender": self._sender, "message": next(self._questions)}
        async with self._session.post(self._url, json=body) as response:
            if not await response.json():
                raise RuntimeError("bare Rasa answered nothing")

    async def close(self) -> None:
        """Nothing to close."""


Road = type[PublicApi] | type[BareRasa]


async def run_road(road: Road, base: str, conversations: int, questions: int) -> Figures:
    """Every conversation asks ``questions`` questions one after the other, all conversations at once."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        clients = [await road(session, base).open() for _ in range(conversations)]
        for client in clients:
            for _ in range(max(1, WARM_UP // conversations)):
                await client.ask()

        async def converse(client: PublicApi | BareRasa) -> list[float]:
            return [await timed(client.ask) for _ in range(questions)]

        started = perf_counter()
        taken = await asyncio.gather(*(converse(client) for client in clients))
        elapsed = perf_counter() - started
        for client in clients:
            await client.close()
    return summarise([seconds for each in taken for seconds in each], elapsed)


async def run_hops(config: Config, questions: int) -> dict[str, float]:
    """p50 in milliseconds of the road cut at each hop: from Rasa on, from actions on, knowledge_base alone."""
    async with aiohttp.ClientSession() as session:
        hops = {
            "rasa": _rasa(session, config.url_of("rasa")),
            "actions": _actions(session, config.url_of("actions")),
            "knowledge_base": _knowledge(session, config.url_of("knowledge_base")),
        }
        return {name: await _median(call, questions) for name, call in hops.items()}


async def _median(call: Callable[[], Awaitable[object]], count: int) -> float:
    for _ in range(WARM_UP):
        await call()
    return summarise([await timed(call) for _ in range(count)], 1.0).p50_ms


async def _post(session: aiohttp.ClientSession, url: str, body: Json) -> Json:
    async with session.post(url, json=body) as response:
        response.raise_for_status()
        answer: Json = await response.json()
        return answer


def _rasa(session: aiohttp.ClientSession, base: str) -> Callable[[], Awaitable[object]]:
    questions, conversation, last = itertools.cycle(QUESTIONS), secrets.token_hex(8), [None]

    async def call() -> None:
        message_id = secrets.token_hex(8)
        body: Json = {"conversation_id": conversation, "message_id": message_id, "text": next(questions)}
        body |= {"locale": "fr", "metadata": {}, "catch_up": [], "last_message_id": last[0]}
        await _post(session, f"{base}/webhooks/relais/webhook", body)
        last[0] = message_id  # type: ignore[call-overload]

    return call


def _actions(session: aiohttp.ClientSession, base: str) -> Callable[[], Awaitable[object]]:
    questions = itertools.cycle(QUESTIONS)

    async def call() -> None:
        text = next(questions)
        message = {"text": text, "metadata": {}, "intent": {"name": "ask_question"}, "entities": []}
        event = {"event": "user", "text": text, "metadata": {}, "parse_data": message}
        tracker: Json = {"sender_id": "bench", "slots": {"locale": "fr"}, "latest_message": message, "events": [event]}
        tracker |= {"paused": False, "followup_action": None, "active_loop": {}, "latest_action_name": "action_listen"}
        body = {"next_action": "action_answer_question", "sender_id": "bench", "tracker": tracker, "domain": {}}
        await _post(session, f"{base}/webhook", body)

    return call


def _knowledge(session: aiohttp.ClientSession, base: str) -> Callable[[], Awaitable[object]]:
    questions = itertools.cycle(QUESTIONS)
    return lambda: _post(session, f"{base}/search", {"question": next(questions), "locale": "fr"})
