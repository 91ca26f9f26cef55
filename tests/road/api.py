"""A customer and an advisor as outside programs see the product: HTTP alone, retrying like any good client."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.harness import Stack

Json = dict[str, Any]
DEMO_PASSWORD = "relais-demo"
_GONE = (aiohttp.ClientError, OSError, asyncio.TimeoutError)


async def persistently(session: aiohttp.ClientSession, method: str, url: str, **options: Any) -> tuple[int, Json]:
    """The answer, asked again while the server is away or failing, for up to a minute and a half."""
    async with asyncio.timeout(90):
        while True:
            try:
                limit = aiohttp.ClientTimeout(total=30)
                async with session.request(method, url, timeout=limit, **options) as response:
                    if response.status < 500:
                        return response.status, await response.json()
            except _GONE:
                pass
            await asyncio.sleep(0.2)


@dataclass
class Visitor:
    """A conversation seen through the public API."""

    session: aiohttp.ClientSession
    base: str
    id: str
    token: str
    greeting: list[Json] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def call(self, method: str, tail: str, body: Json | None = None) -> tuple[int, Json]:
        url = f"{self.base}/api/v1/conversations/{self.id}/{tail}"
        return await persistently(self.session, method, url, json=body, headers=self.headers)

    async def say(self, text: str) -> Json:
        body = {"client_message_id": secrets.token_hex(8), "text": text}
        status, answer = await self.call("POST", "messages", body)
        assert status in (200, 202), answer
        return answer["message"]

    async def press(self, choice: Json) -> Json:
        body = {"client_message_id": secrets.token_hex(8), "choice": choice["payload"]}
        status, answer = await self.call("POST", "messages", body)
        assert status in (200, 202), answer
        return answer["message"]

    async def messages(self, after: int = 0) -> list[Json]:
        return (await self.call("GET", f"messages?after={after}"))[1]["messages"]

    async def state(self) -> Json:
        return (await self.call("GET", "messages?after=999999"))[1]["state"]

    async def replies_to(self, sent: Json, seconds: float = 90.0) -> list[Json]:
        """What came after a message, once something did: all that a turn says comes together."""
        async with asyncio.timeout(seconds):
            while not (found := await self.messages(sent["seq"])):
                await asyncio.sleep(0.05)
        return found

    async def ask(self, text: str) -> list[Json]:
        return await self.replies_to(await self.say(text))


async def visit(session: aiohttp.ClientSession, stack: Stack, **body: Any) -> Visitor:
    """A new conversation."""
    status, opened = await persistently(session, "POST", f"{stack.bot_url}/api/v1/conversations", json=body)
    assert status == 201, opened
    return Visitor(session, stack.bot_url, opened["conversation_id"], opened["token"], opened["messages"])


def host_identity(stack: Stack, reference: str = "C-1001", name: str = "Camille Laurent") -> str:
    """What the shop signs for a customer who is signed in."""
    import json
    import time

    import jwt

    key = json.loads(stack.secrets["HOST_KEYS"])["demo"]
    now = int(time.time())
    claims = {"aud": "relais", "sub": reference, "jti": secrets.token_hex(8), "exp": now + 300, "name": name}
    return jwt.encode(claims, key, algorithm="HS256", headers={"kid": "demo"})


@dataclass
class Advisor:
    """A user of the demo at the desk's door."""

    session: aiohttp.ClientSession
    base: str
    token: str

    async def call(self, method: str, tail: str, body: Json | None = None) -> tuple[int, Json]:
        headers = {"Authorization": f"Bearer {self.token}"}
        return await persistently(self.session, method, f"{self.base}/api/v1/desk/{tail}", json=body, headers=headers)

    async def handoff_of(self, visitor: Visitor) -> Json:
        _, found = await self.call("GET", "handoffs")
        return next(row for row in found["handoffs"] if row["conversation_id"] == visitor.id)

    async def take(self, visitor: Visitor) -> Json:
        handoff = await self.handoff_of(visitor)
        status, answer = await self.call("POST", f"handoffs/{handoff['handoff_id']}/accept")
        assert status == 200, answer
        return answer

    async def reply(self, visitor: Visitor, text: str) -> Json:
        body = {"client_message_id": secrets.token_hex(8), "text": text}
        status, answer = await self.call("POST", f"conversations/{visitor.id}/messages", body)
        assert status in (200, 202), answer
        return answer["message"]

    async def release(self, handoff_id: str, outcome: str = "resolved") -> None:
        status, answer = await self.call("POST", f"handoffs/{handoff_id}/release", {"outcome": outcome})
        assert status == 200, answer


async def advisor(session: aiohttp.ClientSession, stack: Stack, login: str = "claire") -> Advisor:
    """Signs one of the demo's advisors in."""
    body = {"email": f"{login}@maison-alder.test", "password": DEMO_PASSWORD}
    status, answer = await persistently(session, "POST", f"{stack.bot_url}/api/v1/desk/session", json=body)
    assert status == 200, answer
    return Advisor(session, stack.bot_url, answer["token"])
