"""What the tests of prepared tasks share: an advisor who offers, a customer who presses."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.test_handoff import identity, taken

Json = dict[str, Any]
ORDER = {"order": "MA-104871"}


async def draft(desk: Desk, customer: Customer, **start: Any) -> str:
    status, body = await desk.call("POST", f"conversations/{customer.id}/prepared", {"task": "cancel_order"} | start)
    assert status == 201, body
    return str(body["prepared"]["id"])


async def offered(desk: Desk, customer: Customer) -> tuple[str, Json]:
    """An offer, and its card as the customer sees it."""
    prepared = await draft(desk, customer)
    one = f"conversations/{customer.id}/prepared/{prepared}"
    status, body = await desk.call("PUT", one, {"values": ORDER})
    assert (status, body["form"]["complete"]) == (200, True)
    status, body = await desk.call("POST", one + "/offer")
    assert (status, body["prepared"]["status"]) == (200, "offered"), body
    return prepared, (await customer.read())["messages"][-1]


async def press(customer: Customer, card: Json, title: str = "Confirmer", key: str | None = None) -> Json:
    """The message that the press became, and all that was said after it."""
    choice = next(each["payload"] for each in card["choices"] if each["title"] == title)
    body = {"client_message_id": key or f"p{next(customer.ids)}", "choice": choice}
    status, answer = await customer.post("messages", body)
    assert status in (200, 202), answer
    said: Json = answer["message"]
    return said


async def state(desk: Desk, customer: Customer, prepared: str) -> Json:
    _, body = await desk.call("GET", f"conversations/{customer.id}/prepared")
    return next(each for each in body["prepared"] if each["id"] == prepared)


async def until(desk: Desk, customer: Customer, prepared: str, status: str) -> Json:
    async with asyncio.timeout(30):
        while (shown := await state(desk, customer, prepared))["status"] != status:
            await asyncio.sleep(0.02)
    return shown


async def known(bot: Bot) -> tuple[Customer, Desk, str]:
    """A customer signed in on the site, and the advisor who has the conversation."""
    customer = await bot.customer(locale="fr", identity=identity(bot))
    desk, handoff = await taken(bot, customer)
    return customer, desk, handoff
