"""An order that is late is spoken of before anybody asks, once in a conversation."""

from __future__ import annotations

import asyncio

from rasa_sdk.events import EventType, SlotSet

from actions.back_office import BackOfficeError, NoSuchOrderError, NotVerifiedError
from actions.tasks.context import Context

# A greeting must not wait for a back office in trouble.
PATIENCE_SECONDS = 1.0
# These tell it themselves.
ABOUT_ORDERS = ("track_order",)


async def hint(ctx: Context, task: str | None) -> list[EventType]:
    """Say so, and remember that it was looked at; nothing for somebody who has not proved who they are."""
    if ctx.tracker.get_slot("late_looked_at") or not ctx.verified:
        return []
    if task in ABOUT_ORDERS:
        return [SlotSet("late_looked_at", True)]
    try:
        orders = await asyncio.wait_for(ctx.orders(), PATIENCE_SECONDS)
    except (TimeoutError, BackOfficeError, NoSuchOrderError, NotVerifiedError):
        return []
    late = next((order for order in orders if order.is_open and order.late and order.number != ctx.number), None)
    if late is None:
        return [SlotSet("late_looked_at", True)]
    ctx.say("utter_order_late_hint", number=late.number)
    return [SlotSet("late_looked_at", True), SlotSet("last_order", late.number)]
