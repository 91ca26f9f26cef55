"""What conversations are played on: Rasa, actions, knowledge base and demo shop as real processes, one set for all."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import yaml

from launch.config import ROOT, Config
from launch.training import train
from tests.actions.fakes import OFFICE_TOKEN, identity_token
from tests.harness import share_vectors
from tests.rasa.stack import Processes, config_for

NAMES = ("valkey", "knowledge_base", "demo", "actions", "rasa")
BEARER = {"Authorization": f"Bearer {OFFICE_TOKEN}"}
# Well beyond the patience of the back office's client (4 s), also on a machine that is busy.
SLOW_SECONDS = 7.0
# Somebody is there at every hour of every day but one minute: conversations may not depend on when they are played.
HOURS = ["00:00-03:30", "03:31-24:00"]
ZONE = ZoneInfo("Europe/Paris")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclasses.dataclass
class Stage:
    """The processes, and the shop's own calls about what was changed."""

    config: Config
    http: aiohttp.ClientSession

    def token(self, conversation_id: str, customer: str) -> str:
        """What bot signs for somebody who proved who they are."""
        return identity_token(self.config.env["IDENTITY_SECRET"], conversation_id, sub=customer)

    async def turn(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """One message to Rasa: status and answer."""
        url = self.config.url_of("rasa") + "/webhooks/relais/webhook"
        async with self.http.post(url, json=body) as response:
            return response.status, await response.json()

    async def reset(self, customer: str) -> None:
        """A customer's orders and account as seeded."""
        await self._shop("POST", "/admin/reset", {"customer_id": customer})

    async def mode(self, mode: str) -> None:
        """How the shop behaves from now on."""
        await self._shop("POST", "/admin/mode", {"mode": mode, "seconds": SLOW_SECONDS})

    async def changes(self) -> list[dict[str, Any]]:
        """Everything that was changed."""
        found: list[dict[str, Any]] = (await self._shop("GET", "/admin/changes"))["changes"]
        return found

    async def tracked(self) -> list[dict[str, Any]]:
        """Every parcel that was looked up."""
        found: list[dict[str, Any]] = (await self._shop("GET", "/admin/tracking-requests"))["tracking_requests"]
        return found

    async def held(self, customer: str) -> dict[str, Any]:
        """All that the shop holds about a customer."""
        return await self._shop("GET", f"/customers/{customer}/export")

    async def _shop(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        url = self.config.url_of("demo") + "/back-office/v1" + path
        async with self.http.request(method, url, json=body, headers=BEARER) as response:
            assert response.status == 200, f"{method} {path}: {response.status}"
            answer: dict[str, Any] = await response.json()
        return answer


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Everything started and ready; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="relais-dialogues-") as var:
        config = _config(Path(var))
        # In this order: the model of the shipped articles is the one other tests have trained.
        await asyncio.to_thread(train, config)
        started = Processes(config)
        await asyncio.to_thread(_seed, config)
        # Each answer may wait for a shop that is slow on purpose.
        patience = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(timeout=patience) as http:
            try:
                await asyncio.gather(*(asyncio.to_thread(started.start, name) for name in NAMES))
                yield Stage(config, http)
            finally:
                await asyncio.to_thread(started.stop)


def _config(var: Path) -> Config:
    """As for other tests of Rasa, with our own hours."""
    config = config_for(var)
    company = yaml.safe_load((ROOT / "service.yml").read_text("utf-8"))
    company["timezone"] = ZONE.key
    # Today not even then: these tests may run at that minute.
    today = WEEK[datetime.now(ZONE).weekday()]
    company["opening_hours"] = dict.fromkeys(WEEK, HOURS) | {today: ["00:00-24:00"]}
    # An island without public holidays.
    company["holidays"] = {"country": "BV", "extra_closed": []}
    file = var / "service.yml"
    file.write_text(yaml.safe_dump(company, allow_unicode=True, sort_keys=False), "utf-8")
    share_vectors(config.models, var)
    return dataclasses.replace(config, env={**config.env, "SERVICE_FILE": str(file)})


def _seed(config: Config) -> None:
    seeding = (sys.executable, "-m", "knowledge_base", "seed")
    subprocess.run(seeding, cwd=ROOT, env=dict(config.env), check=True, capture_output=True, timeout=120)
