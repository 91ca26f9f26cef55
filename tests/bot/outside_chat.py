"""A company's own chat behind the webhook channel: it signs what its users write, and checks what it gets."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.registry import default_channels
from bot.channels.webhook import WebhookChannel, WebhookSettings
from bot.signing import signature
from tests.bot.receiver import example

if TYPE_CHECKING:
    # It holds the fixture that starts this chat.
    from tests.bot.conftest import Bot

Json = dict[str, Any]
SECRET = "c" * 32


class OutsideChat:
    """`answers` are given to the next deliveries, then 200; what got 200 is in `messages`, in order."""

    def __init__(self) -> None:
        self.bot: Bot | None = None
        self.posted: list[Json] = []
        self.tried: list[str] = []
        self.answers: list[int] = []
        self._verify, self._ids = example(), itertools.count(1)

    async def start(self, make_bot: Any, **settings: Any) -> TestServer:
        """The chat, and a bot that knows it."""
        app = web.Application(client_max_size=20 * 1024 * 1024)
        app.add_routes([web.post("/from-relais", self._hook)])
        server = TestServer(app)
        await server.start_server()
        await self.another_bot(make_bot, str(server.make_url("/from-relais")), **settings)
        return server

    async def another_bot(self, make_bot: Any, url: str, **settings: Any) -> Bot:
        values: Json = {"channel_webhook_url": url, "channel_webhook_secret": [SECRET]}
        channel = WebhookChannel(WebhookSettings(**values))
        self.bot = bot = await make_bot(channels={**default_channels(), "webhook": channel}, **settings)
        return bot

    async def _hook(self, request: web.Request) -> web.Response:
        body = await request.read()
        assert self.bot is not None
        assert self._verify(request.headers, body, SECRET, self.bot.clock().timestamp()), "not signed by us"
        sent = json.loads(body)
        assert request.headers["Relais-Event"] == sent["message"]["id"]
        self.tried.append(sent["message"]["text"])
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.posted.append(sent)
        return web.Response(status=status)

    async def post(self, body: Json, *, secret: str = SECRET, at: float | None = None) -> tuple[int, Json]:
        """A call of the chat's, signed."""
        assert self.bot is not None
        raw, timestamp = json.dumps(body).encode(), str(int(at or self.bot.clock().timestamp()))
        headers = {"Relais-Timestamp": timestamp, "Relais-Signature": signature([secret], timestamp, raw)}
        async with self.bot.client.post("/channels/webhook", data=BytesIO(raw), headers=headers) as response:
            return response.status, await response.json()

    async def say(self, text: str, who: str = "u-1", **more: Any) -> Json:
        status, body = await self.post({"id": f"m{next(self._ids)}", "from": who, "text": text, **more})
        assert status == 202, body
        return body

    async def press(self, choice: Json, who: str = "u-1") -> Json:
        status, body = await self.post({"id": f"m{next(self._ids)}", "from": who, "choice": choice["payload"]})
        assert status == 202, body
        return body

    async def opens(self, token: str, who: str = "u-1") -> bool:
        """Somebody comes by a deep link."""
        status, body = await self.post({"from": who, "link": token})
        assert status == 200, body
        return bool(body["asked"])

    async def send_file(self, name: str, content: bytes, who: str = "u-1") -> tuple[int, Json]:
        file = {"name": name, "content": base64.b64encode(content).decode()}
        return await self.post({"id": f"m{next(self._ids)}", "from": who, "file": file})

    @property
    def texts(self) -> list[str]:
        return [sent["message"]["text"] for sent in self.posted]

    async def until(self, done: Callable[[], bool], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not done():
                await asyncio.sleep(0.02)

    async def hears(self, words: str) -> Json:
        """The first message with these words, once it has come."""
        await self.until(lambda: any(words in text for text in self.texts))
        return next(sent["message"] for sent in self.posted if words in sent["message"]["text"])
