"""The shop under test, its clock, and calls of its back office."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request
from jsonschema import Draft202012Validator, FormatChecker

from demo.back_office import BASE
from demo.settings import Settings

TOKEN = "the-back-office-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
OPENAPI = json.loads((Path(__file__).parents[2] / "docs" / "back-office.openapi.json").read_text("utf-8"))
Client = TestClient[Request, Application]
LAMP = [{"sku": "LMP-GLT-03", "quantity": 1}]
KETTLE = [{"sku": "CUI-SIL-01", "quantity": 1}]
PLATE = [{"sku": "TBL-RIV-01", "quantity": 1}]
CARAFE = [{"sku": "TBL-OND-02", "quantity": 1}]
NANTES = {"line1": "4 rue Kervégan", "postcode": "44000", "city": "Nantes", "country": "FR"}
A_RETURN = {"lines": LAMP, "reason": "trop petite", "method": "shop"}
A_PROBLEM = {
    "kind": "broken", "lines": LAMP, "description": "abat-jour fendu", "file_ids": ["f-1"], "wish": "replace",
}  # fmt: skip
A_REPAIR = {"order": "MA-104530", "sku": "LMP-GLT-03", "symptom": "ne s’allume plus"}


class MovableClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def settings(var: Path) -> Settings:
    keys = {"demo": "a-key-of-the-shop-that-signs-identities"}
    return Settings.model_validate({"relais_var": var, "back_office_token": TOKEN, "host_keys": keys})


class Office:
    """Calls that expect a status, and check each answer against the OpenAPI document."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._keys = count(1)

    async def read(self, path: str, status: int = 200) -> Any:
        answer = await self.client.get(BASE + path)
        return await self._checked("get", path, answer, status)

    async def change(
        self, method: str, path: str, body: Any = None, *, status: int = 200, key: str | None = None
    ) -> Any:
        headers = {"Idempotency-Key": key or f"key-{next(self._keys)}"}
        answer = await self.client.request(method, BASE + path, json=body, headers=headers)
        return await self._checked(method.lower(), path, answer, status)

    async def refused(self, method: str, path: str, body: Any, status: int) -> str:
        code: str = (await self.change(method, path, body, status=status))["error"]["code"]
        return code

    async def changes(self) -> list[tuple[str, str | None]]:
        listed = await (await self.client.get(f"{BASE}/admin/changes")).json()
        return [(row["operation"], row["number"]) for row in listed["changes"]]

    async def mode(self, **body: object) -> None:
        assert (await self.client.post(f"{BASE}/admin/mode", json=body)).status == 200

    async def _checked(self, method: str, path: str, answer: Any, status: int) -> Any:
        body = await answer.json()
        assert answer.status == status, body
        documented = operation(method, path)["responses"][str(status)]
        check(documented["content"]["application/json"]["schema"], body)
        if status in (400, 404, 409, 422):
            assert body["error"]["code"] in documented["description"], documented["description"]
        return body


def operation(method: str, path: str) -> dict[str, Any]:
    """What the document says of a call: of two paths that fit, the one with fewer names in braces."""
    parts = path.partition("?")[0].split("/")
    fitting = [
        known
        for known in OPENAPI["paths"]
        if len(known.split("/")) == len(parts)
        and all(one == other or one.startswith("{") for one, other in zip(known.split("/"), parts, strict=True))
    ]
    found: dict[str, Any] = OPENAPI["paths"][min(fitting, key=lambda known: known.count("{"))][method]
    return found


def check(schema: dict[str, Any], value: Any) -> None:
    rooted = {**schema, "components": OPENAPI["components"]}
    Draft202012Validator(rooted, format_checker=FormatChecker()).validate(value)
