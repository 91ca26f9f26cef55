"""A question on Telegram, from the update to the reply at the Bot API, beside the same question by the public API."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from time import perf_counter
from typing import Any

import aiohttp

from bench.figures import summarise, timed
from bench.roads import QUESTIONS, WARM_UP, PublicApi
from bench.talk import say
from bot.channels.telegram.channel import SECRET_HEADER
from bot.channels.telegram.registering import PATH
from tests.harness import Stack, free_port
from tests.telegram.fake_api import TOKEN, FakeTelegram

Json = dict[str, Any]


class Chat:
    """One person's chat: updates by the webhook, replies as the Bot API takes them."""

    def __init__(self, http: aiohttp.ClientSession, base: str, secret: str, telegram: FakeTelegram) -> None:
        self._http = http
        self._url = base + PATH
        self._headers = {SECRET_HEADER: secret}
        self._telegram = telegram
        self._questions = itertools.cycle(QUESTIONS)
        self._id = 4242

    async def ask(self) -> None:
        """One question, until its answer is here."""
        await self._say(next(self._questions))

    async def begin(self) -> None:
        """START, and the greeting."""
        await self._say("/start")

    async def _say(self, text: str) -> None:
        who = {"id": self._id, "is_bot": False, "first_name": "Camille", "language_code": "fr"}
        message = {"message_id": next(self._telegram.ids), "from": who, "date": 1_790_000_000, "text": text}
        update = {"update_id": next(self._telegram.update_ids)}
        update["message"] = message | {"chat": {"id": self._id, "type": "private"}}
        self._telegram.news.clear()
        async with self._http.post(self._url, json=update, headers=self._headers) as response:
            response.raise_for_status()
        await self._telegram.news.wait()


def measure(questions: int) -> Json:
    """Both roads of one run, a question of one after a question of the other."""
    port, secret = free_port(1), secrets.token_urlsafe(32)
    settings = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_SECRET": secret, "TELEGRAM_API_URL": f"http://127.0.0.1:{port}"}
    with Stack(settings) as stack:
        say(f"{questions} questions on each road")
        return asyncio.run(_measured(stack, port, secret, questions))


async def _measured(stack: Stack, port: int, secret: str, questions: int) -> Json:
    telegram = FakeTelegram()
    server = await telegram.start(port)
    async with aiohttp.ClientSession() as http:
        raw, chat = await PublicApi(http, stack.bot_url).open(), Chat(http, stack.bot_url, secret, telegram)
        await chat.begin()
        for _ in range(WARM_UP):
            await raw.ask()
            await chat.ask()
        taken: dict[str, list[float]] = {"public_api": [], "telegram": []}
        started = perf_counter()
        for _ in range(questions):
            taken["public_api"].append(await timed(raw.ask))
            taken["telegram"].append(await timed(chat.ask))
        elapsed = perf_counter() - started
        await raw.close()
    await server.close()
    figures = {name: summarise(seconds, elapsed).shown() for name, seconds in taken.items()}
    more = {key: round(figures["telegram"][key] - figures["public_api"][key], 1) for key in ("p50_ms", "p95_ms")}
    return {**figures, "more": more}


def show(figures: Json) -> str:
    """The figures as a table."""
    lines = ["A question and its answer, one after the other (baseline: the public API in the same run)"]
    lines.append(f"{'road':<12} {'p50 ms':>8} {'p95 ms':>8}")
    lines += [f"{name:<12} {row['p50_ms']:>8} {row['p95_ms']:>8}" for name, row in figures.items()]
    return "\n".join(lines)
