"""The back office API of the demo shop, over HTTP."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from jsonschema import validate

from demo.app import create_app
from demo.back_office import BASE
from tests.demo.office import BEARER, Client, MovableClock, settings

ORDER = {
    "type": "object",
    "required": [
        *("number", "customer_id", "status", "placed_at", "total_eur"),
        *("lines", "delivery", "returns", "refunds", "late"),
    ],
    "properties": {
        "number": {"pattern": r"^MA-\d{6}$"},
        "status": {"enum": ["in_preparation", "shipped", "delivered", "cancelled", "returned"]},
        "total_eur": {"type": "number", "exclusiveMinimum": 0},
        "lines": {"type": "array", "minItems": 1, "items": {"required": ["sku", "title", "quantity", "price_eur"]}},
        "delivery": {"type": "object", "required": ["mode", "address_city"]},
        "late": {"type": "boolean"},
    },
}


async def test_a_customer_and_all_orders_have_the_documented_form(client: Client) -> None:
    customer = await (await client.get(f"{BASE}/customers/C-1001")).json()
    assert customer == {
        "customer_id": "C-1001",
        "name": "Camille Laurent",
        "email": "camille.laurent@maison-alder.test",
        "segment": "standard",
        "language": "fr",
        "customer_since": "2022-03-12",
        "phone": "+33639980101",
    }
    count = 0
    for number in range(1001, 1018):
        orders = (await (await client.get(f"{BASE}/customers/C-{number}/orders")).json())["orders"]
        for order in orders:
            validate(order, ORDER)
            assert order == await (await client.get(f"{BASE}/orders/{order['number']}")).json()
            assert datetime.fromisoformat(order["placed_at"]) < datetime(2026, 3, 11, 14, 30, tzinfo=UTC)
        count += len(orders)
    assert count == 54


async def test_the_late_parcel_stays_three_days_late_as_time_goes_by(client: Client, clock: MovableClock) -> None:
    for days in (0, 1, 45, 400):
        clock.now = datetime(2026, 3, 11, 14, 30, tzinfo=UTC) + timedelta(days=days)
        order = await (await client.get(f"{BASE}/orders/MA-104233")).json()
        expected = datetime.fromisoformat(order["delivery"]["expected_on"]).date()
        assert (clock.now.date() - expected).days == 3
        assert order["late"] is True
        assert order["status"] == "shipped"
    other = await (await client.get(f"{BASE}/orders/MA-104790")).json()
    assert other["late"] is False


async def test_the_same_key_gives_the_same_answer_and_records_once(client: Client, clock: MovableClock) -> None:
    path = f"{BASE}/orders/MA-104233/tracking-requests"
    first = await client.post(path, headers={"Idempotency-Key": "message-1"})
    assert first.status == 200
    tracking = (await first.json())["tracking"]
    assert tracking["label_fr"] == "Colis en attente au centre de tri"
    assert tracking["label_en"] == "Parcel waiting at the sorting centre"
    clock.now += timedelta(days=2)
    again = await asyncio.gather(*(client.post(path, headers={"Idempotency-Key": "message-1"}) for _ in range(5)))
    assert [await answer.json() for answer in again] == [{"tracking": tracking}] * 5
    await client.post(path, headers={"Idempotency-Key": "message-2"})
    recorded = (await (await client.get(f"{BASE}/admin/tracking-requests")).json())["tracking_requests"]
    assert [(row["idempotency_key"], row["number"]) for row in recorded] == [
        ("message-1", "MA-104233"),
        ("message-2", "MA-104233"),
    ]


async def test_every_order_can_be_tracked(client: Client) -> None:
    for number in ("MA-104871", "MA-104190", "MA-104012", "MA-101910"):
        answer = await client.post(f"{BASE}/orders/{number}/tracking-requests", headers={"Idempotency-Key": number})
        tracking = (await answer.json())["tracking"]
        assert tracking["label_fr"]
        assert tracking["label_en"]


async def test_what_was_recorded_outlives_the_process(tmp_path: Path) -> None:
    for restart in range(2):
        async with TestClient(TestServer(create_app(settings(tmp_path))), headers=BEARER) as client:
            path = f"{BASE}/orders/MA-104233/tracking-requests"
            await client.post(path, headers={"Idempotency-Key": "once"})
            listed = await (await client.get(f"{BASE}/admin/tracking-requests")).json()
            assert len(listed["tracking_requests"]) == 1, restart


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("GET", "/customers/C-1001", {"Authorization": ""}, 401, "unauthorized"),
        ("GET", "/customers/C-1001", {"Authorization": "Bearer wrong"}, 401, "unauthorized"),
        ("GET", "/customers/C-9999", {}, 404, "customer_not_found"),
        ("GET", "/customers/C-9999/orders", {}, 404, "customer_not_found"),
        ("GET", "/orders/MA-000000", {}, 404, "order_not_found"),
        ("GET", "/orders/'%20OR%201=1", {}, 404, "order_not_found"),
        ("POST", "/orders/MA-104233/tracking-requests", {}, 400, "idempotency_key_required"),
        (
            "POST",
            "/orders/MA-104233/tracking-requests",
            {"Idempotency-Key": "k" * 201},
            400,
            "idempotency_key_required",
        ),
        ("POST", "/orders/MA-000000/tracking-requests", {"Idempotency-Key": "k"}, 404, "order_not_found"),
        ("POST", "/admin/mode", {}, 400, "bad_mode"),
    ],
)
async def test_errors_are_clear(
    client: Client, method: str, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await client.request(method, BASE + path, headers=BEARER | headers)
    assert answer.status == status
    error = (await answer.json())["error"]
    assert error["code"] == code
    assert error["message"].endswith(".")


async def test_a_key_used_for_another_order_is_refused(client: Client) -> None:
    key = {"Idempotency-Key": "same"}
    await client.post(f"{BASE}/orders/MA-104233/tracking-requests", headers=key)
    answer = await client.post(f"{BASE}/orders/MA-104790/tracking-requests", headers=key)
    assert (answer.status, (await answer.json())["error"]["code"]) == (400, "idempotency_key_reused")


async def test_the_modes_that_tests_of_others_rely_on(client: Client) -> None:
    async def mode(**body: object) -> None:
        assert (await client.post(f"{BASE}/admin/mode", json=body)).status == 200

    order = f"{BASE}/orders/MA-104233"
    await mode(mode="down")
    assert (await client.get(order)).status == 503
    await mode(mode="nonsense")
    assert "number" not in await (await client.get(order)).json()
    await mode(mode="slow", seconds=0.3)
    started = asyncio.get_running_loop().time()
    assert (await client.get(order)).status == 200
    assert asyncio.get_running_loop().time() - started >= 0.3
    await mode(mode="ok")
    assert (await (await client.get(order)).json())["number"] == "MA-104233"


async def test_health_needs_no_token(client: Client) -> None:
    async with ClientSession() as plain, plain.get(client.make_url("/healthz")) as answer:
        assert answer.status == 200
        assert (await answer.json())["status"] == "ok"
