"""An order that has not left yet: cancel it, send it elsewhere."""

from __future__ import annotations

from typing import ClassVar

from actions.back_office import Address, Order, RefusedError
from actions.tasks import typed
from actions.tasks.contact_steps import AddressStep
from actions.tasks.context import Context, Values
from actions.tasks.identity_step import IdentityStep
from actions.tasks.order_step import OrderStep
from actions.tasks.steps import ConfirmStep
from actions.tasks.task import AskAgainError, Outcome, Task


def _in_preparation(order: Order) -> bool:
    return order.status == "in_preparation"


def _why_not(ctx: Context, order: Order) -> Outcome | None:
    """The rule, before anything more is asked."""
    codes = {"in_preparation": None, "shipped": ctx.task.too_late, "cancelled": "already_cancelled"}
    code = codes.get(order.status, order.status)
    if code is None:
        return None
    ctx.say("utter_order_returned" if code == "returned" else f"utter_{ctx.task.name}_{code}", number=order.number)
    return Outcome("refused", "order", code)


def _none(ctx: Context) -> Outcome | None:
    ctx.say(f"utter_{ctx.task.name}_none")
    return Outcome("refused", "order", "no order in preparation")


class CancelOrder(Task):
    """Cancels an order in preparation."""

    name: ClassVar[str] = "cancel_order"
    topic: ClassVar[str] = "orders"
    articles = ("cancel-order",)
    changes: ClassVar[bool] = True
    too_late: ClassVar[str] = "not_cancellable"
    refusals = ("not_cancellable", "already_cancelled", "personalised")
    called = (" annul", " cancel")
    steps = (IdentityStep(), OrderStep(eligible=_in_preparation, check=_why_not, none=_none), ConfirmStep())

    async def perform(self, ctx: Context) -> Outcome:
        """Nothing is debited before dispatch, so mostly nothing has to be paid back."""
        order = await ctx.order(ctx.values["order"])
        done = await ctx.customer().cancel(order, idempotency_key=ctx.message_id)
        ctx.say("utter_cancel_order_done", number=order.number)
        if done.refund_eur:
            refund: Values = {"amount": ctx.money(done.refund_eur), "day": ctx.day(done.refunded_by)}
            ctx.say("utter_cancel_order_refund" if done.refunded_by else "utter_cancel_order_refund_undated", **refund)
        return Outcome("done", "perform", "cancelled")


class ChangeAddress(Task):
    """Sends an order in preparation elsewhere."""

    name: ClassVar[str] = "change_address"
    topic: ClassVar[str] = "orders"
    articles = ("change-delivery-address", "change-order")
    changes: ClassVar[bool] = True
    too_late: ClassVar[str] = "not_changeable"
    refusals = ("not_changeable", "already_cancelled")
    called = (" adresse", " address")
    steps = (
        IdentityStep(),
        OrderStep(eligible=_in_preparation, check=_why_not, none=_none),
        AddressStep("address"),
        ConfirmStep(),
    )

    def prefill(self, ctx: Context) -> Values:
        """ "livrez la 104871 au 3 rue X, 69003 Lyon" says all."""
        where = typed.address(ctx.text)
        return super().prefill(ctx) | ({"address": where.model_dump(exclude_none=True)} if where else {})

    def confirm_values(self, ctx: Context) -> Values:
        """Order and address."""
        where = typed.one_line(Address(**ctx.values["address"]), ctx.locale)
        return {"number": ctx.values["order"], "address": where}

    async def perform(self, ctx: Context) -> Outcome:
        """An address that the back office does not take is asked again."""
        order, where = await ctx.order(ctx.values["order"]), Address(**ctx.values["address"])
        try:
            await ctx.customer().change_address(order, where, idempotency_key=ctx.message_id)
        except RefusedError as refused:
            if refused.code in ("address_invalid", "country_not_served"):
                raise AskAgainError("address", f"utter_change_address_{refused.code}") from refused
            raise
        ctx.say("utter_change_address_done", number=order.number, address=typed.one_line(where, ctx.locale))
        return Outcome("done", "perform", "address changed")
