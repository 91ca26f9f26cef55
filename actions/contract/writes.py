"""Checks that change scratch orders: once for a key, refused where a rule refuses."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote

from actions.back_office import NoSuchOrderError, Order
from actions.back_office.client import change_key
from actions.contract import samples
from actions.contract.session import BrokenError, Session, require


async def check_writes(session: Session, numbers: list[str]) -> None:
    """What the state of each order allows, and what it does not."""
    await session.expect(
        "POST /orders/no-such-order/cancellation", 404, ("order_not_found",), {}, key=secrets.token_hex(8)
    )
    for number in numbers:
        order = await session.check(f"GET /orders/{number}", "an order of the customer", _finder(session, number))
        if isinstance(order, Order):
            await _tracking(session, order)
            if order.status == "in_preparation":
                await _in_preparation(session, order)
            elif order.status == "delivered":
                await _delivered(session, order)
            else:
                await _refuses(session, order)


def _finder(session: Session, number: str) -> Any:
    async def find() -> Order:
        try:
            return await session.customer.order(number)
        except NoSuchOrderError:
            raise BrokenError("is not an order of this customer") from None

    return find


async def _tracking(session: Session, order: Order) -> None:
    path = f"POST /orders/{quote(order.number, safe='')}/tracking-requests"
    await _needs_a_key(session, path, None)
    key = secrets.token_hex(8)

    async def twice() -> None:
        first = await session.customer.track(order, idempotency_key=key)
        require(await session.customer.track(order, idempotency_key=key) == first, "answers otherwise the second time")

    await session.check(f"{path}, twice", "the same answer", twice)


async def _in_preparation(session: Session, order: Order) -> None:
    address = f"PATCH /orders/{quote(order.number, safe='')}/delivery-address"
    cancellation = f"POST /orders/{quote(order.number, safe='')}/cancellation"
    await _needs_a_key(session, address, samples.ADDRESS)
    for body, code in samples.BAD_ADDRESSES:
        await session.expect(address, 422, (code,), body, key=secrets.token_hex(8))
    await _once(session, address, samples.ADDRESS, {**samples.ADDRESS, "line1": "2 rue de l’Essai"})
    await session.check(f"GET /orders/{order.number}", "the new address", lambda: _goes_to(session, order))
    await _needs_a_key(session, cancellation, {})
    await _once(session, cancellation, {"reason": "contract"}, {"reason": "another"})
    await session.expect(cancellation, 409, ("already_cancelled",), {}, key=secrets.token_hex(8))
    await session.check(f"GET /orders/{order.number}", "cancelled", lambda: _is_cancelled(session, order))
    await session.expect(address, 409, ("not_changeable",), samples.ADDRESS, key=secrets.token_hex(8))


async def _delivered(session: Session, order: Order) -> None:
    at = f"/orders/{quote(order.number, safe='')}"
    first = order.lines[0]
    item = {"sku": first.sku, "quantity": 1}
    repair = {"order": order.number, "sku": first.sku, "symptom": "contract"}
    problem, returned = samples.PROBLEM | {"lines": [item]}, samples.RETURN | {"lines": [item]}
    await session.expect(f"POST {at}/cancellation", 409, ("not_cancellable",), {}, key=secrets.token_hex(8))
    unknown = samples.RETURN | {"lines": [{"sku": "no-such-sku", "quantity": 1}]}
    await session.expect(f"POST {at}/returns", 422, ("unknown_line",), unknown, key=secrets.token_hex(8))
    everything = samples.RETURN | {"lines": [{"sku": first.sku, "quantity": first.quantity + 1}]}
    codes = ("unknown_line", "already_returned")
    await session.expect(f"POST {at}/returns", 422, codes, everything, key=secrets.token_hex(8))
    await _once(session, f"POST {at}/problems", problem, {**problem, "wish": "refund"})
    await session.expect(f"POST {at}/problems", 409, ("already_reported",), problem, key=secrets.token_hex(8))
    await _once(session, "POST /repairs", repair, {**repair, "symptom": "another"})
    await session.expect("POST /repairs", 409, ("already_in_repair",), repair, key=secrets.token_hex(8))
    await _once(session, f"POST {at}/returns", returned, {**returned, "method": "pickup_point"})
    if first.quantity == 1:
        await session.expect(f"POST {at}/returns", 409, ("already_returned",), returned, key=secrets.token_hex(8))


async def _refuses(session: Session, order: Order) -> None:
    at = f"/orders/{quote(order.number, safe='')}"
    code = "already_cancelled" if order.status == "cancelled" else "not_cancellable"
    await session.expect(f"POST {at}/cancellation", 409, (code,), {}, key=secrets.token_hex(8))
    await session.expect(
        f"PATCH {at}/delivery-address", 409, ("not_changeable",), samples.ADDRESS, key=secrets.token_hex(8)
    )


async def _needs_a_key(session: Session, call: str, body: Any) -> None:
    await session.expect(call, 400, ("idempotency_key_required",), body)


async def _once(session: Session, call: str, body: Any, other: Any) -> None:
    """Allowed, the same again under its key, refused under it with another body."""
    key, (method, _, path) = secrets.token_hex(8), call.partition(" ")
    form = samples.FORMS[path.rpartition("/")[2]]

    async def first() -> Any:
        answer = await session.office.ask(method, path, form, body=body, key=key)
        return answer.model_dump(mode="json")

    async def again() -> None:
        answer = await session.office.ask(method, path, form, body=body, key=key)
        require(answer.model_dump(mode="json") == made, "answers otherwise the second time")

    made = await session.check(call, "done", first)
    if made is not None:
        await session.check(f"{call} again", "the same answer", again)
        await session.expect(call, 422, ("idempotency_key_reused",), other, key=change_key(key, path))


async def _goes_to(session: Session, order: Order) -> None:
    city = (await session.customer.order(order.number)).delivery.address_city
    require(city == samples.ADDRESS["city"], f"goes to {city}")


async def _is_cancelled(session: Session, order: Order) -> None:
    status = (await session.customer.order(order.number)).status
    require(status == "cancelled", f"is {status}")
