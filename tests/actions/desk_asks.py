"""What bot asks of the action server on behalf of the desk, signed as bot signs it."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.actions.fakes import identity_token
from tests.actions.task_chat import Shop

Json = dict[str, Any]
DESCRIBE, CHECK, PERFORM = "action_describe_task", "action_check_task", "action_perform_task_prepared"


def digest(asked: Any) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass
class DeskAsks:
    """One conversation that an advisor has; nobody is proven in it for None."""

    shop: Shop
    customer: str | None = None
    locale: str = "fr"
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def token(self, purpose: str, asked: Any, **claims: Any) -> str:
        """A right that bot gives: neither `sub` nor `assurance` is in it."""
        secret = self.shop.config.env["IDENTITY_SECRET"]
        return identity_token(
            secret, claims.pop("cid", self.id), sub="", assurance="", purpose=purpose, digest=digest(asked), **claims
        )

    async def ask(self, action: str, asked: Json, *, token: str | None = None, identity: str | None = None) -> Json:
        """`responses[0].custom`."""
        if identity is None and self.customer:
            identity = identity_token(self.shop.config.env["IDENTITY_SECRET"], self.id, sub=self.customer)
        metadata = {"asked": asked, "desk_token": token or self.token(action, asked), "identity_token": identity}
        message: Json = {
            "text": "", "intent": {}, "entities": [], "metadata": metadata, "message_id": asked.get("prepared_id"),
        }  # fmt: skip
        tracker = {
            "sender_id": self.id, "slots": {"locale": self.locale}, "latest_message": message, "events": [],
            "active_loop": {}, "paused": False, "followup_action": None, "latest_action_name": None,
        }  # fmt: skip
        body = {"next_action": action, "sender_id": self.id, "tracker": tracker, "domain": {}}
        async with self.shop.http.post(self.shop.config.url_of("actions") + "/webhook", json=body) as response:
            assert response.status == 200, await response.text()
            answer: Json = (await response.json())["responses"][0]["custom"]
        return answer

    async def check(self, task: str, **given: Any) -> Json:
        """The form with what was filled in."""
        answer = await self.ask(CHECK, {"task": task, "given": given})
        form: Json = answer["form"]
        return form

    async def perform(self, task: str, values: Json, prepared_id: str) -> Json:
        """How it went."""
        answer = await self.ask(PERFORM, {"task": task, "values": values, "prepared_id": prepared_id})
        done: Json = answer["prepared"]
        return done


def fields(form: Json) -> dict[str, Json]:
    """By their names."""
    return {each["name"]: each for each in form["fields"]}
