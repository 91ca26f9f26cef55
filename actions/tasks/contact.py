"""Reaching us: the nearest shop, a call back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from actions import dates
from actions.back_office import RefusedError, Shop
from actions.tasks import moments, typed
from actions.tasks.contact_steps import MomentStep, PhoneStep, PlaceStep, forget, place_in, within_hours
from actions.tasks.context import Context, Values
from actions.tasks.steps import ChoiceStep, ConfirmStep
from actions.tasks.task import AskAgainError, Outcome, Reading, Taken, Task

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHOWN = 3
WHEN = {
    "now": ("maintenant", "tout de suite", "de suite", "now", "right now", "asap", "immediatement", "straight away"),
    "later": ("plus tard", "later", "autre moment", "another time", "choisir", "heure precise"),
}


class FindShop(Task):
    """The nearest shops and their hours; nobody has to say who they are for that."""

    name: ClassVar[str] = "find_shop"
    topic: ClassVar[str] = "shops"
    articles = ("find-a-shop", "return-in-shop", "click-and-collect")
    called = (" magasin", " boutique", " shop", " store")
    steps = (PlaceStep("place"),)

    def prefill(self, ctx: Context) -> Values:
        """ "une boutique à Lyon ?" says where."""
        found = place_in(ctx.text)
        return {"place": found} if found else {}

    async def perform(self, ctx: Context) -> Outcome:
        """Nearest first, with today's hours."""
        place = str(ctx.values["place"])
        try:
            shops = await ctx.tools.office.shops(place, limit=SHOWN)
        except RefusedError as refused:
            raise AskAgainError("place", "utter_place_unknown") from refused
        if not shops:
            raise AskAgainError("place", "utter_place_unknown")
        ctx.say("utter_find_shop_done" if len(shops) > 1 else "utter_find_shop_one")
        for shop in shops:
            self._tell(ctx, shop)
        return Outcome("done", "look_up", f"near {place[:40]}: {shops[0].name}")

    def _tell(self, ctx: Context, shop: Shop) -> None:
        spans = shop.hours.get(WEEK[ctx.now.weekday()]) or []
        told: Values = {
            "name": shop.name,
            "address": f"{shop.address}, {shop.postcode} {shop.city}",
            "hours": dates.hours(spans, ctx.locale),
            "phone": typed.phone_as_written(shop.phone or ""),
        }
        ctx.say("utter_find_shop_shop" if spans else "utter_find_shop_closed", **told)


class WhenStep(ChoiceStep):
    """Now or later; a moment said here is the later one."""

    def is_open(self, ctx: Context) -> bool:
        """Now holds only while somebody is there, until the very end."""
        return super().is_open(ctx) or _too_late_for_now(ctx)

    async def arrive(self, ctx: Context) -> Outcome | None:
        """Nobody is there (any more): it will be later."""
        if _too_late_for_now(ctx):
            opening = ctx.tools.company.next_opening(ctx.now)
            ctx.say("utter_call_closed_now", opening=ctx.moment(opening) if opening else "")
            ctx.values["when"] = "later"
            forget(ctx, "at", "confirm")
        return None

    async def read(self, ctx: Context) -> Reading:
        """A button, words, or the moment itself."""
        at = moments.moment(ctx.text, ctx.now) if ctx.text else None
        if at is not None:
            reading = within_hours(ctx, "at", at)
            return Taken({"when": "later", **reading.values}) if isinstance(reading, Taken) else reading
        return await super().read(ctx)

    async def correct(self, ctx: Context) -> Reading:
        """A moment instead of now; one that was said before is corrected at its own step."""
        at = moments.moment(typed.PHONE.sub(" ", ctx.text), ctx.now) if ctx.values.get("when") == "now" else None
        if at is None:
            return await super().correct(ctx)
        reading = within_hours(ctx, "at", at)
        return Taken({"when": "later", **reading.values}) if isinstance(reading, Taken) else reading


class CallMeBack(Task):
    """A call now or at a chosen time; the advisor gets the whole conversation."""

    name: ClassVar[str] = "call_me_back"
    topic: ClassVar[str] = "contact"
    articles = ("contact-us", "customer-service-hours")
    called = (" rappel", " call me", " call back", " callback")
    steps = (
        WhenStep("when", WHEN),
        MomentStep("at", when=lambda values: values.get("when") == "later"),
        PhoneStep("phone"),
        ConfirmStep(),
    )

    def prefill(self, ctx: Context) -> Values:
        """ "rappelez-moi demain à 10h au 06…" says all."""
        number = typed.phone(ctx.text)
        known: Values = {"phone": number} if number else {}
        said = typed.PHONE.sub(" ", ctx.text) if number else ctx.text
        at = moments.moment(said, ctx.now)
        if at and ctx.tools.company.is_open(at) and at > ctx.now:
            return known | {"when": "later", "at": at.isoformat()}
        if any(f" {phrase} " in ctx.words for phrase in WHEN["now"]) and is_open(ctx):
            return known | {"when": "now"}
        return known

    def confirm_values(self, ctx: Context) -> Values:
        """Number and moment."""
        at = ctx.values.get("at")
        return {"phone": ctx.values["phone"], "at": ctx.moment(datetime.fromisoformat(at)) if at else ""}

    def confirm_response(self, ctx: Context) -> str:
        """Now, or then."""
        return f"utter_confirm_call_me_back_{ctx.values['when']}"

    async def perform(self, ctx: Context) -> Outcome:
        """A handoff with how to reach them; bot says what happens next, since it knows the queue."""
        later = ctx.values["when"] == "later"
        contact: dict[str, Any] = {"mode": "call_at" if later else "call_now", "phone": ctx.values["phone"]}
        contact |= {"at": ctx.values["at"]} if later else {}
        question = str(ctx.tracker.get_slot("last_question") or "")
        topic = ctx.tracker.get_slot("last_topic") or self.topic
        ctx.say(f"utter_call_me_back_done_{ctx.values['when']}", **self.confirm_values(ctx))
        ctx.record("handoff", {"reason": "customer_request", "question": question, "topic": topic, "contact": contact})
        return Outcome("done", "perform", contact["mode"])


def _too_late_for_now(ctx: Context) -> bool:
    return ctx.values.get("when") == "now" and not is_open(ctx)


def is_open(ctx: Context) -> bool:
    """Whether advisors are there now."""
    return bool(ctx.tools.company.is_open(ctx.now))
