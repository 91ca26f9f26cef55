"""Every route with every role and with none, with a closed account and a session that is over.

The routes come from the router itself: a new one without a line in ``rights_table.py`` fails, and says which line.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import WSMsgType

from bot.db.people import User
from bot.rights import RIGHTS
from bot.users import open_session, sign_out
from bot.web import desk_pages, studio_pages
from tests.bot.conftest import Bot, Customer
from tests.bot.rights_table import API, OTHERS, PAGES, STUDIO_PAGES

ROLES = ("advisor", "supervisor", "writer", "reviewer", "publisher", "admin")
ALLOWED: dict[str, frozenset[str]] = {**{str(right): roles for right, roles in RIGHTS.items()}, "own": frozenset(ROLES)}
SIGNED_OUT = {"none": None, "nonsense": "not-a-token"}
REFUSALS = frozenset({"sign_in_first", "forbidden"})


@dataclass
class Stage:
    """A bot with one conversation under way, and a token for everybody who may knock."""

    bot: Bot
    customer: Customer
    other: Customer
    handoff: str
    tokens: dict[str, str | None]

    def path(self, route: str) -> str:
        names = {"id": self.customer.id, "handoff_id": self.handoff, "place": "welcome"}
        names |= {"locale": "fr", "step": "submit", "verdict": "approve", "turn": "archive", "commit": "0" * 40}
        return re.sub(r"{(\w+)}", lambda found: names.get(found[1], "x"), route.partition(" ")[2])

    async def knock(self, route: str, token: str | None, path: str | None = None) -> tuple[int, str | None]:
        """Status and code of the answer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        method, address = route.partition(" ")[0], path or self.path(route)
        body: dict[str, str] | None = None if method == "GET" else {}
        async with self.bot.client.request(
            method, address, json=body, headers=headers, allow_redirects=False
        ) as response:
            if response.content_type != "application/json":
                return response.status, response.headers.get("Location")
            answer = await response.json()
            return response.status, answer["error"]["code"] if "error" in answer else None

    async def token_of(self, role: str) -> str:
        """A fresh session: some calls end the one they come with."""
        async with self.bot.services.db.write() as session:
            user = await session.get_one(User, f"u-{role}")
            return open_session(session, user, self.bot.clock())[0]


@pytest.fixture
async def stage(make_bot: Any) -> Stage:
    bot: Bot = await make_bot(relais_demo=True, sign_ins_per_minute=1000, messages_per_minute=100_000)
    async with bot.services.db.write() as session:
        for role in (*ROLES, "closed"):
            kept = {"id": f"u-{role}", "email": f"{role}@a.test", "name": role.title(), "created_at": bot.clock()}
            status = "disabled" if role == "closed" else "active"
            role_name = "admin" if role == "closed" else role
            session.add(User(**kept, role=role_name, status=status, locales=["fr"], skills=[], password_hash=""))
    customer, other = await bot.customer(), await bot.customer()
    _, asked = await customer.post("handoff", {})
    assert asked["state"]["handoff"]
    stage = Stage(bot, customer, other, "", dict(SIGNED_OUT))
    for role in (*ROLES, "closed"):
        stage.tokens[role] = await stage.token_of(role)
    stage.tokens["ended"] = over = await stage.token_of("admin")
    await sign_out(bot.services.db, over)
    stage.tokens["a customer"] = customer.token
    headers = {"Authorization": f"Bearer {stage.tokens['advisor']}"}
    async with bot.client.get("/api/v1/desk/handoffs", headers=headers) as response:
        stage.handoff = (await response.json())["handoffs"][0]["handoff_id"]
    return stage


def served(bot: Bot) -> set[str]:
    routes = {
        f"{route.method} {route.resource.canonical}" for route in bot.client.app.router.routes() if route.resource
    }
    return {route for route in routes if not route.startswith("HEAD ")}


async def test_every_route_has_a_line(stage: Stage) -> None:
    found, table = served(stage.bot), API | OTHERS
    missing = [
        f'    "{route}": "converse|supervise|write|administer|own|customer|open",'
        for route in sorted(found - table.keys())
    ]
    assert missing == [], "add to API (or OTHERS) of tests/bot/rights_table.py, with the one right that fits:\n" + (
        "\n".join(missing)
    )
    gone = sorted(table.keys() - found)
    assert gone == [], "take these lines out of tests/bot/rights_table.py: no such route is served any more"
    assert {name: str(right or "own") for name, right in desk_pages.PAGES.items()} == PAGES, (
        "PAGES of tests/bot/rights_table.py must say the right of each page of bot/web/desk_pages.py"
    )
    assert {name: str(right) for name, right in studio_pages.PAGES.items()} == STUDIO_PAGES, (
        "STUDIO_PAGES of tests/bot/rights_table.py must say the right of each page of bot/web/studio_pages.py"
    )


def at_desk() -> list[tuple[str, frozenset[str]]]:
    return [(route, ALLOWED[right]) for route, right in API.items() if right in ALLOWED and not route.endswith("/live")]


async def test_nothing_of_the_desk_answers_who_may_not(stage: Stage) -> None:
    wrong: list[str] = []

    async def try_as(who: str, route: str, expected: tuple[int, str]) -> None:
        answer = await stage.knock(route, stage.tokens[who])
        if answer != expected:
            wrong.append(f"{who}: {route} answered {answer}, not {expected}")

    for route, roles in at_desk():
        out = [
            try_as(who, route, (401, "sign_in_first")) for who in ("none", "nonsense", "ended", "closed", "a customer")
        ]
        lower = [try_as(role, route, (403, "forbidden")) for role in ROLES if role not in roles]
        await asyncio.gather(*out, *lower)
    assert wrong == []


async def test_the_desk_answers_who_may(stage: Stage) -> None:
    wrong = []
    # What ends or gives away comes last: the others want something to be there.
    for route, roles in sorted(at_desk(), key=lambda each: (each[0].startswith("DELETE"), each[0])):
        for role in sorted(roles):
            status, code = await stage.knock(route, await stage.token_of(role))
            if status in (401, 500) or code in REFUSALS:
                wrong.append(f"{role}: {route} answered {status} {code}")
    assert wrong == []


async def test_a_conversation_is_its_customers_alone(stage: Stage) -> None:
    wrong = []
    theirs = [route for route, right in API.items() if right == "customer" and not route.endswith("/live")]
    stage.tokens["another customer"] = stage.other.token
    del stage.tokens["a customer"]
    for route in theirs:
        for who, token in stage.tokens.items():
            status, code = await stage.knock(route, token)
            if status not in (401, 403):
                wrong.append(f"{who}: {route} answered {status} {code}")
        status, code = await stage.knock(route, stage.customer.token)
        if status == 500 or code in ("bad_token", "expired_token"):
            wrong.append(f"its customer: {route} answered {status} {code}")
    assert wrong == []


async def hears(stage: Stage, path: str, token: str | None) -> bool:
    stage.bot.client.session.cookie_jar.clear()
    socket = await stage.bot.client.ws_connect(path)
    await socket.send_json({"token": token, "after": 0})
    message = await socket.receive(timeout=30)
    await socket.close()
    if message.type is not WSMsgType.TEXT:
        assert message.data == 4401
    return message.type is WSMsgType.TEXT


async def test_the_live_lines_tell_nobody_else(stage: Stage) -> None:
    at_the_desk = {who for who, token in stage.tokens.items() if await hears(stage, "/api/v1/desk/live", token)}
    assert at_the_desk == ALLOWED[API["GET /api/v1/desk/live"]]
    stage.tokens["another customer"] = stage.other.token
    path = stage.customer.url("live")
    assert {who for who, token in stage.tokens.items() if await hears(stage, path, token)} == {"a customer"}


async def test_pages_open_for_who_may(stage: Stage) -> None:
    wrong = []
    pages = [(name, "/desk" if name == "desk" else f"/desk/{name}", right) for name, right in PAGES.items()]
    pages += [(name, f"/studio/{name}", right) for name, right in STUDIO_PAGES.items()]
    for name, path, right in pages:
        for who, token in stage.tokens.items():
            status, where = await stage.knock("GET /desk", token, path)
            if who in ROLES:
                # Who has no desk is brought to a page that is theirs.
                fine = status == 200 if who in ALLOWED[right] else status == 403 or (name == "desk" and status == 302)
            else:
                fine = status == 302 and str(where).startswith("/desk/login")
            if not fine:
                wrong.append(f"{who}: {path} answered {status} {where}")
    assert wrong == []
    for route in (route for route, right in OTHERS.items() if right == "link"):
        assert (await stage.knock(route, stage.tokens["admin"]))[0] == 404, route
