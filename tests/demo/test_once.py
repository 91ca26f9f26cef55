"""A change happens once for its key: again, at the same moment, after a restart, in trouble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Handler
from aiohttp.web import AppRunner, Request, StreamResponse, middleware

from demo.app import create_app
from demo.back_office import BASE, DATABASE
from tests.demo.office import A_PROBLEM, A_REPAIR, A_RETURN, BEARER, NANTES, Client, MovableClock, Office, settings

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


class Hasty(Office):
    """Calls whose caller hangs up while they are under way."""

    def __init__(self, client: Client, here: asyncio.Event) -> None:
        super().__init__(client)
        self._here = here

    async def given_up(self, method: str, path: str, **call: Any) -> None:
        """Nothing is changed before the caller has hung up, however long that takes; soon afterwards it is."""
        await self.mode(mode="slow", seconds=0.3)
        async with self.client.server.app[DATABASE].changing:  # type: ignore[attr-defined]
            self._here.clear()
            calling = asyncio.create_task(self.client.request(method, BASE + path, **call))
            await self._here.wait()
            calling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await calling
            assert await self.changes() == []
        async with asyncio.timeout(30):
            while not await self.changes():
                await asyncio.sleep(0.02)
        await self.mode(mode="ok")


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Hasty]:
    here = asyncio.Event()

    @middleware
    async def noticed(request: Request, handler: Handler) -> StreamResponse:
        while not request.content.is_eof():
            await asyncio.sleep(0.01)
        here.set()
        return await handler(request)

    app = create_app(settings(tmp_path))
    app.middlewares.append(noticed)
    async with TestClient(AsServed(app), headers=BEARER) as client:
        yield Hasty(client, here)


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


async def test_in_trouble_nothing_is_changed_but_slowly_all_the_same(hasty: Hasty) -> None:
    headers, cancellation = {"Idempotency-Key": "in-trouble"}, "/orders/MA-104871/cancellation"
    await hasty.mode(mode="down")
    assert (await hasty.client.post(BASE + cancellation, headers=headers)).status == 503
    await hasty.mode(mode="nonsense")
    assert "cancellation" not in await (await hasty.client.post(BASE + cancellation, headers=headers)).json()
    assert await hasty.changes() == []
    await hasty.given_up("POST", cancellation, headers=headers)
    assert await hasty.changes() == [("cancellation", "MA-104871")]
    await hasty.change("POST", cancellation, key="in-trouble")


async def test_a_change_with_a_body_outlives_its_caller(hasty: Hasty) -> None:
    path = "/orders/MA-104871/delivery-address"
    await hasty.given_up("PATCH", path, json=NANTES, headers={"Idempotency-Key": "gone"})
    assert await hasty.changes() == [("delivery_address", "MA-104871")]
