"""A change happens once for its key: again, at the same moment, after a restart, in trouble."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import AppRunner

from demo.app import create_app
from demo.back_office import BASE
from tests.demo.office import A_PROBLEM, A_REPAIR, A_RETURN, BEARER, NANTES, MovableClock, Office, settings

# Each change, made on an order that allows it.
ALLOWED: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("POST", "/orders/MA-104871/cancellation", {}, {"reason": "autre"}),
    ("PATCH", "/orders/MA-104871/delivery-address", NANTES, NANTES | {"line1": "5 rue Kervégan"}),
    ("POST", "/orders/MA-104530/returns", A_RETURN, A_RETURN | {"method": "pickup_point"}),
    ("POST", "/orders/MA-104530/problems", A_PROBLEM, A_PROBLEM | {"wish": "refund"}),
    ("POST", "/repairs", A_REPAIR, A_REPAIR | {"symptom": "grésille"}),
    ("PATCH", "/customers/C-1001/contact", {"phone": "+33639980199"}, {"phone": "+33639980198"}),
    ("POST", "/customers/C-1001/erasure", {}, {}),
    ("POST", "/customers/C-1013/closure", {}, {}),
]


class AsServed(TestServer):
    """The test server stops a handler whose caller hangs up; a real one does not."""

    async def _make_runner(self, **options: Any) -> AppRunner:
        return AppRunner(self.app, **(options | {"handler_cancellation": False}))


@pytest.mark.parametrize(("method", "path", "body", "other"), ALLOWED, ids=[path for _, path, _, _ in ALLOWED])
async def test_the_same_key_changes_once_and_belongs_to_one_request(
    office: Office, method: str, path: str, body: Any, other: Any
) -> None:
    first = await office.change(method, path, body, key="message-1")
    before = await office.read("/customers/C-1001/export")
    again = await asyncio.gather(*(office.change(method, path, body, key="message-1") for _ in range(5)))
    assert again == [first] * 5
    assert len(await office.changes()) == 1
    assert await office.read("/customers/C-1001/export") == before
    if other != body:
        reused = await office.change(method, path, other, key="message-1", status=422)
        assert reused["error"]["code"] == "idempotency_key_reused"
    elsewhere = "/orders/MA-104872/cancellation"
    reused = await office.change("POST", elsewhere, {"reason": "…"}, key="message-1", status=422)
    assert reused["error"]["code"] == "idempotency_key_reused"
    assert len(await office.changes()) == 1


@pytest.mark.parametrize(("method", "path", "body", "other"), ALLOWED, ids=[path for _, path, _, _ in ALLOWED])
async def test_a_change_needs_a_key(office: Office, method: str, path: str, body: Any, other: Any) -> None:
    for headers in ({}, {"Idempotency-Key": " "}, {"Idempotency-Key": "k" * 201}):
        answer = await office.client.request(method, BASE + path, json=body, headers=headers)
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, "idempotency_key_required")
    assert await office.changes() == []


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/orders/MA-104871/cancellation", {}, "already_cancelled"),
        ("/orders/MA-104530/returns", A_RETURN, "already_returned"),
        ("/orders/MA-104530/problems", A_PROBLEM, "already_reported"),
        ("/repairs", A_REPAIR, "already_in_repair"),
        ("/customers/C-1013/closure", {}, "already_closed"),
    ],
)
async def test_of_two_at_the_same_moment_one_is_done(office: Office, path: str, body: Any, code: str) -> None:
    async def once(key: str) -> tuple[int, str | None]:
        answer = await office.client.post(BASE + path, json=body, headers={"Idempotency-Key": key})
        return answer.status, (await answer.json()).get("error", {}).get("code")

    answers = await asyncio.gather(*(once(f"race-{number}") for number in range(6)))
    assert sorted(answers, key=str) == [(200, None), *[(409, code)] * 5]
    assert len(await office.changes()) == 1


async def test_changes_outlive_the_process_for_a_week(tmp_path: Path) -> None:
    clock, path = MovableClock(), "/orders/MA-104871/cancellation"
    for days, status in ((0, "cancelled"), (6, "cancelled"), (2, "in_preparation")):
        clock.now += timedelta(days=days)
        async with TestClient(TestServer(create_app(settings(tmp_path), clock=clock)), headers=BEARER) as client:
            office = Office(client)
            if days == 0:
                await office.change("POST", path, key="once")
            assert (await office.read("/orders/MA-104871"))["status"] == status
            if status == "cancelled":
                await office.change("POST", path, key="once")
                assert len(await office.changes()) == 1


async def test_a_reset_puts_one_customer_back_or_all(office: Office) -> None:
    await office.change("POST", "/orders/MA-104871/cancellation")
    await office.change("PATCH", "/customers/C-1001/contact", {"email": "camille@exemple.test"})
    await office.change("POST", "/orders/MA-104872/cancellation")
    reset = f"{BASE}/admin/reset"
    assert (await office.client.post(reset, json={"customer_id": "C-1001"})).status == 200
    assert await office.changes() == [("cancellation", "MA-104872")]
    assert (await office.read("/orders/MA-104871"))["status"] == "in_preparation"
    assert "pending_email" not in await office.read("/customers/C-1001")
    assert (await office.client.post(reset)).status == 200
    assert (await office.read("/orders/MA-104872"))["status"] == "in_preparation"
    assert (await office.client.post(reset, json={"customer_id": 7})).status == 400


async def test_in_trouble_nothing_is_changed_but_slowly_all_the_same(tmp_path: Path) -> None:
    headers = {"Idempotency-Key": "in-trouble"}
    async with TestClient(AsServed(create_app(settings(tmp_path))), headers=BEARER) as client:
        office, path = Office(client), f"{BASE}/orders/MA-104871/cancellation"
        await office.mode(mode="down")
        assert (await client.post(path, headers=headers)).status == 503
        await office.mode(mode="nonsense")
        assert "cancellation" not in await (await client.post(path, headers=headers)).json()
        assert await office.changes() == []
        await office.mode(mode="slow", seconds=0.3)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.post(path, headers=headers), 0.1)
        assert await office.changes() == []
        await asyncio.sleep(0.4)
        await office.mode(mode="ok")
        assert await office.changes() == [("cancellation", "MA-104871")]
        await office.change("POST", "/orders/MA-104871/cancellation", key="in-trouble")


async def test_a_change_with_a_body_outlives_its_caller(tmp_path: Path) -> None:
    async with TestClient(AsServed(create_app(settings(tmp_path))), headers=BEARER) as client:
        office, path = Office(client), f"{BASE}/orders/MA-104871/delivery-address"
        await office.mode(mode="slow", seconds=0.3)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.patch(path, json=NANTES, headers={"Idempotency-Key": "gone"}), 0.1)
        await asyncio.sleep(0.4)
        await office.mode(mode="ok")
        assert await office.changes() == [("delivery_address", "MA-104871")]
