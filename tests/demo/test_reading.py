"""The reads of the back office, and the document that describes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from demo.back_office import BASE
from demo.places import Atlas
from tests.demo.office import OPENAPI, Client, MovableClock, Office


async def test_the_document_is_served_and_knows_every_call_and_no_other(client: Client) -> None:
    async with ClientSession() as plain, plain.get(client.make_url(f"{BASE}/openapi.json")) as answer:
        assert await answer.json() == OPENAPI
    assert OPENAPI["openapi"].startswith("3.1")
    documented = {(method, path) for path, item in OPENAPI["paths"].items() for method in item}
    routes = {
        (route.method.lower(), route.resource.canonical.removeprefix(BASE))
        for route in client.server.app.router.routes()  # type: ignore[attr-defined]
        if route.resource.canonical.startswith(BASE) and route.method != "HEAD"
    }
    own = {(method, path) for method, path in routes if not path.startswith(("/admin/", "/openapi"))}
    assert len(own) == 19
    assert documented == own
    for path, item in OPENAPI["paths"].items():
        for method, operation in item.items():
            keyed = {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
            assert keyed == (method != "get"), path


async def test_every_read_of_every_customer_and_order_has_the_documented_form(office: Office) -> None:
    for customer in range(1001, 1018):
        me = f"/customers/C-{customer}"
        for below in ("", "/guarantees", "/loyalty", "/export"):
            await office.read(me + below)
        for order in (await office.read(f"{me}/orders"))["orders"]:
            path = f"/orders/{order['number']}"
            await office.read(f"{path}/refunds")
            issued = order["status"] not in ("in_preparation", "cancelled")
            await office.read(f"{path}/invoice", 200 if issued else 404)


async def test_an_e_mail_address_leads_to_its_account_in_any_case(office: Office) -> None:
    found = await office.read("/customers/lookup?email=Camille.LAURENT@maison-alder.test")
    assert found == {"customer_id": "C-1001", "email": "camille.laurent@maison-alder.test"}
    for email, status in (("nobody@maison-alder.test", 404), ("%25@maison-alder.test", 404), ("", 400)):
        await office.read(f"/customers/lookup?email={email}", status)


async def test_points_last_a_year(office: Office, clock: MovableClock) -> None:
    loyalty = (await office.read("/customers/C-1001/loyalty"))["loyalty"]
    assert loyalty == {
        "tier": "standard", "points": 428, "worth_eur": 20, "to_next_tier_eur": 388.0,
        "expiring": [{"points": 190, "on": "2026-04-15"}],
    }  # fmt: skip
    assert (await office.read("/customers/C-1002/loyalty"))["loyalty"]["to_next_tier_eur"] is None
    assert (await office.read("/customers/C-1013/loyalty"))["loyalty"]["points"] == 0
    clock.now += timedelta(days=400)  # moments are relative: the demo does not age
    assert (await office.read("/customers/C-1001/loyalty"))["loyalty"]["points"] == 428


async def test_guarantees_by_law_and_by_atelier(office: Office) -> None:
    found = {
        (item["order"], item["sku"]): (item["under"], item["until"])
        for item in (await office.read("/customers/C-1001/guarantees"))["guarantees"]
    }
    assert found["MA-098412", "LMP-ATL-01"] == ("alder_atelier", "2028-03-07")
    assert found["MA-098412", "CUI-SIL-01"] == ("none", "2025-03-07")
    assert found["MA-104455", "CUI-SIL-01"] == ("legal_guarantee", "2028-03-01")
    assert not any(order == "MA-104871" for order, _ in found)  # not received yet
    gift = (await office.read("/customers/C-1002/guarantees"))["guarantees"]
    assert "CDO-050" not in {item["sku"] for item in gift}


@pytest.mark.parametrize(
    ("order", "status", "amount", "means", "expected"),
    [
        ("MA-104290", "waiting_parcel", 84.5, "paypal", None),
        ("MA-104225", "received", 79.0, "card", "2026-03-19"),
        ("MA-104366", "issued", 48.0, "card", "2026-03-13"),
        ("MA-104012", "paid", 69.0, "card", None),
    ],
)
async def test_a_refund_tells_how_far_it_is(
    office: Office, order: str, status: str, amount: float, means: str, expected: str | None
) -> None:
    [refund] = (await office.read(f"/orders/{order}/refunds"))["refunds"]
    found = (refund["status"], refund["amount_eur"], refund["means"], refund["expected_on"])
    assert found == (status, amount, means, expected)
    shown = (await office.read(f"/orders/{order}"))["refunds"][0]["status"]
    assert shown == ("paid" if status == "paid" else "pending")


async def test_an_order_tells_its_last_days(office: Office) -> None:
    order = await office.read("/orders/MA-104530")
    assert (order["returns_until"], order["problems_until"]) == ("2026-04-05", "2026-03-13")
    assert "returns_until" not in await office.read("/orders/MA-104233")
    personalised = (await office.read("/orders/MA-104320"))["lines"]
    assert [(line.get("personalised"), line.get("returnable", True)) for line in personalised] == [
        (True, False), (None, False), (None, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("near", "first"),
    [
        ("44000", "Nantes"), ("nante", "Nantes"), ("à Saint Etienne", "Saint-Étienne"), ("Paris 11e", "Paris"),
        ("69003", "Lyon"), ("B-1050", "Bruxelles"), ("4000", "Liège"), ("L-2340", "Luxembourg"), ("20200", "Nice"),
        ("aix en provence", "Aix-en-Provence"), ("je suis à 35400 Saint-Malo", "Rennes"),
    ],
)  # fmt: skip
async def test_the_nearest_shop_first(office: Office, near: str, first: str) -> None:
    shops = (await office.read(f"/shops?near={near}&limit=3"))["shops"]
    assert shops[0]["city"] == first
    distances = [shop["distance_km"] for shop in shops]
    assert distances == sorted(distances)
    assert len(shops) == 3


async def test_shops_of_no_place_and_of_an_unknown_one(office: Office) -> None:
    shops: list[dict[str, Any]] = (await office.read("/shops?limit=50"))["shops"]
    assert [sum(shop["country"] == code for shop in shops) for code in ("FR", "BE", "LU")] == [38, 2, 1]
    assert {shop["distance_km"] for shop in shops} == {None}
    for near in ("Zzyzx", "97400", "1; DROP TABLE", "12345678"):
        assert (await office.read(f"/shops?near={near}", 422))["error"]["code"] == "place_unknown"
    for limit in ("0", "51", "x", "²", "-1"):
        await office.read(f"/shops?limit={limit}", 400)


def test_every_shop_is_where_its_postcode_is() -> None:
    atlas = Atlas.load()
    for shop in atlas.shops(None):
        written = f"L-{shop['postcode']}" if shop["country"] == "LU" else shop["postcode"]
        place = atlas.place(written)
        assert place is not None
        near = [other["shop_id"] for other in atlas.shops(place)[:4] if (other["distance_km"] or 0) < 25]
        assert shop["shop_id"] in near, shop["name"]
