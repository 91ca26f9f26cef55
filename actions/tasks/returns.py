"""An order that has arrived: send something back, where is the refund, something is wrong with it."""

from __future__ import annotations

from typing import Any, ClassVar

from actions.back_office import Line, Order
from actions.tasks.context import Context, Values
from actions.tasks.identity_step import IdentityStep
from actions.tasks.item_steps import ItemsStep, PhotoStep, QuantityStep, chosen_items, told_items
from actions.tasks.order_step import OrderStep
from actions.tasks.steps import ChoiceStep, ConfirmStep, TextStep
from actions.tasks.task import Outcome, Task

REASONS = {
    "changed_mind": (
        "avis", "plus besoin", "plus envie", "en veux plus", "le veux plus", "la veux plus", "les veux plus",
        "en veux pas", "changed my mind", "don t need", "no longer", "mind", "don t want it", "dont want it",
        "don t want them", "dont want them", "don t want this",
    ),
    "not_as_expected": (
        "attendu", "attendue", "photo", "couleur", "taille", "plait pas", "plais pas", "expected", "colour", "color",
        "size", "like it", "too big", "too small", "trop grand", "trop petit", "correspond",
    ),
    "gift": ("cadeau", "gift", "present"),
    "other": ("autre", "autre raison", "other", "another reason"),
}  # fmt: skip
METHODS = {
    "shop": ("magasin", "boutique", "magazin", "shop", "store", "in store"),
    "pickup_point": ("point relais", "relais", "relay", "pick up", "pickup", "pick up point", "point"),
}
KINDS = {
    "broken": (
        "casse", "cassee", "casses", "cassees", "abime", "abimee", "brise", "fele", "felee", "broken", "damaged",
        "cracked", "smashed", "defectueux", "defectueuse", "defective", "faulty", "marche pas", "endommage",
    ),
    "missing": ("manque", "manquant", "manquante", "missing", "incomplet", "incomplete", "pas recu", "oublie", "lacks"),
    "wrong": ("mauvais", "mauvaise", "pas le bon", "pas la bonne", "erreur", "autre article", "wrong", "not what",
              "different"),
}  # fmt: skip
WISHES = {
    "replace": ("remplacer", "remplacement", "remplace", "nouveau", "nouvelle", "echange", "echanger", "replace",
                "replacement", "new one", "exchange", "remplacez"),
    "refund": ("rembourser", "remboursement", "rembourse", "argent", "refund", "money", "money back", "remboursez"),
}  # fmt: skip


def _arrived(order: Order) -> bool:
    return order.status == "delivered"


def _must_have_arrived(ctx: Context, order: Order) -> Outcome | None:
    """The rule, before anything more is asked: it has arrived, and not too long ago."""
    last = {"return_item": order.returns_until, "report_problem": order.problems_until}.get(ctx.task.name)
    code = None if order.status in ("delivered", "returned") else "not_delivered"
    if order.status == "cancelled" or (order.status == "returned" and ctx.task.name == "return_item"):
        code = order.status
    elif code is None and last is not None and ctx.now.date() > last:
        code = "too_late"
    if code is None:
        return None
    said = f"utter_order_{code}" if code == order.status else f"utter_{ctx.task.name}_{code}"
    ctx.say(said, number=order.number, day=ctx.day(last))
    return Outcome("refused", "order", code)


def _none(ctx: Context) -> Outcome | None:
    ctx.say(f"utter_{ctx.task.name}_none")
    return Outcome("refused", "order", "no order delivered")


def _not_returnable(ctx: Context) -> Outcome:
    ctx.say("utter_return_item_not_returnable")
    return Outcome("refused", "items", "not_returnable")


def _returnable(line: Line) -> bool:
    return line.returnable and not line.personalised


class ReturnItem(Task):
    """Announces a return and gives the label."""

    name: ClassVar[str] = "return_item"
    topic: ClassVar[str] = "returns"
    articles = ("return-an-item", "return-label", "return-time-limit", "return-in-shop", "return-by-pickup-point",
                "return-cost", "legal-withdrawal")  # fmt: skip
    changes: ClassVar[bool] = True
    refusals = ("too_late", "not_returnable", "already_returned", "not_delivered")
    called = (" retour", " renvoy", " rendre", " return", " send back")
    steps = (
        IdentityStep(),
        OrderStep(eligible=_arrived, check=_must_have_arrived, none=_none),
        ItemsStep(allowed=_returnable, none=_not_returnable),
        QuantityStep(),
        ChoiceStep("reason", REASONS),
        ChoiceStep("method", METHODS),
        ConfirmStep(),
    )

    def confirm_values(self, ctx: Context) -> Values:
        """Order and articles; the way has its own sentence."""
        return {"number": ctx.values["order"], "items": told_items(ctx.values)}

    def confirm_response(self, ctx: Context) -> str:
        """What it costs depends on the way."""
        return f"utter_confirm_return_item_{ctx.values['method']}"

    async def perform(self, ctx: Context) -> Outcome:
        """The label is personal: it bears the address."""
        order, method = await ctx.order(ctx.values["order"]), ctx.values["method"]
        done = await ctx.customer().create_return(
            order,
            chosen_items(ctx.values),
            reason=ctx.values["reason"],
            method=method,
            idempotency_key=ctx.message_id,
        )
        told: Values = {"return_id": done.return_id, "day": ctx.day(done.deadline)}
        ctx.say(f"utter_return_item_done_{method}", **told)
        if done.label_url:
            ctx.say("utter_return_item_label", link=done.label_url)
        return Outcome("done", "perform", f"{done.return_id} {method}")


class RefundStatus(Task):
    """Where the money is."""

    name: ClassVar[str] = "refund_status"
    topic: ClassVar[str] = "refunds"
    articles = ("refund-time", "refund-not-received", "refund-method", "refund-delivery-costs")
    called = (" rembours", " refund", " money back")
    steps = (
        IdentityStep(),
        OrderStep(eligible=lambda order: order.status in ("cancelled", "returned") or _has_refund(order)),
    )

    async def perform(self, ctx: Context) -> Outcome:
        """One sentence a refund; none is said too."""
        order = await ctx.order(ctx.values["order"])
        refunds = await ctx.customer().refunds(order)
        for refund in refunds:
            dated = "" if refund.expected_on or refund.status in ("paid", "waiting_parcel") else "_undated"
            ctx.say(
                f"utter_refund_{refund.status}{dated}",
                number=order.number,
                amount=ctx.money(refund.amount_eur),
                day=ctx.day(refund.expected_on),
            )
        if not refunds:
            ctx.say(
                "utter_refund_cancelled" if order.status == "cancelled" else "utter_refund_none", number=order.number
            )
        return Outcome("done", "look_up", ", ".join(refund.status for refund in refunds) or "none")


class ReportProblem(Task):
    """Something broken, missing or wrong."""

    name: ClassVar[str] = "report_problem"
    topic: ClassVar[str] = "damaged"
    articles = ("damaged-item", "missing-item", "wrong-item", "photo-for-claim")
    changes: ClassVar[bool] = True
    refusals = ("too_late", "already_reported", "not_delivered")
    called = (" casse", " broken", " abime", " damaged", " manque", " missing")
    steps = (
        IdentityStep(),
        OrderStep(eligible=_arrived, check=_must_have_arrived, none=_none),
        ItemsStep(),
        QuantityStep(),
        ChoiceStep("kind", KINDS),
        TextStep("description", least=2),
        PhotoStep(),
        ChoiceStep("wish", WISHES),
        ConfirmStep(),
    )

    def prefill(self, ctx: Context) -> Values:
        """ "ma lampe est arrivée cassée" says the kind."""
        kinds = [kind for kind, phrases in KINDS.items() if any(f" {phrase} " in ctx.words for phrase in phrases)]
        return super().prefill(ctx) | ({"kind": kinds[0]} if len(kinds) == 1 else {})

    def confirm_values(self, ctx: Context) -> Values:
        """Order and articles."""
        return {"number": ctx.values["order"], "items": told_items(ctx.values)}

    def confirm_response(self, ctx: Context) -> str:
        """What they wish for is part of the sentence."""
        return f"utter_confirm_report_problem_{ctx.values['wish']}"

    async def perform(self, ctx: Context) -> Outcome:
        """Accepted at once, or looked at first by a person."""
        order = await ctx.order(ctx.values["order"])
        asked: dict[str, Any] = {name: ctx.values[name] for name in ("kind", "description", "wish")}
        done = await ctx.customer().report_problem(
            order,
            chosen_items(ctx.values),
            file_ids=ctx.values.get("photos") or [],
            idempotency_key=ctx.message_id,
            **asked,
        )
        kept = done.status if done.status == "to_check" or done.resolution is None else done.resolution
        ctx.say(f"utter_report_problem_{kept}", problem_id=done.problem_id)
        if kept == "to_check":
            # Somebody has to look at it: bot notes until when there is an answer, tells it, and watches over it.
            ctx.record("promise", {"kind": "enquiry", "subject": done.problem_id})
        return Outcome("done", "perform", f"{done.problem_id} {kept}")


def _has_refund(order: Order) -> bool:
    extra = order.model_extra or {}
    return bool(extra.get("refunds") or extra.get("returns"))
