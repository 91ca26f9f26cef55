"""What Maison Alder allows and until when. A rule that refuses raises ApiError (409, 422) with a stable code."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from demo.database import Record
from demo.errors import ApiError
from demo.moments import PARIS, day, years_later

RETURN_TIME = timedelta(days=30)
WITHDRAWAL_TIME = timedelta(days=14)
PROBLEM_TIME = timedelta(days=7)
REFUND_TIME = timedelta(days=7)
BANK_TIME = timedelta(days=3)
RETURN_COST_CENTS = {"shop": 0, "pickup_point": 450}
LEGAL_YEARS, ATELIER_YEARS, PARTS_YEARS = 2, 5, 7
REPAIR_WORKING_DAYS = (10, 15)
ATELIER_SKU = "LMP-ATL"
# What has something to repair; tableware is exchanged under the same guarantee.
REPAIRABLE = ("lamps", "kitchen")
ADDRESSED_MODES = ("home", "express", "belgium_luxembourg")
COUNTRIES = ("FR", "BE", "LU")
_POSTCODES = {"FR": r"\d{5}", "BE": r"\d{4}", "LU": r"(?:L-?)?\d{4}"}
_OVERSEAS = re.compile(r"9[78]\d{3}")


def today(now: datetime) -> date:
    """The calendar day in Paris."""
    return now.astimezone(PARIS).date()


def received_on(order: Record, now: datetime) -> date | None:
    """The day the customer received an order, None when it is not there yet."""
    return day(order["delivered"], now) if order["delivered"] else None


def check_cancellable(order: Record) -> None:
    """In preparation, and nothing personalised in it."""
    if order["status"] == "cancelled":
        raise ApiError(409, "already_cancelled", "This order is cancelled already.")
    if order["status"] != "in_preparation":
        raise ApiError(409, "not_cancellable", "An order can be cancelled only while it is in preparation.")
    if any(line.get("personalised") for line in json.loads(order["lines"])):
        raise ApiError(409, "personalised", "A personalised article cannot be cancelled.")


def check_address_changeable(order: Record) -> None:
    """In preparation, and sent to an address of the customer's."""
    if order["status"] != "in_preparation" or order["mode"] not in ADDRESSED_MODES:
        raise ApiError(409, "not_changeable", "The address can be changed only while a delivery is in preparation.")


def checked_address(address: Record) -> Record:
    """The address as it will be written on the parcel."""
    country = str(address["country"]).upper()
    if country not in COUNTRIES:
        raise ApiError(422, "country_not_served", "Delivery goes to France, Belgium and Luxembourg only.")
    tidy = {name: " ".join(str(value).split()) for name, value in address.items() if value is not None}
    postcode = tidy["postcode"].replace(" ", "").upper()
    if country == "FR" and _OVERSEAS.fullmatch(postcode):
        raise ApiError(422, "country_not_served", "Delivery does not go overseas.")
    for name in ("line1", "city"):
        if not any(letter.isalpha() for letter in tidy[name]):
            raise ApiError(422, "address_invalid", f"{name} needs words.")
    if not re.fullmatch(_POSTCODES[country], postcode):
        raise ApiError(422, "address_invalid", f"This is no postcode of {country}.")
    return tidy | {"country": country, "postcode": postcode}


def chosen_lines(order: Record, wanted: Sequence[Record]) -> list[Record]:
    """The lines of the order that a request names, with the quantity it names."""
    by_sku = {line["sku"]: line for line in json.loads(order["lines"])}
    skus = [item["sku"] for item in wanted]
    if len(set(skus)) < len(skus) or any(sku not in by_sku for sku in skus):
        raise ApiError(422, "unknown_line", "Each line must be an article of this order, once.")
    if any(item["quantity"] > by_sku[item["sku"]]["quantity"] for item in wanted):
        raise ApiError(422, "unknown_line", "More was named than was ordered.")
    return [by_sku[item["sku"]] | {"quantity": item["quantity"]} for item in wanted]


def goods_cents(lines: Sequence[Record]) -> int:
    """The price of so many articles."""
    return sum(round(float(line["price_eur"]) * 100) * int(line["quantity"]) for line in lines)


def check_returnable(order: Record, lines: Sequence[Record], now: datetime) -> date:
    """The last day of the return; for 30 days, but for what was made for one person and for gift cards."""
    received = _delivered(order, now)
    gone: dict[str, int] = {}
    for item in json.loads(order["returns"]):
        gone[item["sku"]] = gone.get(item["sku"], 0) + item["quantity"]
    ordered = {line["sku"]: line["quantity"] for line in json.loads(order["lines"])}
    if any(gone.get(line["sku"], 0) + line["quantity"] > ordered[line["sku"]] for line in lines):
        raise ApiError(409, "already_returned", "This article is on its way back already.")
    if not all(line.get("returnable", True) for line in lines):
        raise ApiError(409, "not_returnable", "Personalised articles and gift cards are not taken back.")
    if today(now) > received + RETURN_TIME:
        raise ApiError(409, "too_late", "Articles are taken back for 30 days from receipt.")
    return received + RETURN_TIME


def returned_cents(order: Record, lines: Sequence[Record], method: str, now: datetime) -> int:
    """What a return pays back: the articles less the label; the delivery too when all is withdrawn in 14 days."""
    cents = goods_cents(lines)
    ordered = {line["sku"]: line["quantity"] for line in json.loads(order["lines"])}
    everything = {line["sku"]: line["quantity"] for line in lines} == ordered
    received = received_on(order, now)
    if everything and received is not None and today(now) <= received + WITHDRAWAL_TIME:
        cents += int(order["delivery_cents"])
    return cents - RETURN_COST_CENTS[method]


def check_reportable(order: Record, lines: Sequence[Record], now: datetime) -> None:
    """Within 7 days, each article once."""
    received = _delivered(order, now)
    if today(now) > received + PROBLEM_TIME:
        raise ApiError(409, "too_late", "A problem is to be reported within 7 days from receipt.")
    reported = {item["sku"] for problem in json.loads(order["problems"]) for item in problem["lines"]}
    if any(line["sku"] in reported for line in lines):
        raise ApiError(409, "already_reported", "This article was reported already.")


def guarantee(line: Record, received: date, now: datetime) -> tuple[str, date]:
    """Under which guarantee an article is, and its last day: two years by law, five on Alder Atelier lamps."""
    atelier = line["sku"].startswith(ATELIER_SKU)
    until = years_later(received, ATELIER_YEARS if atelier else LEGAL_YEARS)
    if today(now) > until:
        return "none", until
    return ("alder_atelier" if atelier else "legal_guarantee"), until


def check_repairable(order: Record, line: Record, now: datetime) -> str:
    """The guarantee it is repaired under; spare parts are kept for 7 years."""
    received = _delivered(order, now)
    if any(repair["sku"] == line["sku"] for repair in json.loads(order["repairs"])):
        raise ApiError(409, "already_in_repair", "This article is in repair already.")
    if line["kind"] not in REPAIRABLE:
        raise ApiError(409, "not_repairable", "There is nothing to repair in such an article.")
    if today(now) > years_later(received, PARTS_YEARS):
        raise ApiError(409, "not_repairable", "Spare parts are kept for 7 years.")
    return guarantee(line, received, now)[0]


def refund_expected_on(refund: Record, now: datetime) -> date | None:
    """By when the money is there; unknown while the parcel is on its way."""
    if refund["status"] == "received":
        return day(refund["received_at"], now) + REFUND_TIME + BANK_TIME
    if refund["status"] == "issued":
        return day(refund["issued_at"], now) + BANK_TIME
    return None


def _delivered(order: Record, now: datetime) -> date:
    received = received_on(order, now)
    if received is None:
        raise ApiError(409, "not_delivered", "This order has not been delivered.")
    return received
