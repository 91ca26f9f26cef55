"""The action server's part in prepared tasks, scripted; what it really says is tested in tests/actions."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import jwt
from aiohttp import web

Json = dict[str, Any]
IDENTITY_SECRET = "i" * 40
LABEL = {"fr": "Annuler une commande", "en": "Cancel an order"}
DONE: Json = {
    "outcome": "done", "detail": "cancelled", "order": "MA-104871", "step": None, "then": None, "effects": {},
    "texts": [{"text": "Votre commande MA-104871 est annulée.", "title": None}],
}  # fmt: skip
REFUSED = DONE | {
    "outcome": "refused", "detail": "not_cancellable",
    "texts": [{"text": "Votre commande MA-104871 est déjà partie.", "title": None}],
}  # fmt: skip
UNKNOWN = DONE | {"outcome": "unknown", "texts": []}
AWAY = DONE | {"outcome": "unavailable", "texts": []}


class DeskActions:
    """One task, to cancel an order; `script` is what the next attempts to do it come to, then it is done."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Json]] = []
        # The keys of all attempts, and of what was really done: the back office does it once for a key.
        self.attempts: list[str] = []
        self.done: dict[str, Json] = {}
        self.script: list[Json | int] = []
        self.hold: asyncio.Event | None = None
        self.entered = asyncio.Event()
        self.away = False

    async def answer(self, body: Json) -> web.Response:
        """What rasa-sdk would answer."""
        if self.away:
            return web.json_response({"error": "down"}, status=503)
        metadata, action = body["tracker"]["latest_message"]["metadata"], body["next_action"]
        asked, cid = metadata["asked"], body["sender_id"]
        claims = _claims(metadata["desk_token"])
        whole = json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()
        assert (claims["purpose"], claims["cid"]) == (action, cid)
        assert claims["digest"] == hashlib.sha256(whole).hexdigest()
        assert "sub" not in claims, "the desk has no right of the customer's"
        self.asked.append((action, asked))
        if action == "action_perform_task_prepared":
            return await self._perform(body, asked, _claims(metadata["identity_token"]))
        return _custom(self._form(asked))

    def _form(self, asked: Json) -> Json:
        listed = {"name": "cancel_order", "label": LABEL, "topic": "orders", "changes": True, "proof": True}
        if asked.get("task") is None:
            return {"tasks": [listed]}
        if asked["task"] not in ("cancel_order", "repair"):
            return {"error": "unknown_task"}
        number = (asked.get("given") or asked.get("values") or {}).get("order") or ""
        right = number.startswith("MA-")
        field: Json = {
            "name": "order",
            "kind": "order",
            "required": True,
            "label": {"fr": "Commande", "en": "Order"},
            "value": number,
        }
        if number and not right:
            field["error"] = {"fr": "Six chiffres.", "en": "Six digits."}
        form: Json = {
            "fields": [field], "values": {"order": number} if right else {}, "complete": right, "changes": True,
            "needs_proof": False, "asks_proof": True, "title": None, "lines": [],
            "sentence": f"J’annule votre commande {number}." if right else None,
        }  # fmt: skip
        form["lines"] = [{"label": "Commande", "value": number}] if right else []
        return {"form": form, "task": listed | {"name": asked["task"]}}

    async def _perform(self, body: Json, asked: Json, identity: Json) -> web.Response:
        key = asked["prepared_id"]
        assert body["tracker"]["latest_message"]["message_id"] == key
        self.attempts.append(key)
        self.entered.set()
        if identity["assurance"] != "verified" or not identity["sub"]:
            return _custom({"prepared": DONE | {"outcome": "not_verified", "texts": []}})
        if self.hold is not None:
            await self.hold.wait()
        told = self.script.pop(0) if self.script else DONE
        if isinstance(told, int):  # it was done, and the answer was lost
            self.done.setdefault(key, asked)
            return web.json_response({"error": "lost"}, status=told)
        if told["outcome"] == "done":
            self.done.setdefault(key, asked)
        return _custom({"prepared": told})


def _claims(token: str) -> Json:
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims: Json = jwt.decode(token, IDENTITY_SECRET, algorithms=["HS256"], audience="relais-actions", options=options)
    return claims


def _custom(custom: Json) -> web.Response:
    return web.json_response({"events": [], "responses": [{"custom": custom}]})
