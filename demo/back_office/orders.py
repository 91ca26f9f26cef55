"""Changes to an order: each looks at the order as it is now and says what is to be changed, or refuses."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from demo import rules, seed
from demo.back_office import bodies
from demo.back_office.shared import CLOCK, DATABASE, DOCUMENTS, checked, order_numbered, order_of
from demo.database import Change, Effect, Record
from demo.moments import working_days_later
from demo.rendering import delivery_json

REPLACEMENT_WORKING_DAYS = 5


async def cancel(request: web.Request, body: dict[str, Any]) -> Change:
    """Cancel an order in preparation. It was not debited yet, so there is nothing to pay back."""
    checked(bodies.Cancellation, body)
    order = await order_of(request)
    rules.check_cancellable(order)
    answer = {"cancellation": {"status": "cancelled", "refund_eur": 0.0, "refunded_by": None}}
    return _change("cancellation", order, answer, status="cancelled")


async def change_address(request: web.Request, body: dict[str, Any]) -> Change:
    """Send an order in preparation elsewhere; to another country at that country's price."""
    form = checked(bodies.Address, body)
    order = await order_of(request)
    rules.check_address_changeable(order)
    address = rules.checked_address(form.model_dump())
    name = address.get("name") or json.loads(order["address"])["name"]
    columns: Record = {"address": json.dumps({**address, "name": name})}
    abroad = address["country"] != "FR"
    if abroad != (order["mode"] == "belgium_luxembourg"):
        mode = "belgium_luxembourg" if abroad else "home"
        customer = await request.app[DATABASE].customer(order["customer_id"])
        cents = seed.delivery_cents(mode, order["goods_cents"], customer["segment"] if customer else "standard")
        columns |= {"mode": mode, "delivery_cents": cents}
    changed = {**order, **columns}
    answer = {"delivery": delivery_json(changed, request.app[CLOCK]())}
    return _change("delivery_address", order, answer, **columns)


async def create_return(request: web.Request, body: dict[str, Any]) -> Change:
    """Announce a return: a label for a pick-up point, nothing to print for a shop."""
    form = checked(bodies.Return, body)
    order, now = await order_of(request), request.app[CLOCK]()
    lines = rules.chosen_lines(order, [item.model_dump() for item in form.lines])
    deadline = rules.check_returnable(order, lines, now)
    cents = rules.returned_cents(order, lines, form.method, now)
    returns, refunds = json.loads(order["returns"]), json.loads(order["refunds"])
    return_id = _numbered("R", order, len({item["return_id"] for item in returns}))
    answer = {
        "return_id": return_id,
        "status": "requested",
        "method": form.method,
        "cost_eur": rules.RETURN_COST_CENTS[form.method] / 100,
        "refund_eur": cents / 100,
        "label_url": _label_url(request, order, return_id) if form.method == "pickup_point" else None,
        "deadline": deadline.isoformat(),
    }
    shared = {"return_id": return_id, "reason": form.reason, "status": "requested", "requested_at": now.isoformat()}
    returns += [{**shared, "sku": line["sku"], "quantity": line["quantity"]} for line in lines]
    refunds.append(_refund(order, cents / 100, status="waiting_parcel"))
    return _change("return", order, {"return": answer}, returns=json.dumps(returns), refunds=json.dumps(refunds))


async def report_problem(request: web.Request, body: dict[str, Any]) -> Change:
    """Report something broken, missing or wrong; with a photo it is settled at once, at our cost."""
    form = checked(bodies.Problem, body)
    order, now = await order_of(request), request.app[CLOCK]()
    lines = rules.chosen_lines(order, [item.model_dump() for item in form.lines])
    rules.check_reportable(order, lines, now)
    problems, refunds = json.loads(order["problems"]), json.loads(order["refunds"])
    problem: Record = {
        "problem_id": _numbered("P", order, len(problems)),
        "status": "accepted" if form.file_ids else "to_check",
        "resolution": None,
        "amount_eur": None,
        "expected_on": None,
    }
    if form.file_ids and form.wish == "refund":
        cents = rules.goods_cents(lines)
        refunds.append(_refund(order, cents / 100, status="issued", issued_at=now.isoformat()))
        paid_by = rules.today(now) + rules.BANK_TIME
        problem |= {"resolution": "refund", "amount_eur": cents / 100, "expected_on": paid_by.isoformat()}
    elif form.file_ids:
        expected = working_days_later(rules.today(now), REPLACEMENT_WORKING_DAYS)
        problem |= {"resolution": "replacement", "expected_on": expected.isoformat()}
    kept = {**problem, **form.model_dump(), "reported_at": now.isoformat()}
    problems.append(kept)
    columns = {"problems": json.dumps(problems), "refunds": json.dumps(refunds)}
    return _change("problem", order, {"problem": problem}, **columns)


async def repair(request: web.Request, body: dict[str, Any]) -> Change:
    """Have an article repaired, free of charge under guarantee; out of it a quote follows."""
    form = checked(bodies.Repair, body)
    order, now = await order_numbered(request, form.order), request.app[CLOCK]()
    [line] = rules.chosen_lines(order, [{"sku": form.sku, "quantity": 1}])
    under = rules.check_repairable(order, line, now)
    repairs = json.loads(order["repairs"])
    answer: Record = {
        "repair_id": _numbered("REP", order, len(repairs)),
        "under": under,
        "status": "quote_to_follow" if under == "none" else "accepted",
        "price_eur": None if under == "none" else 0.0,
        "days": list(rules.REPAIR_WORKING_DAYS),
    }
    told = {"sku": form.sku, "symptom": form.symptom, "diagnosis": form.diagnosis}
    repairs.append({**answer, **told, "requested_at": now.isoformat()})
    return _change("repair", order, {"repair": answer}, repairs=json.dumps(repairs))


def _change(operation: str, order: Record, answer: Record, **columns: Any) -> Change:
    effect = Effect("orders", order["number"], columns)
    return Change(operation, order["customer_id"], order["number"], answer, (effect,))


def _refund(order: Record, amount_eur: float, **state: str) -> Record:
    refund_id = _numbered("RB", order, len(json.loads(order["refunds"])))
    return {"refund_id": refund_id, "amount_eur": amount_eur, "to": order["payment"], **state}


def _numbered(prefix: str, order: Record, before: int) -> str:
    """The next number of its kind for an order: R-104233-1, R-104233-2…"""
    return f"{prefix}-{order['number'].removeprefix('MA-')}-{before + 1}"


def _label_url(request: web.Request, order: Record, return_id: str) -> str:
    return request.app[DOCUMENTS].label_url(order["number"], return_id)
