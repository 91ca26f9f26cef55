"""Calls that change nothing."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from demo import rules
from demo.back_office.shared import ATLAS, CLOCK, DATABASE, DOCUMENTS, customer_of, order_of
from demo.database import Record
from demo.errors import ApiError
from demo.moments import day
from demo.rendering import customer_json, order_json, orders_json, refund_json

POINTS_LAST = timedelta(days=365)
# Points that are lost so soon are announced.
POINTS_ANNOUNCED = timedelta(days=60)
POINTS_A_VOUCHER, VOUCHER_EUR = 200, 10
OR_FROM_CENTS = 80_000
MOST_SHOPS, SHOPS = 50, 5


async def lookup(request: web.Request) -> web.Response:
    """Whose account an e-mail address is."""
    email = request.query.get("email", "").strip()
    if not email:
        raise ApiError(400, "bad_request", "email is needed.")
    row = await request.app[DATABASE].customer_with_email(email)
    if row is None:
        raise ApiError(404, "customer_not_found", "There is no such customer.")
    return web.json_response({"customer_id": row["customer_id"], "email": row["email"]})


async def get_customer(request: web.Request) -> web.Response:
    """The customer of the address."""
    return web.json_response(customer_json(await customer_of(request), request.app[CLOCK]()))


async def get_orders(request: web.Request) -> web.Response:
    """The orders of a customer, newest first."""
    rows = await request.app[DATABASE].orders_of((await customer_of(request))["customer_id"])
    return web.json_response({"orders": orders_json(rows, request.app[CLOCK]())})


async def get_order(request: web.Request) -> web.Response:
    """One order."""
    row = await order_of(request)
    return web.json_response(order_json(row, request.app[CLOCK]()))


async def get_refunds(request: web.Request) -> web.Response:
    """The refunds of an order and how far they are, newest first."""
    refunds = json.loads((await order_of(request))["refunds"])
    now = request.app[CLOCK]()
    return web.json_response({"refunds": [refund_json(item, now) for item in reversed(refunds)]})


async def get_invoice(request: web.Request) -> web.Response:
    """The invoice of an order, which exists from dispatch on."""
    order, now = await order_of(request), request.app[CLOCK]()
    if order["status"] in ("in_preparation", "cancelled"):
        raise ApiError(404, "invoice_not_issued", "An invoice is issued at dispatch.")
    invoice = {
        "number": f"F-{order['number'].removeprefix('MA-')}",
        "issued_on": day(order["placed"], now).isoformat(),
        "total_eur": (order["goods_cents"] + order["delivery_cents"]) / 100,
        "url": request.app[DOCUMENTS].invoice_url(order["number"]),
    }
    return web.json_response({"invoice": invoice})


async def get_guarantees(request: web.Request) -> web.Response:
    """The guarantee of each article received, newest first."""
    customer, now = await customer_of(request), request.app[CLOCK]()
    rows = await request.app[DATABASE].orders_of(customer["customer_id"])
    found: list[tuple[date, Record]] = []
    for row in rows:
        received = rules.received_on(row, now)
        if received is not None:
            found += [(received, _guarantee(row, line, received, request)) for line in _guaranteed(row)]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return web.json_response({"guarantees": [guarantee for _, guarantee in found]})


async def get_loyalty(request: web.Request) -> web.Response:
    """Points and tier."""
    return web.json_response({"loyalty": _loyalty(await customer_of(request), request)})


async def get_export(request: web.Request) -> web.Response:
    """All that the shop holds about a customer."""
    customer = await customer_of(request)
    address = {name: customer[name] for name in ("address", "postcode", "city", "country")}
    rows = await request.app[DATABASE].orders_of(customer["customer_id"])
    now, addresses = request.app[CLOCK](), {row["number"]: json.loads(row["address"]) for row in rows}
    orders = orders_json(rows, now)
    for order in orders:
        order["delivery"]["address"] = addresses[order["number"]]
    export = {
        "exported_at": now.isoformat(),
        "customer": customer_json(customer, now) | {"address": address},
        "orders": orders,
        "loyalty": _loyalty(customer, request),
        "erasure_done_by": customer["erasure_by"],
        "closed_on": customer["closed_on"],
    }
    return web.json_response(export)


async def get_shops(request: web.Request) -> web.Response:
    """The shops nearest to `near`, nearest first; all in the order of the list without it."""
    near, atlas = request.query.get("near", "").strip(), request.app[ATLAS]
    limit = request.query.get("limit", str(SHOPS))
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= MOST_SHOPS:
        raise ApiError(400, "bad_request", f"limit is a number from 1 to {MOST_SHOPS}.")
    place = atlas.place(near) if near else None
    if near and place is None:
        raise ApiError(422, "place_unknown", "This place is not known.")
    return web.json_response({"shops": atlas.shops(place)[: int(limit)]})


def _guaranteed(order: Record) -> list[Record]:
    return [line for line in json.loads(order["lines"]) if line["kind"] != "gift_card"]


def _guarantee(order: Record, line: Record, received: date, request: web.Request) -> Record:
    under, until = rules.guarantee(line, received, request.app[CLOCK]())
    shown = {name: line[name] for name in ("sku", "title")}
    return {"order": order["number"], **shown, "under": under, "until": until.isoformat()}


def _loyalty(customer: Record, request: web.Request) -> dict[str, Any]:
    """A point lasts 12 months; 200 are worth 10 €; the tier "or" begins at 800 € a year."""
    now = request.app[CLOCK]()
    lots = [(points, day(earned, now) + POINTS_LAST) for points, earned in json.loads(customer["points"])]
    alive = sorted((until, points) for points, until in lots if until >= rules.today(now))
    points = sum(points for _, points in alive)
    soon = rules.today(now) + POINTS_ANNOUNCED
    missing = max(OR_FROM_CENTS - customer["spent_cents"], 0) / 100
    return {
        "tier": customer["segment"],
        "points": points,
        "worth_eur": points // POINTS_A_VOUCHER * VOUCHER_EUR,
        "expiring": [{"points": lot, "on": until.isoformat()} for until, lot in alive if until <= soon],
        "to_next_tier_eur": None if customer["segment"] == "or" else missing,
    }
