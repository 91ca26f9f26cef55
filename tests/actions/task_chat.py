"""A conversation with the task engine as Rasa would lead it, without Rasa: the intent of each message is given."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from aiohttp import web

from demo.app import create_app
from demo.settings import Settings
from launch.config import Config
from tests.actions.fakes import OFFICE_TOKEN, FakeKnowledgeBase, identity_token, served
from tests.rasa.stack import Processes, config_for

NUMBER = re.compile(r"(?:\bMA[\s.-]*)?(?<!\d)(?<!\d[ .])\d{3}[ .]?\d{3}(?![ .]?\d)(?!\s*(?:€|eur))", re.IGNORECASE)
KEY = "a-key-of-the-shop-that-signs-identities"


@dataclass
class Shop:
    """The action server as a process, the demo shop inside the test."""

    config: Config
    http: aiohttp.ClientSession

    async def changes(self) -> list[dict[str, Any]]:
        """What was really changed."""
        async with self.http.get(self._office("/admin/changes"), headers=BEARER) as response:
            found: list[dict[str, Any]] = (await response.json())["changes"]
        return found

    async def mode(self, mode: str, seconds: float = 30.0) -> None:
        """How the back office behaves from now on."""
        body = {"mode": mode, "seconds": seconds}
        async with self.http.post(self._office("/admin/mode"), json=body, headers=BEARER) as response:
            assert response.status == 200

    async def reopen(self) -> None:
        """Everything as in the beginning."""
        await self.mode("ok")
        async with self.http.post(self._office("/admin/reset"), headers=BEARER) as response:
            assert response.status == 200

    def chat(self, customer: str | None = "C-1001", locale: str = "fr") -> TaskChat:
        """A new conversation; nobody is signed in for None."""
        return TaskChat(self, customer, locale)

    def _office(self, path: str) -> str:
        return self.config.url_of("demo") + "/back-office/v1" + path


BEARER = {"Authorization": f"Bearer {OFFICE_TOKEN}"}


@dataclass
class Said:
    """One answer of the engine."""

    responses: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def names(self) -> list[str]:
        """The responses uttered."""
        return [each["response"] for each in self.responses if each["response"]]

    @property
    def texts(self) -> list[str]:
        """Words that no response holds: those of a writer's tree."""
        return [each["text"] for each in self.responses if each["text"]]

    @property
    def buttons(self) -> list[str]:
        """Payloads of the buttons that the engine itself put."""
        return [button["payload"] for each in self.responses for button in each["buttons"]]

    def value(self, name: str) -> Any:
        """A template value of any response."""
        return next(each[name] for each in self.responses if name in each)

    def custom(self, kind: str) -> Any:
        """The payload of that kind; the last of several."""
        found = [each["custom"][kind] for each in self.responses if kind in each["custom"]]
        return found[-1] if found else None

    @property
    def rejected(self) -> bool:
        """The message is about something else: Rasa's rules have it now."""
        return not self.events


@dataclass
class TaskChat:
    """Keeps the slots as the tracker would."""

    shop: Shop
    customer: str | None
    locale: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    # Late orders were spoken of already: most tests are about something else.
    slots: dict[str, Any] = field(default_factory=lambda: {"late_looked_at": True})

    # The value of the last confirmation's yes.
    yes_button: str = ""

    @property
    def task(self) -> str | None:
        """What is under way."""
        return self.slots.get("task")

    @property
    def step(self) -> str | None:
        """The step being asked."""
        return self.slots.get("task_step")

    async def say(self, text: str, intent: str = "nlu_fallback", **more: Any) -> Said:
        """A message taken for `intent`; entities of a button are given as keywords."""
        entities = [{"entity": name, "value": value} for name, value in more.pop("entities", {}).items()]
        entities += [
            {"entity": "order_number", "value": found[0], "start": found.start()} for found in NUMBER.finditer(text)
        ]
        metadata: dict[str, Any] = {"channel": more.pop("channel", "web")}
        if "company" in more:
            metadata["company"] = more.pop("company")
        if self.customer:
            metadata["identity_token"] = identity_token(
                self.shop.config.env["IDENTITY_SECRET"], self.id, sub=self.customer
            )
        message = {
            "text": text, "intent": {"name": intent}, "intent_ranking": [], "entities": entities,
            "message_id": more.pop("message_id", uuid.uuid4().hex), "metadata": metadata,
        }  # fmt: skip
        events = [
            *more.pop("before", []), {"event": "user", "text": text, "parse_data": {"intent": {"name": intent}}},
            *more.pop("events", []),
        ]  # fmt: skip
        slots = {"locale": self.locale, **self.slots}
        form = {"name": "task_form"} if slots.get("requested_slot") else {}
        body = {
            "next_action": more.pop("action", "validate_task_form"), "sender_id": self.id, "version": "3.6.21",
            "tracker": {"sender_id": self.id, "slots": slots, "latest_message": message, "active_loop": form,
                        "events": [*events, {"event": "action", "name": "task_form"}]},
        }  # fmt: skip
        assert not more
        async with self.shop.http.post(self.shop.config.url_of("actions") + "/webhook", json=body) as response:
            answer = await response.json()
            assert response.status == 200, answer
        return self._remember(Said(answer["responses"], answer["events"]))

    async def press(self, value: str) -> Said:
        """A button of a step."""
        return await self.say("/task_choice{}", "task_choice", entities={"value": value})

    async def yes(self) -> Said:
        """A yes by the button of the last confirmation."""
        return await self.press(self.yes_button)

    def _remember(self, said: Said) -> Said:
        set_now = {event["name"]: event["value"] for event in said.events if event["event"] == "slot"}
        self.slots |= set_now
        self.yes_button = next((each["yes"] for each in said.responses if "yes" in each), self.yes_button)
        if said.events:
            ended = "requested_slot" in set_now and set_now["requested_slot"] is None
            self.slots["requested_slot"] = None if ended else "task_input"
        return said


@asynccontextmanager
async def shop_road() -> AsyncIterator[Shop]:
    """The action server between the demo shop and a fake knowledge base."""
    with TemporaryDirectory(prefix="relais-tasks-") as var:
        config = config_for(Path(var))
        keys = {"demo": KEY}
        settings = {"relais_var": Path(var), "back_office_token": OFFICE_TOKEN, "host_keys": keys}
        office: web.Application = create_app(Settings.model_validate({**settings, "port": config.port_of("demo") - 4}))
        knowing = served(FakeKnowledgeBase().app(), config.port_of("knowledge_base"))
        async with knowing, served(office, config.port_of("demo")), aiohttp.ClientSession() as http:
            started = Processes(config)
            try:
                started.begin("actions")
                await _ready(http, config.url_of("actions") + "/health")
                yield Shop(config, http)
            finally:
                started.stop()


async def _ready(http: aiohttp.ClientSession, url: str) -> None:
    for _ in range(900):
        try:
            async with http.get(url) as response:
                if response.status == 200:
                    return
        except aiohttp.ClientConnectionError:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError("the action server does not start")
