"""The account: invoice, points, e-mail and phone, data, closing."""

from __future__ import annotations

import json
from typing import ClassVar

from actions.back_office import Order, RefusedError
from actions.tasks import typed
from actions.tasks.contact_steps import EmailStep, PhoneStep
from actions.tasks.context import Context, Values
from actions.tasks.identity_step import IdentityStep
from actions.tasks.order_step import OrderStep
from actions.tasks.steps import ConfirmStep
from actions.tasks.task import AskAgainError, Outcome, Task


def _was_sent(order: Order) -> bool:
    return order.status in ("shipped", "delivered", "returned")


def _no_invoice(ctx: Context) -> Outcome | None:
    ctx.say("utter_get_invoice_none")
    return Outcome("refused", "order", "nothing dispatched")


class GetInvoice(Task):
    """A copy of the invoice of an order."""

    name: ClassVar[str] = "get_invoice"
    topic: ClassVar[str] = "payment"
    articles = ("invoice", "vat-invoice", "proof-of-purchase")
    called = (" facture", " invoice", " receipt")
    steps = (IdentityStep(), OrderStep(eligible=_was_sent, none=_no_invoice))

    async def perform(self, ctx: Context) -> Outcome:
        """The link opens for a short while and is for the customer alone."""
        order = await ctx.order(ctx.values["order"])
        invoice = await ctx.customer().invoice(order)
        if invoice is None:
            ctx.say("utter_get_invoice_not_yet", number=order.number)
            return Outcome("refused", "look_up", "not dispatched")
        ctx.say(
            "utter_get_invoice_done",
            number=order.number,
            invoice=invoice.number,
            total=ctx.money(invoice.total_eur),
            link=invoice.url,
        )
        return Outcome("done", "look_up", "invoice shown")


class LoyaltyPoints(Task):
    """Points, what they are worth, and the tier."""

    name: ClassVar[str] = "loyalty_points"
    topic: ClassVar[str] = "loyalty"
    articles = ("points-value", "points-expiry", "gold-tier", "join-le-cercle")
    called = (" points", " fidelite", " loyalty", " le cercle")
    steps = (IdentityStep(),)

    async def perform(self, ctx: Context) -> Outcome:
        """What expires first is said first."""
        loyalty = await ctx.customer().loyalty()
        ctx.say("utter_loyalty_points_done", points=loyalty.points, worth=ctx.money(loyalty.worth_eur))
        soonest = min(loyalty.expiring, key=lambda each: each.on, default=None)
        if soonest:
            ctx.say("utter_loyalty_points_expiring", points=soonest.points, day=ctx.day(soonest.on))
        if loyalty.tier == "or":
            ctx.say("utter_loyalty_points_gold")
        elif loyalty.to_next_tier_eur:
            ctx.say("utter_loyalty_points_next", amount=ctx.money(loyalty.to_next_tier_eur))
        return Outcome("done", "look_up", f"{loyalty.tier}, {loyalty.points} points")


class ChangeEmail(Task):
    """A new e-mail address counts once its link is opened."""

    name: ClassVar[str] = "change_email"
    topic: ClassVar[str] = "account"
    articles = ("change-email-phone",)
    changes: ClassVar[bool] = True
    called = (" mail", " email", " e mail")
    steps = (IdentityStep(), EmailStep("email"), ConfirmStep())

    def prefill(self, ctx: Context) -> Values:
        """The new address, if it is in the message."""
        found = typed.email(ctx.text)
        return {"email": found} if found else {}

    def confirm_values(self, ctx: Context) -> Values:
        """The new address."""
        return {"email": ctx.values["email"]}

    async def perform(self, ctx: Context) -> Outcome:
        """An address that has an account already is told in the same words: who has one is nobody's business."""
        try:
            await ctx.customer().change_contact(email=ctx.values["email"], idempotency_key=ctx.message_id)
        except RefusedError as refused:
            if refused.code == "email_invalid":
                raise AskAgainError("email", "utter_email_invalid") from refused
            if refused.code != "email_taken":
                raise
        ctx.say("utter_change_email_done", email=ctx.values["email"])
        return Outcome("done", "perform", "link sent")


class ChangePhone(Task):
    """A new phone number."""

    name: ClassVar[str] = "change_phone"
    topic: ClassVar[str] = "account"
    articles = ("change-email-phone",)
    changes: ClassVar[bool] = True
    called = (" telephone", " phone", " portable", " numero de tel")
    steps = (IdentityStep(), PhoneStep("phone"), ConfirmStep())

    def prefill(self, ctx: Context) -> Values:
        """The new number, if it is in the message."""
        found = typed.phone(ctx.text)
        return {"phone": found} if found else {}

    def confirm_values(self, ctx: Context) -> Values:
        """The new number."""
        return {"phone": ctx.values["phone"]}

    async def perform(self, ctx: Context) -> Outcome:
        """Done at once."""
        try:
            await ctx.customer().change_contact(phone=ctx.values["phone"], idempotency_key=ctx.message_id)
        except RefusedError as refused:
            if refused.code == "phone_invalid":
                raise AskAgainError("phone", "utter_phone_invalid") from refused
            raise
        ctx.say("utter_change_phone_done", phone=ctx.values["phone"])
        return Outcome("done", "perform", "phone changed")


class SeeMyData(Task):
    """What the company holds, in short."""

    name: ClassVar[str] = "see_my_data"
    topic: ClassVar[str] = "account"
    articles = ("personal-data-request",)
    steps = (IdentityStep(),)

    async def perform(self, ctx: Context) -> Outcome:
        """For their eyes only."""
        profile, orders = await ctx.customer().profile(), await ctx.orders()
        ctx.say(
            "utter_see_my_data_done",
            name=profile.name,
            email=profile.email or "–",
            phone=profile.phone or "–",
            since=ctx.day(profile.customer_since),
            year=profile.customer_since[:4],
            orders=len(orders),
        )
        return Outcome("done", "look_up", "shown")


class ExportMyData(Task):
    """All that the company holds, as a file."""

    name: ClassVar[str] = "export_my_data"
    topic: ClassVar[str] = "account"
    articles = ("personal-data-request",)
    steps = (IdentityStep(),)

    async def perform(self, ctx: Context) -> Outcome:
        """The whole of it, as the back office words it; for their eyes only."""
        held = await ctx.customer().export()
        ctx.say("utter_export_my_data_done", data=json.dumps(held, ensure_ascii=False, indent=1))
        return Outcome("done", "look_up", "exported")


class EraseMyData(Task):
    """Asks for everything to be erased that the law lets us erase."""

    name: ClassVar[str] = "erase_my_data"
    topic: ClassVar[str] = "account"
    articles = ("personal-data-request",)
    changes: ClassVar[bool] = True
    refusals = ("open_orders",)
    steps = (IdentityStep(), ConfirmStep())

    async def perform(self, ctx: Context) -> Outcome:
        """The date is the back office's; what bot keeps itself, the conversations, bot erases by itself."""
        done = await ctx.customer().erase(idempotency_key=ctx.message_id)
        ctx.say("utter_erase_my_data_done", day=ctx.day(done.done_by))
        ctx.record("erase_conversations", {})
        return Outcome("done", "perform", done.status)


class CloseAccount(Task):
    """Closes the account once nothing is on its way."""

    name: ClassVar[str] = "close_account"
    topic: ClassVar[str] = "account"
    articles = ("close-account",)
    changes: ClassVar[bool] = True
    refusals = ("open_orders",)
    steps = (IdentityStep(), ConfirmStep())

    async def perform(self, ctx: Context) -> Outcome:
        """The date is the back office's."""
        done = await ctx.customer().close(idempotency_key=ctx.message_id)
        ctx.say("utter_close_account_done", day=ctx.day(done.effective_on))
        return Outcome("done", "perform", done.status)
