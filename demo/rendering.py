"""Rows of the shop's database, as the back office API publishes them (docs/back-office.md)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from demo.database import Record
from demo.moments import PARIS, day, moment

TRACKING_SITE = "https://suivi.maison-alder.test"
# With no event of a carrier, the state of the order is all there is to tell.
_WITHOUT_EVENT = {
    "in_preparation": {"fr": "En préparation dans notre entrepôt", "en": "Being prepared in our warehouse"},
    "cancelled": {"fr": "Commande annulée", "en": "Order cancelled"},
}


def customer_json(row: Record, now: datetime) -> Record:
    """A customer, as in `GET /customers/{id}`."""
    fields = ("customer_id", "name", "email", "segment", "language")
    return {**{field: row[field] for field in fields}, "customer_since": day(row["since"], now).isoformat()}


def order_json(row: Record, now: datetime) -> Record:
    """An order, as in `GET /orders/{number}`; `late` is true when it is on its way past the expected day."""
    expected = day(row["expected"], now) if row["expected"] else None
    delivered = moment(row["delivered"], now) if row["delivered"] else None
    late = row["status"] == "shipped" and expected is not None and expected < now.astimezone(PARIS).date()
    delivery: dict[str, Any] = {
        "mode": row["mode"],
        "carrier": row["carrier"],
        "tracking_url": _tracking_url(row),
        "expected_on": expected.isoformat() if expected else None,
        "delivered_at": delivered.isoformat() if delivered else None,
        "address_city": row["city"],
    }
    return {
        "number": row["number"],
        "customer_id": row["customer_id"],
        "status": row["status"],
        "placed_at": moment(row["placed"], now).isoformat(),
        "total_eur": row["total_cents"] / 100,
        "lines": json.loads(row["lines"]),
        "delivery": {key: value for key, value in delivery.items() if value is not None},
        "returns": [_resolved(item, "requested_at", now) for item in json.loads(row["returns"])],
        "refunds": [_resolved(item, "issued_at", now) for item in json.loads(row["refunds"])],
        "late": late,
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


def _resolved(item: dict[str, Any], key: str, now: datetime) -> dict[str, Any]:
    return {**item, key: moment(item[key], now).isoformat()}
