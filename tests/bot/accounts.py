"""What the tests of accounts share: mails from the demo's mailbox, signing in, an admin."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from bot.accounts.sessions import coarse
from bot.db.people import User
from bot.users import open_session, user_by_email
from tests.bot.conftest import PASSWORD, Bot, Desk

Json = dict[str, Any]
LINK = re.compile(r"https?://\S+?(/desk/(?:welcome|reset)/[\w-]+)")


async def mails(bot: Bot, to: str, count: int = 1, seconds: float = 30.0) -> list[Json]:
    """The mails to an address, newest first, once there are ``count`` of them."""
    found: list[Json] = []
    async with asyncio.timeout(seconds):
        while len(found) < count:
            async with bot.client.get("/demo/mailbox.json", params={"to": to}) as response:
                found = (await response.json())["mails"]
            await asyncio.sleep(0.05)
    return found


def link_in(mail: Json) -> str:
    found = LINK.search(mail["text"])
    assert found, mail
    return found[1]


async def choose(bot: Bot, link: str, password: str = PASSWORD, again: str | None = None) -> tuple[int, str]:
    form = {"password": password, "again": password if again is None else again}
    async with bot.client.post(link, data=form) as response:
        return response.status, await response.text()


async def sign_in(bot: Bot, email: str, password: str = PASSWORD, **headers: str) -> tuple[int, Json]:
    body = {"email": email, "password": password}
    async with bot.client.post("/api/v1/desk/session", json=body, headers=headers) as response:
        return response.status, await response.json()


async def user(bot: Bot, email: str) -> User:
    async with bot.services.db.read() as session:
        found = await user_by_email(session, email)
    assert found is not None
    return found


async def session_of(bot: Bot, email: str) -> str:
    """A session without the slow password."""
    async with bot.services.db.write() as session:
        found = await user_by_email(session, email)
        assert found is not None
        return open_session(session, found, bot.clock(), "Firefox · Linux", coarse("88.121.3.4"))[0]


def desk_with(bot: Bot, token: str, name: str = "") -> Desk:
    return Desk(bot.client, token, name)
