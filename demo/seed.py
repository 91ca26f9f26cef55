"""The demo's customers and orders, from seed.json, as rows of the database; nobody here exists.

Moments in seed.json are relative (see `moments`), lines are {sku: quantity}, points are [[points, when earned]].
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
    articles = {product.sku: (product.title, product.cents, product.category) for product in catalogue.products}
    # What is sold beside the page of the shop.
    articles |= {item["sku"]: (item["title"], item["cents"], item["kind"]) for item in seed["articles"]}
    orders = [_order_row(order, by_id[order["customer_id"]], articles) for order in seed["orders"]]
    return [_customer_row(customer) for customer in customers], orders


def delivery_cents(mode: str, goods_cents: int, segment: str) -> int:
    """Delivery price by the shop's own rules: home is free from 49 €, and always for the tier "or"."""
    if mode == "home" and (goods_cents >= FREE_DELIVERY_FROM_CENTS or segment == "or"):
        return 0
    return DELIVERY_CENTS[mode]


def _customer_row(customer: Row) -> Row:
    row = {name: value for name, value in customer.items() if name not in ("points", "spent_eur")}
    return row | {"points": json.dumps(customer["points"]), "spent_cents": round(customer["spent_eur"] * 100)}


def _line(sku: str, quantity: int, article: tuple[dict[str, str], int, str], order: Row, language: str) -> Row:
    title, cents, kind = article
    line: Row = {"sku": sku, "title": title[language], "quantity": quantity, "price_eur": cents / 100, "kind": kind}
    if sku in order.get("personalised", []):
        line["personalised"] = True
    if kind == "gift_card" or "personalised" in line:
        line["returnable"] = False
    return line


def _order_row(order: Row, customer: Row, articles: dict[str, tuple[dict[str, str], int, str]]) -> Row:
    lines = [
        _line(sku, quantity, articles[sku], order, customer["language"]) for sku, quantity in order["lines"].items()
    ]
    goods_cents = sum(round(line["price_eur"] * 100) * line["quantity"] for line in lines)
    address = {
        "name": customer["name"],
        "line1": customer["address"],
        **{name: customer[name] for name in ("postcode", "city", "country")},
    }
    plain = {key: order.get(key) for key in ("number", "customer_id", "status", "placed", "mode", "carrier")}
    moments = {key: order.get(key) for key in ("expected", "delivered")}
    documents: Row = {key: order.get(key, []) for key in ("returns", "refunds", "problems", "repairs")}
    documents |= {"event": order.get("event"), "lines": lines, "address": address}
    money = {
        "goods_cents": goods_cents,
        "delivery_cents": delivery_cents(order["mode"], goods_cents, customer["segment"]),
        "payment": order.get("payment", "card"),
    }
    return plain | moments | money | {key: json.dumps(value) for key, value in documents.items()}
