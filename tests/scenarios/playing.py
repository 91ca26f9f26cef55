"""Who plays: the guest, on their channel, and the house around them."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

from tests.harness import Stack
from tests.road.api import DEMO_PASSWORD, Advisor, advisor, persistently

Json = dict[str, Any]
ALWAYS = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
NEVER: dict[str, list[str]] = {day: [] for day in ALWAYS}


def plain(text: str) -> str:
    """Without the niceties of French typography."""
    return text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")


class Guest(Protocol):
    """A customer on one channel. What they read is what came since they last did something."""

    async def says(self, text: str) -> None:
        """Writes a message."""

    async def presses(self, title: str) -> None:
        """Presses the latest button that says this."""

    async def reads(self, *words: str) -> str:
        """Waits until something, and all of this, can be read, on a private page if need be; the whole of it."""

    async def gives(self, value: str) -> None:
        """Answers a question about something personal the way the channel wants it."""

    async def sends_picture(self, content: bytes) -> None: ...

    async def asks_for_advisor(self) -> None: ...

    async def sees_typing(self) -> None:
        """Waits until somebody is seen to type."""

    async def finds_helpful(self) -> None:
        """Says that the answer helped."""

    async def rates(self, score: int) -> None: ...

    async def speaks(self, locale: str) -> None:
        """Chooses a language."""

    async def is_forgotten(self) -> None:
        """Has all that was said here erased, and reads that it was."""


@dataclass
class House:
    """The advisors, the mailbox and the opening hours of a running product."""

    http: aiohttp.ClientSession
    stack: Stack
    channel: str
    advisors: dict[str, Advisor] = field(default_factory=dict)

    async def advisor(self, login: str = "claire") -> Advisor:
        if login not in self.advisors:
            self.advisors[login] = await advisor(self.http, self.stack, login)
        return self.advisors[login]

    async def opens(self, hours: dict[str, list[str]]) -> None:
        """Opening hours from now on."""
        marc = await self.advisor("marc")
        _, found = await marc.call("GET", "settings")
        section = found["sections"]["opening_hours"]
        body = {"value": hours, "revision": section["revision"]}
        status, answer = await marc.call("PUT", "settings/opening_hours", body)
        assert status == 200, answer

    async def waiting(self, login: str = "claire") -> Json:
        """The one who waits on this channel."""
        claire = await self.advisor(login)
        async with asyncio.timeout(60):
            while True:
                _, found = await claire.call("GET", "handoffs")
                for row in found["handoffs"]:
                    if row["channel"] == self.channel and row["status"] in ("requested", "offered"):
                        return row
                await asyncio.sleep(0.2)

    async def takes(self, login: str = "claire") -> tuple[Json, Json]:
        """The one who waits is taken; the request and its context."""
        row, claire = await self.waiting(login), await self.advisor(login)
        status, answer = await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
        assert status == 200, answer
        return row, answer["context"]

    async def writes(self, row: Json, text: str, login: str = "claire") -> None:
        claire = await self.advisor(login)
        tail = f"conversations/{row['conversation_id']}"
        await claire.call("POST", f"{tail}/typing", {"on": True})
        body = {"client_message_id": secrets.token_hex(8), "text": text}
        status, answer = await claire.call("POST", f"{tail}/messages", body)
        assert status in (200, 202), answer

    async def code_for(self, email: str) -> str:
        """The newest code mailed to an address."""
        url = f"{self.stack.bot_url}/demo/mailbox.json"
        async with asyncio.timeout(60):
            while True:
                _, found = await persistently(self.http, "GET", url, params={"to": email})
                codes = [re.findall(r"\b\d{6}\b", mail["text"]) for mail in found["mails"]]
                if codes and codes[0]:
                    return str(codes[0][0])
                await asyncio.sleep(0.2)


__all__ = ["ALWAYS", "DEMO_PASSWORD", "NEVER", "Guest", "House", "plain"]
