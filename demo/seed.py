"""The demo's customers and orders, from seed.json, as rows of the database; nobody here exists.

Moments in seed.json are relative (see `moments`), lines are {sku: quantity}.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from demo.catalogue import Catalogue

FILE = Path(__file__).with_name("seed.json")
FREE_DELIVERY_FROM_CENTS = 4900
DELIVERY_CENTS = {"home": 490, "express": 990, "pickup_point": 390, "click_and_collect": 0, "belgium_luxembourg": 790}
Row = dict[str, Any]


def rows(catalogue: Catalogue) -> tuple[list[Row], list[Row]]:
    """The rows of the tables `customers` and `orders`."""
    seed = json.loads(FILE.read_text("utf-8"))
    customers: list[Row] = seed["customers"]
    by_id = {customer["customer_id"]: customer for customer in customers}
    return customers, [_order_row(order, by_id[order["customer_id"]], catalogue) for order in seed["orders"]]


def delivery_cents(mode: str, goods_cents: int, segment: str) -> int:
    """Delivery price by the shop's own rules: home is free from 49 €, and always for the tier "or"."""
    if mode == "home" and (goods_cents >= FREE_DELIVERY_FROM_CENTS or segment == "or"):
        return 0
    return DELIVERY_CENTS[mode]


def _order_row(order: Row, customer: Row, catalogue: Catalogue) -> Row:
    products = [(catalogue.by_sku[sku], quantity) for sku, quantity in order["lines"].items()]
    goods_cents = sum(product.cents * quantity for product, quantity in products)
    lines = [
        {
            "sku": product.sku,
            "title": product.title[customer["language"]],
            "quantity": quantity,
            "price_eur": product.cents / 100,
        }
        for product, quantity in products
    ]
    plain = {key: order.get(key) for key in ("number", "customer_id", "status", "placed", "mode", "carrier")}
    moments = {key: order.get(key) for key in ("expected", "delivered")}
    documents = {key: order.get(key, []) for key in ("returns", "refunds")} | {
        "event": order.get("event"),
        "lines": lines,
    }
    total_cents = goods_cents + delivery_cents(order["mode"], goods_cents, customer["segment"])
    return plain | moments | {key: json.dumps(value) for key, value in documents.items()} | {"total_cents": total_cents}
