"""The company's back office. Here, and nowhere else, it is decided whose data may be seen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import jwt
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from actions.neighbour import Neighbour, NeighbourError

TIMEOUT_SECONDS = 4.0
ISSUER, AUDIENCE = "relais-bot", "relais-actions"

log = structlog.get_logger(__name__)
Model = TypeVar("Model", bound=BaseModel)


class NotVerifiedError(Exception):
    """Nobody has proved who they are in this conversation, so no personal data."""


class BackOfficeError(Exception):
    """The back office is down, slow, or answers nonsense."""


class NoSuchOrderError(Exception):
    """There is no such order on this customer's account; somebody else's order is no different."""


class Line(BaseModel):
    """One article of an order."""

    model_config = ConfigDict(extra="allow")

    title: str
    quantity: int = 1


class Delivery(BaseModel):
    """How and when an order reaches its customer."""

    model_config = ConfigDict(extra="allow")

    mode: str
    carrier: str | None = None
    tracking_url: str | None = None
    expected_on: date | None = None
    delivered_at: datetime | None = None


class Order(BaseModel):
    """An order; fields we do not know are kept, they travel with a handoff."""

    model_config = ConfigDict(extra="allow")

    number: str
    customer_id: str
    status: Literal["in_preparation", "shipped", "delivered", "cancelled", "returned"]
    placed_at: datetime
    lines: list[Line] = []
    delivery: Delivery
    late: bool = False

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


class TrackingReply(BaseModel):
    """Envelope of Tracking."""

    tracking: Tracking


class Profile(BaseModel):
    """Who the customer is."""

    customer_id: str
    name: str
    segment: str
    customer_since: str


class BackOffice(Neighbour):
    """Client of the back office; `customer` is the only way in."""

    def __init__(self, base_url: str, token: str, identity_secret: str) -> None:
        super().__init__(base_url, timeout_seconds=TIMEOUT_SECONDS, headers={"Authorization": f"Bearer {token}"})
        self._identity_secret = identity_secret

    def customer(self, identity_token: str | None, conversation_id: str) -> Customer:
        """The door to one customer's data.

        Raises NotVerifiedError unless bot signed, for this very conversation, that the customer proved who they are.
        """
        return Customer(self, _verified_reference(identity_token, conversation_id, self._identity_secret))

    async def ask(self, method: str, path: str, form: type[Model], headers: dict[str, str] | None = None) -> Model:
        """The answer in its agreed form. Raises NoSuchOrderError (not found) or BackOfficeError."""
        try:
            status, body = await self._call(method, path, headers=headers)
        except NeighbourError as error:
            log.warning("back_office_unavailable", cause=str(error))
            raise BackOfficeError from error
        if status == 404:
            raise NoSuchOrderError
        if status != 200:
            log.error("back_office_refused", status=status)
            raise BackOfficeError
        try:
            return form.model_validate(body)
        except ValidationError as error:
            log.warning("back_office_nonsense", form=form.__name__, problems=error.error_count())
            raise BackOfficeError from error


class Customer:
    """What a verified customer may see and do; made by BackOffice.customer only."""

    def __init__(self, office: BackOffice, reference: str) -> None:
        self._office = office
        self.reference = reference

    async def profile(self) -> Profile:
        """Raises BackOfficeError."""
        return await self._office.ask("GET", f"/customers/{quote(self.reference, safe='')}", Profile)

    async def orders(self) -> list[Order]:
        """Their orders, newest first. Raises BackOfficeError."""
        reply = await self._office.ask("GET", f"/customers/{quote(self.reference, safe='')}/orders", Orders)
        mine = [order for order in reply.orders if order.customer_id == self.reference]
        return sorted(mine, key=lambda order: order.placed_at, reverse=True)

    async def order(self, number: str) -> Order:
        """Raises NoSuchOrderError, in the same way for an order of somebody else, and BackOfficeError."""
        order = await self._office.ask("GET", f"/orders/{quote(number, safe='')}", Order)
        if order.customer_id != self.reference:
            raise NoSuchOrderError
        return order

    async def track(self, order: Order, *, idempotency_key: str) -> Tracking:
        """Ask where the parcel is; the same key again records nothing twice. Raises as `order` does."""
        path = f"/orders/{quote(order.number, safe='')}/tracking-requests"
        reply = await self._office.ask("POST", path, TrackingReply, headers={"Idempotency-Key": idempotency_key})
        return reply.tracking


def _verified_reference(identity_token: str | None, conversation_id: str, secret: str) -> str:
    try:
        claims: dict[str, Any] = jwt.decode(
            identity_token or "",
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["exp", "iat", "sub", "iss", "aud"]},
        )
    except jwt.PyJWTError as error:
        raise NotVerifiedError from error
    if claims.get("assurance") != "verified" or claims.get("cid") != conversation_id:
        raise NotVerifiedError
    return str(claims["sub"])
