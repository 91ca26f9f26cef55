"""An address outside that gets our webhooks, and checks them with the example of docs/handoff.md."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Json = dict[str, Any]
SECRET = "w" * 32
_DOCS = Path(__file__).parents[2] / "docs" / "handoff.md"


def example() -> Callable[..., bool]:
    """`is_from_relais` as the documentation prints it."""
    code = re.search(r"```python\n(.*?)```", _DOCS.read_text("utf-8"), re.DOTALL)
    assert code is not None
    names: Json = {}
    exec(code[1], names)  # noqa: S102  our own documentation
    found: Callable[..., bool] = names["is_from_relais"]
    return found


class Receiver:
    """What arrived, in order; `answers` are given first, then 200."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.events: list[Json] = []
        self.requests: list[tuple[Any, bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.elsewhere = 0
        self._now, self._verify = now, example()

    async def start(self) -> TestServer:
        app = web.Application(client_max_size=10 * 1024 * 1024)
        app.add_routes([web.post("/hook", self._hook), web.post("/elsewhere", self._elsewhere)])
        server = TestServer(app)
        await server.start_server()
        return server

    async def _hook(self, request: web.Request) -> web.Response:
        body = await request.read()
        assert self._verify(request.headers, body, SECRET, self._now()), "not signed by us"
        self.requests.append((request.headers.copy(), body))
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        if status == 200:
            event = json.loads(body)
            assert request.headers["Relais-Event"] == event["id"]
            self.events.append(event)
        return web.Response(status=status, headers=headers)

    async def _elsewhere(self, _request: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response()

    @property
    def types(self) -> list[str]:
        return [event["type"].removeprefix("handoff.") for event in self.events]

    async def until(self, count: int, seconds: float = 30.0) -> list[Json]:
        async with asyncio.timeout(seconds):
            while len(self.events) < count:
                await asyncio.sleep(0.02)
        return self.events

    async def until_asked(self, count: int, seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while len(self.requests) < count:
                await asyncio.sleep(0.02)
