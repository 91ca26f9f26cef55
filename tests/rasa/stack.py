"""Rasa, valkey and the action server as real processes, between fakes of the two neighbours."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import redis

from launch.config import ROOT, Config, demo_config, paths
from launch.processes import Process, processes
from launch.training import train
from tests.actions.fakes import OFFICE_TOKEN, FakeBackOffice, FakeKnowledgeBase, identity_token, served
from tests.harness import clean_environment, free_port, wait_until


def config_for(var: Path) -> Config:
    """Free ports, a `var` of its own, the models of this clone."""
    given = clean_environment(
        PORT=str(free_port()),
        RELAIS_VAR=str(var),
        RELAIS_MODELS=str(paths(os.environ)["models"]),
        BACK_OFFICE_TOKEN=OFFICE_TOKEN,
        TREES_FOLDER=str(ROOT / "knowledge_base" / "trees"),
    )
    return demo_config(given, ROOT)


class Processes:
    """Some of the product's processes, each writing to `<var>/<name>.log`."""

    def __init__(self, config: Config, known: dict[str, Process] | None = None) -> None:
        self._config = config
        self._known = known or {each.name: each for each in processes(config)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start one and return once it is ready."""
        process, file = self._known[name], self._config.var / f"{name}.log"
        self.begin(name)
        child = self._running[name]
        try:
            wait_until(lambda: child.poll() is not None or process.ready(), f"{name} is ready", timeout=240)
            assert child.poll() is None, f"{name} ended with {child.returncode}"
        except AssertionError as error:
            error.add_note(file.read_text("utf-8", "replace")[-4000:])
            raise

    def begin(self, name: str) -> None:
        """Start one and do not wait."""
        command, env = self._known[name].command, dict(self._config.env)
        with (self._config.var / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        """kill -9."""
        child = self._running.pop(name)
        child.kill()
        child.wait(10)

    @contextmanager
    def hung(self, name: str) -> Iterator[None]:
        """It is there and does nothing."""
        self._running[name].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._running[name].send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Stop all of them, politely first."""
        for child in self._running.values():
            child.terminate()
        for child in self._running.values():
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(5)


@dataclass
class Road:
    """What a test talks to."""

    config: Config
    knowledge: FakeKnowledgeBase
    office: FakeBackOffice
    http: aiohttp.ClientSession
    processes: Processes

    @property
    def webhook(self) -> str:
        return self.config.url_of("rasa") + "/webhooks/relais/webhook"

    def redis(self) -> redis.Redis:
        """The switchboard, as an administrator would see it."""
        return redis.Redis(port=self.config.port_of("valkey"), decode_responses=True)

    def log(self, name: str) -> str:
        return (self.config.var / f"{name}.log").read_text("utf-8", "replace")

    def token(self, conversation_id: str, **claims: Any) -> str:
        return identity_token(self.config.env["IDENTITY_SECRET"], conversation_id, **claims)

    def chat(self, locale: str = "fr", *, customer: str | None = None) -> Chat:
        """A new conversation; `customer` is signed in if given."""
        return Chat(self, locale, customer)


@dataclass
class Chat:
    """A conversation kept as bot keeps it: the last message's id and the state that came with its reply."""

    road: Road
    locale: str
    customer: str | None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    last: str | None = None
    state: dict[str, Any] | None = None

    def body(self, text: str, **extra: Any) -> dict[str, Any]:
        metadata: dict[str, Any] = {"channel": "widget"}
        if self.customer:
            metadata["identity_token"] = self.road.token(self.id, sub=self.customer)
        said = {"command": text} if text.startswith("/") and not extra.pop("typed", False) else {"text": text}
        return {
            "conversation_id": self.id, "message_id": uuid.uuid4().hex, "locale": self.locale, "metadata": metadata,
            "last_message_id": self.last, "restore": None, **said, **extra,
        }  # fmt: skip

    async def post(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body; a done turn is remembered."""
        async with self.road.http.post(self.road.webhook, json=body) as response:
            answer = await response.json()
        if response.status == 200:
            self.last, self.state = body["message_id"], answer["state"]
        return response.status, answer

    async def say(self, text: str, **extra: Any) -> dict[str, Any]:
        """A turn that must succeed. A text with a leading slash is a command unless `typed=True`."""
        status, answer = await self.post(self.body(text, **extra))
        assert status == 200, answer
        return answer


def texts(answer: dict[str, Any]) -> str:
    """All that the customer reads."""
    return "\n".join(reply.get("text", "") for reply in answer["replies"])


def custom(answer: dict[str, Any], kind: str) -> dict[str, Any]:
    """The one payload of that kind."""
    found = [reply["custom"][kind] for reply in answer["replies"] if kind in reply.get("custom", {})]
    assert len(found) == 1, f"{len(found)} payloads of {kind}: {answer['replies']}"
    return dict(found[0])


def buttons(answer: dict[str, Any]) -> dict[str, str]:
    """Title to payload, over all replies."""
    return {b["title"]: b["payload"] for reply in answer["replies"] for b in reply.get("buttons", [])}


@asynccontextmanager
async def road(*names: str) -> AsyncIterator[Road]:
    """The named processes ("valkey", "rasa", "actions") between the fakes."""
    knowledge, office = FakeKnowledgeBase(), FakeBackOffice()
    with tempfile.TemporaryDirectory(prefix="relais-rasa-") as var:
        config = config_for(Path(var))
        if "rasa" in names:
            await asyncio.to_thread(train, config)
        knowing = served(knowledge.app(), config.port_of("knowledge_base"))
        async with knowing, served(office.app(), config.port_of("demo")), aiohttp.ClientSession() as http:
            started = Processes(config)
            try:
                for name in names:
                    await asyncio.to_thread(started.start, name)
                yield Road(config, knowledge, office, http, started)
            finally:
                await asyncio.to_thread(started.stop)
