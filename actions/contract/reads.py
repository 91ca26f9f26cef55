"""Checks that change nothing."""

from __future__ import annotations

from urllib.parse import quote

from actions.back_office import Account, Order, Profile, Shop
from actions.contract.session import Session, error_code, require

NOBODY, NO_ORDER, NO_EMAIL = "no-such-customer", "no-such-order", "nobody@relais-contract.invalid"
# Of many orders a few tell enough.
MOST_ORDERS = 5
WEEK = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}


async def check_reads(session: Session, near: str) -> None:
    """Everything that can be checked by looking."""
    await _door(session)
    profile = await _person(session)
    if profile is not None:
        await _lookup(session, profile)
    orders = await _orders(session)
    for order in orders[:MOST_ORDERS]:
        await _order(session, order)
    await _shops(session, near)


async def _door(session: Session) -> None:
    me = f"/customers/{quote(session.customer_id, safe='')}"

    async def stranger() -> None:
        status, answer = await session.stranger.call("GET", me)
        require(status == 401, f"answered {status} instead of 401")
        error_code(answer)

    await session.check(f"GET {me} with another token", "401", stranger)
    await session.expect(f"GET /customers/{NOBODY}", 404, ("customer_not_found",))
    await session.expect(f"GET /orders/{NO_ORDER}", 404, ("order_not_found",))


async def _person(session: Session) -> Profile | None:
    customer, me = session.customer, f"/customers/{session.customer_id}"

    async def profile() -> Profile:
        found = await customer.profile()
        require(found.customer_id == session.customer_id, "is another customer")
        return found

    async def export() -> None:
        require(await customer.export(), "is empty")

    found: Profile | None = await session.check(f"GET {me}", "the customer", profile)
    await session.check(f"GET {me}/guarantees", "guarantees", customer.guarantees)
    await session.check(f"GET {me}/loyalty", "points and tier", customer.loyalty)
    await session.check(f"GET {me}/export", "all that is held", export)
    return found


async def _lookup(session: Session, profile: Profile) -> None:
    async def known(email: str) -> None:
        account: Account | None = await session.office.lookup(session.lookup_token(email), "contract")
        require(account is not None, "is not known")
        require(account and account.customer_id == profile.customer_id, "is another customer")

    async def unknown() -> None:
        account = await session.office.lookup(session.lookup_token(NO_EMAIL), "contract")
        require(account is None, "is somebody")

    email = profile.email or ""
    await session.check("GET /customers/lookup of the customer", "the customer", lambda: known(email))
    await session.check("GET /customers/lookup in capitals", "the customer", lambda: known(email.upper()))
    await session.check("GET /customers/lookup of nobody", "404", unknown)


async def _orders(session: Session) -> list[Order]:
    async def listed() -> list[Order]:
        orders = (await session.customer.orders())[:]
        require(orders, "is empty: name a customer with orders")
        status, answer = await session.plain.call("GET", f"/customers/{quote(session.customer_id, safe='')}/orders")
        require(status == 200 and len(answer["orders"]) == len(orders), "holds orders of somebody else")
        numbers = [each["number"] for each in answer["orders"]]
        require(numbers == [order.number for order in orders], "is not sorted, newest first")
        return orders

    return await session.check(f"GET /customers/{session.customer_id}/orders", "orders, newest first", listed) or []


async def _order(session: Session, order: Order) -> None:
    path = f"/orders/{order.number}"

    async def again() -> None:
        require(await session.customer.order(order.number) == order, "is not what the list of orders says")
        require(order.lines and all(line.sku for line in order.lines), "has no lines with a sku")

    async def invoice() -> None:
        found = await session.customer.invoice(order)
        if order.status == "in_preparation":
            require(found is None, "exists before dispatch")
        elif order.status in ("shipped", "delivered"):
            require(found is not None, "does not exist after dispatch")
            require(found and found.url.startswith(("https://", "http://")), "has no link")

    await session.check(f"GET {path}", "as listed", again)
    await session.check(f"GET {path}/refunds", "refunds", lambda: session.customer.refunds(order))
    expects = "404" if order.status == "in_preparation" else "an invoice"
    await session.check(f"GET {path}/invoice", expects, invoice)


async def _shops(session: Session, near: str) -> None:
    async def nearest() -> None:
        shops: list[Shop] = await session.office.shops(near, limit=3)
        require(1 <= len(shops) <= 3, f"gives {len(shops)} shops instead of 1 to 3")
        distances = [shop.distance_km for shop in shops if shop.distance_km is not None]
        require(distances == sorted(distances), "is not sorted, nearest first")
        require(
            all(set(shop.hours) == WEEK for shop in shops),
            "lacks hours",
        )

    await session.check(f"GET /shops?near={near}", "the nearest shops", nearest)
    await session.expect("GET /shops?near=zzyzxqq", 422, ("place_unknown",))
