"""What goes to the back office and what comes back (docs/back-office.md). Amounts are in euros, tax included."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, RootModel

Under = Literal["legal_guarantee", "alder_atelier", "none"]


class Known(BaseModel):
    """Fields we do not know are kept: they travel with a handoff."""

    model_config = ConfigDict(extra="allow")


class Line(Known):
    """One article of an order."""

    title: str
    quantity: int = 1
    sku: str | None = None
    price_eur: float | None = None
    personalised: bool = False
    returnable: bool = True
    """False for what is never taken back: personalised articles, gift cards, unsealed hygiene accessories."""


class Delivery(Known):
    """How and when an order reaches its customer."""

    mode: str
    price_eur: float | None = None
    carrier: str | None = None
    tracking_url: str | None = None
    expected_on: date | None = None
    delivered_at: datetime | None = None
    address_city: str | None = None


class Order(Known):
    """An order, with the last days on which it may be returned or a problem reported, known once it is delivered."""

    number: str
    customer_id: str
    status: Literal["in_preparation", "shipped", "delivered", "cancelled", "returned"]
    placed_at: datetime
    lines: list[Line] = []
    delivery: Delivery
    late: bool = False
    returns_until: date | None = None
    problems_until: date | None = None

    @property
    def is_open(self) -> bool:
        """Not yet in the customer's hands."""
        return self.status in ("in_preparation", "shipped")


class Orders(BaseModel):
    """The orders of a customer."""

    orders: list[Order]


class Tracking(BaseModel):
    """Where a parcel is."""

    status: str
    label_fr: str
    label_en: str
    carrier: str | None = None
    tracking_url: str | None = None
    expected_on: date | None = None


class Profile(BaseModel):
    """Who the customer is."""

    customer_id: str
    name: str
    segment: str
    customer_since: str
    email: str | None = None
    phone: str | None = None
    language: str | None = None


class Item(BaseModel):
    """So many of one article of an order, as a request names them."""

    sku: str
    quantity: int = 1


class Address(BaseModel):
    """Where an order is to go from now on."""

    name: str | None = None
    line1: str
    line2: str | None = None
    postcode: str
    city: str
    country: Literal["FR", "BE", "LU"] = "FR"


class Cancellation(BaseModel):
    """`refund_eur` is 0 when nothing had been debited yet; else it is paid back until `refunded_by`."""

    status: str
    refund_eur: float = 0.0
    refunded_by: date | None = None


class Return(BaseModel):
    """A return as announced: a label to print for a pick-up point, nothing to print for a shop."""

    return_id: str
    status: str
    method: Literal["shop", "pickup_point"]
    cost_eur: float
    refund_eur: float | None = None
    """What is paid back once the parcel is there, the cost deducted; None when the back office does not say."""
    label_url: str | None = None
    deadline: date


class Refund(BaseModel):
    """Money on its way back; `expected_on` is unknown before the parcel arrived."""

    refund_id: str
    status: Literal["waiting_parcel", "received", "issued", "paid"]
    amount_eur: float
    means: str
    expected_on: date | None = None


class Problem(BaseModel):
    """A report of something broken, missing or wrong; somebody looks at it first while it is "to_check"."""

    problem_id: str
    status: Literal["accepted", "to_check"]
    resolution: Literal["replacement", "refund"] | None = None
    amount_eur: float | None = None
    expected_on: date | None = None


class Repair(BaseModel):
    """A repair; `price_eur` is 0 under guarantee, None while a quote is to follow; `days` are working days."""

    repair_id: str
    under: Under
    status: str
    price_eur: float | None = None
    days: tuple[int, int]


class Guarantee(BaseModel):
    """The guarantee of one article bought; `until` is its last day, also when it is over ("none")."""

    order: str
    sku: str
    title: str
    under: Under
    until: date


class Invoice(BaseModel):
    """`url` opens without signing in and for a short while: it is for the customer alone."""

    number: str
    issued_on: date
    total_eur: float
    url: str


class ExpiringPoints(BaseModel):
    """Points that are lost on a day."""

    points: int
    on: date


class Loyalty(BaseModel):
    """Points and tier; `to_next_tier_eur` is None in the highest."""

    tier: str
    points: int
    worth_eur: float
    expiring: list[ExpiringPoints] = []
    to_next_tier_eur: float | None = None


class ContactChange(BaseModel):
    """The customer as they are now: a new e-mail address counts once its link is opened ("pending_confirmation")."""

    customer: Profile
    status: Literal["changed", "pending_confirmation"]


class Erasure(BaseModel):
    """A request to be forgotten: what the law lets us erase is erased until `done_by`."""

    status: str
    done_by: date


class Closure(BaseModel):
    """An account on its way to be closed."""

    status: str
    effective_on: date


class Account(BaseModel):
    """Whose account an e-mail address is."""

    customer_id: str
    email: str


class Shop(BaseModel):
    """A shop; `hours` maps mon…sun to spans such as "10:00-19:00", an empty list when it is closed."""

    shop_id: str
    name: str
    address: str
    postcode: str
    city: str
    country: str
    distance_km: float | None = None
    phone: str | None = None
    hours: dict[str, list[str]] = {}


class Export(RootModel[dict[str, Any]]):
    """All that is held about a customer, as the back office words it."""
