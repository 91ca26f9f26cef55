"""Guarantee and repair."""

from __future__ import annotations

from typing import ClassVar

from actions.back_office import Order
from actions.tasks.context import Context, Values
from actions.tasks.identity_step import IdentityStep
from actions.tasks.item_steps import ItemsStep
from actions.tasks.order_step import OrderStep
from actions.tasks.steps import ConfirmStep, TextStep
from actions.tasks.task import Outcome, Task


def _must_have_arrived(ctx: Context, order: Order) -> Outcome | None:
    if order.status in ("delivered", "returned"):
        return None
    code = "cancelled" if order.status == "cancelled" else "not_delivered"
    ctx.say("utter_order_cancelled" if code == "cancelled" else "utter_repair_not_delivered", number=order.number)
    return Outcome("refused", "order", code)


def _none(ctx: Context) -> Outcome | None:
    ctx.say("utter_repair_none")
    return Outcome("refused", "order", "no order delivered")


class Repair(Task):
    """Has an article repaired, under the guarantee it has; also where a diagnosis ends."""

    name: ClassVar[str] = "repair"
    topic: ClassVar[str] = "guarantee"
    articles = ("legal-guarantee", "atelier-guarantee", "repair-time", "repair-or-exchange", "spare-parts")
    changes: ClassVar[bool] = True
    refusals = ("not_repairable", "already_in_repair", "not_delivered")
    called = (" repar", " repair", " garantie", " guarantee", " warranty")
    steps = (
        IdentityStep(),
        OrderStep(eligible=lambda order: order.status == "delivered", check=_must_have_arrived, none=_none),
        ItemsStep(single=True),
        TextStep("symptom", least=2),
        ConfirmStep(),
    )

    def confirm_values(self, ctx: Context) -> Values:
        """Order and article."""
        return {"number": ctx.values["order"], "items": ctx.values["items_title"]}

    async def perform(self, ctx: Context) -> Outcome:
        """The guarantee decides on the price; none is said without the price."""
        order = await ctx.order(ctx.values["order"])
        done = await ctx.customer().repair(
            order,
            ctx.values["items"][0]["sku"],
            symptom=ctx.values["symptom"],
            diagnosis=ctx.values.get("diagnosis"),
            idempotency_key=ctx.message_id,
        )
        priced = "" if done.under != "none" else ("_quote" if done.price_eur is None else "_price")
        ctx.say(
            f"utter_repair_done_{done.under}{priced}",
            repair_id=done.repair_id,
            first=done.days[0],
            last=done.days[1],
            price=ctx.money(done.price_eur),
        )
        return Outcome("done", "perform", f"{done.repair_id} {done.under}")
