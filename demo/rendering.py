"""Rows of the shop's database, as the back office API publishes them (docs/back-office.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from demo import rules
from demo.database import Record
from demo.moments import day, moment

TRACKING_SITE = "https://suivi.maison-alder.test"
# With no event of a carrier, the state of the order is all there is to tell.
_WITHOUT_EVENT = {
    "in_preparation": {"fr": "En préparation dans notre entrepôt", "en": "Being prepared in our warehouse"},
    "cancelled": {"fr": "Commande annulée", "en": "Order cancelled"},
}


def customer_json(row: Record, now: datetime) -> Record:
    """A customer, as in `GET /customers/{id}`; `phone` and `pending_email` are left out when there is none."""
    fields = ("customer_id", "name", "email", "segment", "language")
    optional = {name: row[name] for name in ("phone", "pending_email") if row[name] is not None}
    since = {"customer_since": day(row["since"], now).isoformat()}
    return {field: row[field] for field in fields} | since | optional


def order_json(row: Record, now: datetime) -> Record:
    """An order, as in `GET /orders/{number}`; `late` is true when it is on its way past the expected day."""
    expected = day(row["expected"], now) if row["expected"] else None
    late = row["status"] == "shipped" and expected is not None and expected < rules.today(now)
    received = rules.received_on(row, now)
    last_days = {} if received is None else {
        "returns_until": (received + rules.RETURN_TIME).isoformat(),
        "problems_until": (received + rules.PROBLEM_TIME).isoformat(),
    }  # fmt: skip
    reports = {name: found for name in ("problems", "repairs") if (found := json.loads(row[name]))}
    return {
        "number": row["number"],
        "customer_id": row["customer_id"],
        "status": row["status"],
        "placed_at": moment(row["placed"], now).isoformat(),
        "total_eur": (row["goods_cents"] + row["delivery_cents"]) / 100,
        "lines": [_line_json(line) for line in json.loads(row["lines"])],
        "delivery": delivery_json(row, now),
        "returns": [_resolved(item, now) for item in json.loads(row["returns"])],
        "refunds": [_refund_of_order(item, now) for item in json.loads(row["refunds"])],
        "late": late,
        **last_days,
        **reports,
    }


def orders_json(rows: Iterable[Record], now: datetime) -> list[Record]:
    """Orders, newest first."""
    orders = [order_json(row, now) for row in rows]
    return sorted(orders, key=lambda order: datetime.fromisoformat(order["placed_at"]), reverse=True)


def delivery_json(row: Record, now: datetime) -> Record:
    """How an order reaches its customer; the town is all Relais needs of the address."""
    delivered = moment(row["delivered"], now) if row["delivered"] else None
    delivery: dict[str, Any] = {
        "mode": row["mode"],
        "price_eur": row["delivery_cents"] / 100,
        "carrier": row["carrier"],
        "tracking_url": _tracking_url(row),
        "expected_on": day(row["expected"], now).isoformat() if row["expected"] else None,
        "delivered_at": delivered.isoformat() if delivered else None,
        "address_city": json.loads(row["address"])["city"],
    }
    return {key: value for key, value in delivery.items() if value is not None}


def refund_json(item: Record, now: datetime) -> Record:
    """A refund, as in `GET /orders/{number}/refunds`."""
    expected = rules.refund_expected_on(item, now)
    return {
        "refund_id": item["refund_id"],
        "status": item["status"],
        "amount_eur": item["amount_eur"],
        "means": item["to"],
        "expected_on": expected.isoformat() if expected else None,
    }


def tracking_json(row: Record, now: datetime) -> Record:
    """Where the parcel of an order is, as in `POST /orders/{number}/tracking-requests`."""
    event = json.loads(row["event"])
    if event is None:
        event = {**_WITHOUT_EVENT[row["status"]], "at": row["placed"]}
    return {
        "status": row["status"],
        "label_fr": event["fr"],
        "label_en": event["en"],
        "carrier": row["carrier"],
        "tracking_url": _tracking_url(row),
        "last_event": event["fr"],
        "last_event_at": moment(event["at"], now).isoformat(),
        "expected_on": day(row["expected"], now).isoformat() if row["expected"] else None,
    }


def _tracking_url(row: Record) -> str | None:
    return f"{TRACKING_SITE}/{row['number']}" if row["carrier"] else None


def _line_json(line: Record) -> Record:
    return {name: value for name, value in line.items() if name != "kind"}


def _refund_of_order(item: Record, now: datetime) -> Record:
    """In an order a refund is paid or not yet; its way is told by the refunds of the order."""
    status = "paid" if item["status"] == "paid" else "pending"
    shown = {name: value for name, value in item.items() if name != "received_at"}
    return _resolved({**shown, "status": status}, now)


def _resolved(item: Record, now: datetime) -> Record:
    return {key: moment(value, now).isoformat() if key.endswith("_at") else value for key, value in item.items()}
