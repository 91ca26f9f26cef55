"""What the tests of incidents share: a studio, a form, and one in front."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.db.people import User
from bot.incidents.managing import UNDO
from bot.users import open_session
from tests.bot.conftest import Bot, Desk

Json = dict[str, Any]
FORM: Json = {
    "name": "Grève du transporteur",
    "topics": ["delivery"],
    "phrases": {"fr": ["grève des transporteurs"], "en": ["carrier strike"]},
    "answer": {
        "fr": "Une grève retarde les livraisons de deux jours.",
        "en": "A strike delays deliveries by two days.",
    },
    "notice": {"fr": "Livraisons retardées par une grève.", "en": "Deliveries delayed by a strike."},
    "over": {"fr": "La grève est finie.", "en": "The strike is over."},
}


@dataclass
class Studio:
    """The studio's door, as somebody who may publish."""

    desk: Desk

    async def call(self, method: str, tail: str = "", body: Json | None = None) -> tuple[int, Json]:
        headers = {"Authorization": f"Bearer {self.desk.token}"}
        path = f"/api/v1/studio/incidents{tail}"
        async with self.desk.client.request(method, path, json=body, headers=headers) as response:
            return response.status, await response.json()

    async def prepare(self, **changes: Any) -> Json:
        status, body = await self.call("POST", body={"form": FORM | changes})
        assert status == 201, body
        return body["incident"]

    async def on(self, incident: Json, **given: Any) -> Json:
        status, body = await self.call("POST", f"/{incident['id']}/on", {"revision": incident["revision"]} | given)
        assert status == 200, body
        return body["incident"]


async def studio_of(bot: Bot, name: str = "paula", role: str = "publisher") -> Studio:
    """Without a password, whose hash takes longer than most of what is tested."""
    async with bot.services.db.write() as session:
        kept = {"id": f"u-{name}", "email": f"{name}@a.test", "name": name.title(), "created_at": bot.clock()}
        user = User(**kept, role=role, status="active", locales=["fr"], skills=[], password_hash="")
        session.add(user)
        await session.flush()
        return Studio(Desk(bot.client, open_session(session, user, bot.clock())[0], name.title()))


def past_undo(bot: Bot) -> None:
    bot.clock.forward(UNDO.total_seconds() + 1)
