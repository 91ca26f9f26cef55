"""What a verified customer may see and do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from actions.back_office import envelopes
from actions.back_office.errors import BackOfficeError, NoSuchOrderError
from actions.back_office.models import (
    Address,
    Cancellation,
    Closure,
    ContactChange,
    Delivery,
    Erasure,
    Export,
    Guarantee,
    Invoice,
    Item,
    Loyalty,
    Order,
    Orders,
    Problem,
    Profile,
    Refund,
    Repair,
    Return,
    Tracking,
)

Model = TypeVar("Model", bound=BaseModel)


class Asks(Protocol):
    """The one thing a customer needs of the client."""

    async def ask(
        self, method: str, path: str, form: type[Model], *, body: Any = None, key: str | None = None
    ) -> Model:
        """The answer in its agreed form."""


class Customer:
    """One customer's data; made by BackOffice.customer only.

    Every method raises BackOfficeError when the back office fails. Those that take an order or its number raise
    NoSuchOrderError when it is not this customer's. Those that change something take the idempotency key of the
    change (the same key again gives the same answer and changes nothing) and raise RefusedError with a code.
    """

    def __init__(self, office: Asks, reference: str) -> None:
        self._office = office
        self.reference = reference

    async def profile(self) -> Profile:
        """Who they are."""
        return await self._office.ask("GET", self._me(), Profile)

    async def orders(self) -> list[Order]:
        """Their orders, newest first."""
        reply = await self._office.ask("GET", self._me("/orders"), Orders)
        mine = [order for order in reply.orders if order.customer_id == self.reference]
        return sorted(mine, key=lambda order: order.placed_at, reverse=True)

    async def order(self, number: str) -> Order:
        """One order; somebody else's is as unknown as one that does not exist."""
        order = await self._office.ask("GET", f"/orders/{quote(number, safe='')}", Order)
        self._check_own(order)
        return order

    async def track(self, order: Order, *, idempotency_key: str) -> Tracking:
        """Ask where the parcel is."""
        path = self._of(order, "/tracking-requests")
        return (await self._office.ask("POST", path, envelopes.TrackingReply, key=idempotency_key)).tracking

    async def cancel(self, order: Order, *, idempotency_key: str, reason: str | None = None) -> Cancellation:
        """Cancel an order. Codes: not_cancellable, already_cancelled, personalised."""
        body = {"reason": reason} if reason else {}
        path = self._of(order, "/cancellation")
        reply = await self._office.ask("POST", path, envelopes.CancellationReply, body=body, key=idempotency_key)
        return reply.cancellation

    async def change_address(self, order: Order, address: Address, *, idempotency_key: str) -> Delivery:
        """Send an order elsewhere. Codes: not_changeable, address_invalid, country_not_served."""
        body = address.model_dump(exclude_none=True)
        path = self._of(order, "/delivery-address")
        reply = await self._office.ask("PATCH", path, envelopes.DeliveryReply, body=body, key=idempotency_key)
        return reply.delivery

    async def create_return(
        self,
        order: Order,
        items: Sequence[Item],
        *,
        reason: str,
        method: Literal["shop", "pickup_point"],
        idempotency_key: str,
    ) -> Return:
        """Announce a return. Codes: too_late, not_returnable, already_returned, not_delivered, unknown_line."""
        body = {"lines": _lines(items), "reason": reason, "method": method}
        path = self._of(order, "/returns")
        return (await self._office.ask("POST", path, envelopes.ReturnReply, body=body, key=idempotency_key)).announced

    async def refunds(self, order: Order) -> list[Refund]:
        """The refunds of an order, newest first; empty when none is due."""
        return (await self._office.ask("GET", self._of(order, "/refunds"), envelopes.RefundsReply)).refunds

    async def report_problem(
        self,
        order: Order,
        items: Sequence[Item],
        *,
        kind: Literal["broken", "missing", "wrong"],
        description: str,
        wish: Literal["replace", "refund"],
        idempotency_key: str,
        file_ids: Sequence[str] = (),
    ) -> Problem:
        """Report something wrong with what arrived. Codes: too_late, already_reported, not_delivered, unknown_line."""
        body = {
            "kind": kind,
            "lines": _lines(items),
            "description": description,
            "file_ids": list(file_ids),
            "wish": wish,
        }
        path = self._of(order, "/problems")
        return (await self._office.ask("POST", path, envelopes.ProblemReply, body=body, key=idempotency_key)).problem

    async def repair(
        self, order: Order, sku: str, *, symptom: str, idempotency_key: str, diagnosis: str | None = None
    ) -> Repair:
        """Have an article repaired. Codes: not_repairable, already_in_repair, not_delivered, unknown_line."""
        body = {"order": order.number, "sku": sku, "symptom": symptom} | ({"diagnosis": diagnosis} if diagnosis else {})
        self._check_own(order)
        reply = await self._office.ask("POST", "/repairs", envelopes.RepairReply, body=body, key=idempotency_key)
        return reply.repair

    async def guarantees(self) -> list[Guarantee]:
        """The guarantees of all they received, newest first."""
        return (await self._office.ask("GET", self._me("/guarantees"), envelopes.GuaranteesReply)).guarantees

    async def invoice(self, order: Order) -> Invoice | None:
        """The invoice of an order; None until it is dispatched."""
        path = self._of(order, "/invoice")
        try:
            return (await self._office.ask("GET", path, envelopes.InvoiceReply)).invoice
        except NoSuchOrderError:
            return None

    async def loyalty(self) -> Loyalty:
        """Their points and tier."""
        return (await self._office.ask("GET", self._me("/loyalty"), envelopes.LoyaltyReply)).loyalty

    async def change_contact(
        self, *, idempotency_key: str, email: str | None = None, phone: str | None = None
    ) -> ContactChange:
        """Change the e-mail address or the phone number.

        Codes: email_invalid, phone_invalid, and email_taken, which must be told in the same words as success: a
        customer may not find out who else has an account.
        """
        body = {name: value for name, value in (("email", email), ("phone", phone)) if value}
        return await self._office.ask("PATCH", self._me("/contact"), ContactChange, body=body, key=idempotency_key)

    async def export(self) -> dict[str, Any]:
        """All that the company holds about them, in its own form; what does not name them is not about them."""
        held = (await self._office.ask("GET", self._me("/export"), Export)).root
        if json.dumps(self.reference) not in json.dumps(held):
            raise BackOfficeError("the export does not name the customer")
        return held

    async def erase(self, *, idempotency_key: str) -> Erasure:
        """Ask to be forgotten."""
        path = self._me("/erasure")
        return (await self._office.ask("POST", path, envelopes.ErasureReply, body={}, key=idempotency_key)).erasure

    async def close(self, *, idempotency_key: str) -> Closure:
        """Close the account. Code: open_orders."""
        path = self._me("/closure")
        return (await self._office.ask("POST", path, envelopes.ClosureReply, body={}, key=idempotency_key)).closure

    def _me(self, below: str = "") -> str:
        return f"/customers/{quote(self.reference, safe='')}{below}"

    def _of(self, order: Order, below: str) -> str:
        self._check_own(order)
        return f"/orders/{quote(order.number, safe='')}{below}"

    def _check_own(self, order: Order) -> None:
        if order.customer_id != self.reference:
            raise NoSuchOrderError


def _lines(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [item.model_dump() for item in items]
