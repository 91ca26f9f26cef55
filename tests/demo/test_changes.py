"""Every change of the back office: what it does and when it is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.demo.office import A_PROBLEM, A_RETURN, CARAFE, KETTLE, LAMP, NANTES, PLATE, MovableClock, Office


async def test_a_cancellation_pays_nothing_back_since_nothing_was_debited(office: Office) -> None:
    answer = await office.change("POST", "/orders/MA-104871/cancellation", {"reason": "Je me suis trompée"})
    assert answer["cancellation"] == {"status": "cancelled", "refund_eur": 0, "refunded_by": None}
    order = await office.read("/orders/MA-104871")
    assert (order["status"], order["refunds"]) == ("cancelled", [])
    assert (await office.read("/customers/C-1001/orders"))["orders"][0]["status"] == "cancelled"


async def test_a_new_address_is_written_on_the_parcel(office: Office) -> None:
    await office.change("PATCH", "/orders/MA-104871/delivery-address", NANTES | {"city": "  Saint \u00a0 Herblain "})
    assert (await office.read("/orders/MA-104871"))["delivery"]["address_city"] == "Saint Herblain"
    exported = (await office.read("/customers/C-1001/export"))["orders"][0]
    assert exported["delivery"]["address"] | {"city": ""} == NANTES | {"name": "Camille Laurent", "city": ""}


async def test_an_address_abroad_costs_what_it_costs_there_and_back(office: Office) -> None:
    path, before = "/orders/MA-104872", (await office.read("/orders/MA-104872"))["total_eur"]
    abroad = {"line1": "Grand-Rue 3", "postcode": "l-1660", "city": "Luxembourg", "country": "LU"}
    delivery = (await office.change("PATCH", f"{path}/delivery-address", abroad))["delivery"]
    assert (delivery["mode"], delivery["price_eur"]) == ("belgium_luxembourg", 7.9)
    assert (await office.read(path))["total_eur"] == pytest.approx(before + 7.9)
    await office.change("PATCH", f"{path}/delivery-address", NANTES)
    assert (await office.read(path))["total_eur"] == before


@pytest.mark.parametrize(
    ("method", "cost", "refund", "label"), [("shop", 0, 59.0, False), ("pickup_point", 4.5, 54.5, True)]
)
async def test_a_return_has_a_label_only_where_one_is_needed(
    office: Office, method: str, cost: float, refund: float, *, label: bool
) -> None:
    body = A_RETURN | {"method": method}
    made = (await office.change("POST", "/orders/MA-104530/returns", body))["return"]
    assert (made["cost_eur"], made["refund_eur"], bool(made["label_url"])) == (cost, refund, label)
    assert made["deadline"] == "2026-04-05"
    order = await office.read("/orders/MA-104530")
    assert order["returns"][0] | {"requested_at": ""} == {
        "return_id": made["return_id"], "reason": "trop petite", "status": "requested", "requested_at": "",
        "sku": "LMP-GLT-03", "quantity": 1,
    }  # fmt: skip
    [waiting] = (await office.read("/orders/MA-104530/refunds"))["refunds"]
    assert (waiting["status"], waiting["amount_eur"], waiting["expected_on"]) == ("waiting_parcel", refund, None)


async def test_a_withdrawal_within_14_days_pays_the_delivery_back_too(office: Office) -> None:
    everything = {"lines": [{"sku": "LMP-GLT-03", "quantity": 1}, {"sku": "TBL-LCH-03", "quantity": 2}]}
    order = await office.read("/orders/MA-104903")
    made = await office.change("POST", "/orders/MA-104903/returns", A_RETURN | everything)
    assert made["return"]["refund_eur"] == order["total_eur"]


async def test_articles_of_an_order_are_returned_one_after_the_other(office: Office) -> None:
    one = {"lines": PLATE, "reason": "…", "method": "shop"}
    first = await office.change("POST", "/orders/MA-104455/returns", one)
    second = await office.change("POST", "/orders/MA-104455/returns", one)
    assert first["return"]["return_id"] != second["return"]["return_id"]
    assert await office.refused("POST", "/orders/MA-104455/returns", one, 409) == "already_returned"


@pytest.mark.parametrize(
    ("files", "wish", "status", "resolution", "amount"),
    [
        (["f-1"], "replace", "accepted", "replacement", None),
        (["f-1"], "refund", "accepted", "refund", 59.0),
        ([], "refund", "to_check", None, None),
    ],
)
async def test_a_problem_with_a_photo_is_settled_at_once(
    office: Office, files: list[str], wish: str, status: str, resolution: str | None, amount: float | None
) -> None:
    body = A_PROBLEM | {"file_ids": files, "wish": wish}
    problem = (await office.change("POST", "/orders/MA-104530/problems", body))["problem"]
    assert (problem["status"], problem["resolution"], problem["amount_eur"]) == (status, resolution, amount)
    refunds = (await office.read("/orders/MA-104530/refunds"))["refunds"]
    assert [refund["status"] for refund in refunds] == (["issued"] if amount else [])


@pytest.mark.parametrize(
    ("order", "sku", "under", "status", "price"),
    [
        ("MA-098412", "LMP-ATL-01", "alder_atelier", "accepted", 0.0),
        ("MA-098412", "CUI-SIL-01", "none", "quote_to_follow", None),
        ("MA-103004", "CUI-AMB-02", "legal_guarantee", "accepted", 0.0),
    ],
)
async def test_a_repair_is_free_under_guarantee(
    office: Office, order: str, sku: str, under: str, status: str, price: float | None
) -> None:
    made = (await office.change("POST", "/repairs", {"order": order, "sku": sku, "symptom": "rien"}))["repair"]
    assert (made["under"], made["status"], made["price_eur"], made["days"]) == (under, status, price, [10, 15])
    assert (await office.read(f"/orders/{order}"))["repairs"][0]["repair_id"] == made["repair_id"]


async def test_a_new_e_mail_address_waits_for_its_link_and_a_phone_number_does_not(office: Office) -> None:
    made = await office.change(
        "PATCH", "/customers/C-1001/contact", {"email": "camille@exemple.test", "phone": "06 39 98 01 77"}
    )
    assert made["status"] == "pending_confirmation"
    customer = await office.read("/customers/C-1001")
    assert (customer["email"], customer["pending_email"], customer["phone"]) == (
        "camille.laurent@maison-alder.test", "camille@exemple.test", "+33639980177",
    )  # fmt: skip
    await office.read("/customers/lookup?email=camille@exemple.test", 404)
    same = await office.change("PATCH", "/customers/C-1002/contact", {"email": "Julien.Morel@maison-alder.test"})
    assert same["status"] == "changed"


async def test_a_closed_account_is_nobodys_and_cannot_be_closed_twice(office: Office) -> None:
    made = await office.change("POST", "/customers/C-1015/closure")
    assert made["closure"] == {"status": "closed", "effective_on": "2026-03-11"}
    await office.read("/customers/lookup?email=grace.bennett@maison-alder.test", 404)
    assert await office.refused("POST", "/customers/C-1015/closure", {}, 409) == "already_closed"


async def test_an_erasure_keeps_its_day_when_asked_again(office: Office, clock: MovableClock) -> None:
    first = await office.change("POST", "/customers/C-1013/erasure")
    clock.now += timedelta(days=5)
    assert first["erasure"]["done_by"] == "2026-04-11"
    assert await office.change("POST", "/customers/C-1013/erasure") == first


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/orders/MA-104233/cancellation", {}, 409, "not_cancellable"),
        ("POST", "/orders/MA-104190/cancellation", {}, 409, "already_cancelled"),
        ("POST", "/orders/MA-104860/cancellation", {}, 409, "personalised"),
        ("POST", "/orders/MA-000000/cancellation", {}, 404, "order_not_found"),
        ("PATCH", "/orders/MA-104233/delivery-address", NANTES, 409, "not_changeable"),
        ("PATCH", "/orders/MA-104868/delivery-address", NANTES, 409, "not_changeable"),
        ("PATCH", "/orders/MA-104867/delivery-address", NANTES, 409, "not_changeable"),
        ("PATCH", "/orders/MA-104871/delivery-address", NANTES | {"postcode": "4400"}, 422, "address_invalid"),
        ("PATCH", "/orders/MA-104871/delivery-address", NANTES | {"line1": "12"}, 422, "address_invalid"),
        ("PATCH", "/orders/MA-104871/delivery-address", NANTES | {"postcode": "97400"}, 422, "country_not_served"),
        ("PATCH", "/orders/MA-104871/delivery-address", NANTES | {"country": "DE"}, 422, "country_not_served"),
        ("POST", "/orders/MA-103720/returns", A_RETURN | {"lines": CARAFE}, 409, "too_late"),
        ("POST", "/orders/MA-104320/returns", A_RETURN | {"lines": CARAFE}, 409, "not_returnable"),
        ("POST", "/orders/MA-104225/returns", A_RETURN | {"lines": KETTLE}, 409, "already_returned"),
        ("POST", "/orders/MA-104702/returns", A_RETURN, 409, "not_delivered"),
        ("POST", "/orders/MA-104530/returns", A_RETURN | {"lines": KETTLE}, 422, "unknown_line"),
        ("POST", "/orders/MA-104530/returns", A_RETURN | {"lines": LAMP * 2}, 422, "unknown_line"),
        ("POST", "/orders/MA-104530/problems", A_PROBLEM | {"lines": KETTLE}, 422, "unknown_line"),
        ("POST", "/orders/MA-104455/problems", A_PROBLEM | {"lines": KETTLE}, 409, "too_late"),
        ("POST", "/orders/MA-104518/problems", A_PROBLEM | {"lines": PLATE}, 409, "too_late"),
        ("POST", "/orders/MA-104702/problems", A_PROBLEM, 409, "not_delivered"),
        ("POST", "/repairs", {"order": "MA-091207", "sku": "LMP-BRM-02", "symptom": "s"}, 409, "not_repairable"),
        ("POST", "/repairs", {"order": "MA-103720", "sku": "TBL-OND-02", "symptom": "s"}, 409, "not_repairable"),
        ("POST", "/repairs", {"order": "MA-104871", "sku": "CUI-SIL-01", "symptom": "s"}, 409, "not_delivered"),
        ("POST", "/repairs", {"order": "MA-000000", "sku": "CUI-SIL-01", "symptom": "s"}, 404, "order_not_found"),
        ("PATCH", "/customers/C-1001/contact", {"email": "JULIEN.morel@maison-alder.test"}, 409, "email_taken"),
        ("PATCH", "/customers/C-1001/contact", {"email": "camille@exemple"}, 422, "email_invalid"),
        ("PATCH", "/customers/C-1001/contact", {"phone": "12"}, 422, "phone_invalid"),
        ("POST", "/customers/C-1001/closure", {}, 409, "open_orders"),
        ("POST", "/customers/C-1016/closure", {}, 409, "open_orders"),
        ("POST", "/customers/C-9999/closure", {}, 404, "customer_not_found"),
        ("POST", "/orders/MA-104871/cancellation", {"why": 1}, 400, "bad_request"),
        ("POST", "/orders/MA-104530/returns", A_RETURN | {"lines": []}, 400, "bad_request"),
        ("POST", "/orders/MA-104530/returns", A_RETURN | {"method": "drone"}, 400, "bad_request"),
        ("POST", "/orders/MA-104530/problems", A_PROBLEM | {"description": "x" * 2001}, 400, "bad_request"),
        ("POST", "/repairs", {"order": "MA-104530", "sku": {"$ne": 1}, "symptom": "s"}, 400, "bad_request"),
        ("PATCH", "/customers/C-1001/contact", {}, 400, "bad_request"),
        ("PATCH", "/orders/MA-104871/delivery-address", NANTES | {"line1": "4 rue\nX"}, 400, "bad_request"),
        ("POST", "/customers/C-1001/erasure", ["soup"], 400, "bad_request"),
    ],
)
async def test_what_is_refused_changes_nothing(
    office: Office, method: str, path: str, body: Any, status: int, code: str
) -> None:
    assert await office.refused(method, path, body, status) == code
    assert await office.changes() == []


@pytest.mark.parametrize(
    ("order", "kind", "allowed"),
    [
        ("MA-104201", "returns", True), ("MA-104195", "returns", False),
        ("MA-104560", "problems", True), ("MA-104518", "problems", False),
    ],
)  # fmt: skip
async def test_the_last_day_still_counts(office: Office, order: str, kind: str, *, allowed: bool) -> None:
    line = (await office.read(f"/orders/{order}"))["lines"][0]
    lines = {"lines": [{"sku": line["sku"], "quantity": 1}]}
    body = (A_RETURN if kind == "returns" else A_PROBLEM) | lines
    answer = await office.change("POST", f"/orders/{order}/{kind}", body, status=200 if allowed else 409)
    assert answer.get("error", {}).get("code") == (None if allowed else "too_late")
