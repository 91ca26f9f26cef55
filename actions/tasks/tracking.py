"""Tracking an order."""

from __future__ import annotations

from typing import ClassVar

from actions.back_office import Order, Tracking
from actions.tasks.context import Context
from actions.tasks.identity_step import IdentityStep
from actions.tasks.order_step import OrderStep
from actions.tasks.task import Outcome, Task


class TrackOrder(Task):
    """Looks the order up and says where it is."""

    name: ClassVar[str] = "track_order"
    topic: ClassVar[str] = "delivery"
    articles = ("track-my-parcel", "late-delivery", "order-status-meanings", "delivery-times")
    called = (" suiv", " ou est", " ou en est", " colis", " track", " where is", " where s my", " livraison", " arrive")
    steps = (
        IdentityStep(),
        OrderStep(eligible=lambda order: order.is_open),
    )

    async def perform(self, ctx: Context) -> Outcome:
        """The message's id is the key: a repeated turn asks the carrier once."""
        order = await ctx.order(ctx.values["order"])
        tracking = await ctx.customer().track(order, idempotency_key=ctx.message_id)
        _tell(ctx, order, tracking)
        return Outcome("done", "look_up", order.status, order.number)


def _tell(ctx: Context, order: Order, tracking: Tracking) -> None:
    expected = tracking.expected_on or order.delivery.expected_on
    carrier = tracking.carrier or order.delivery.carrier or ""
    delivered = order.delivery.delivered_at
    ctx.say(
        _response(order, foreseen=bool(expected and carrier), delivery_dated=bool(delivered)),
        number=order.number,
        carrier=carrier,
        step=tracking.label_en if ctx.locale == "en" else tracking.label_fr,
        expected=ctx.day(expected),
        delivered=ctx.day(delivered),
    )
    link = tracking.tracking_url or order.delivery.tracking_url
    if link and order.status == "shipped":
        ctx.say("utter_order_link", link=link)


def _response(order: Order, *, foreseen: bool, delivery_dated: bool) -> str:
    if order.status == "shipped" and order.late:
        return "utter_order_late"
    if order.status == "shipped":
        return "utter_order_shipped" if foreseen else "utter_order_shipped_plain"
    if order.status == "delivered":
        return "utter_order_delivered" if delivery_dated else "utter_order_delivered_undated"
    return f"utter_order_{order.status}"
