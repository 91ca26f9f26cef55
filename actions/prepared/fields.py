"""The steps of a task as fields of a form: each is filled, and checked, by the step itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from pydantic import ValidationError

from actions.back_office import Address, BackOfficeError, NoSuchOrderError, NotVerifiedError
from actions.prepared import nodes
from actions.prepared.form_context import FormContext
from actions.prepared.wording import Both, Wording, filled, label
from actions.tasks import typed
from actions.tasks.contact_steps import within_hours
from actions.tasks.diagnosis import NodesStep
from actions.tasks.item_steps import ItemsStep, taken, told_items
from actions.tasks.order_step import OrderStep
from actions.tasks.steps import MAX_TEXT
from actions.tasks.task import Outcome, Reading, Step, Taken, Wrong

# In a form nobody is asked twice: three choices suit a chat, a list may be longer.
MOST_ORDERS = 20
COUNTRY_WORDS = {"FR": "France", "BE": "Belgique", "LU": "Luxembourg"}


@dataclass
class Field:
    """One field: `value` as the form holds it, `shown` as the customer reads it once it can be used."""

    name: str
    kind: str
    label: Both
    question: Both | None = None
    required: bool = True
    value: Any = None
    shown: str | None = None
    choices: list[dict[str, Any]] | None = None
    error: Both | None = None
    # Only a proven customer's data tells what can be chosen.
    needs_proof: bool = False
    path: list[dict[str, Any]] = field(default_factory=list)
    least: int | None = None
    most: int | None = None


Reader = Callable[[FormContext, Wording, Step, Field, Any], Awaitable[None]]


async def read_field(ctx: FormContext, wording: Wording, step: Step, given: Any) -> Field:
    """The step as a field, its value in `ctx.values` if it can be used."""
    made = Field(step.name, step.kind, label("steps", step.name), _question(ctx, wording, step))
    try:
        await READERS[step.kind](ctx, wording, step, made, given)
    except NotVerifiedError:
        made.needs_proof = True
    except NoSuchOrderError:
        made.error = wording.both("utter_order_not_found", {"number": given})
    except BackOfficeError:
        made.error = label("errors", "unavailable")
    return made


def _question(ctx: FormContext, wording: Wording, step: Step) -> Both | None:
    """What the assistant would have asked: the advisor may ask it in the same words."""
    names = {"order": f"utter_ask_which_order_{ctx.task.name}", "quantity": "utter_ask_quantity"}
    name = names.get(step.name, f"utter_ask_{ctx.task.name}_{step.name}")
    if not wording.knows(name):
        return None
    opening = ctx.tools.company.next_opening(ctx.now)
    values = {"title": ctx.values.get("items_title", ""), "most": ctx.values.get("items_most", "")}
    return wording.both(name, values | {"opening": ctx.moment(opening) if opening else ""})


def _settle(wording: Wording, made: Field, reading: Reading, ctx: FormContext) -> bool:
    """Keep what was taken, or say why not."""
    if isinstance(reading, Taken):
        ctx.values |= reading.values
        return True
    if isinstance(reading, Wrong):
        made.error = wording.both(reading.response, reading.values)
    else:
        made.error = label("errors", "not_understood")
    return False


def _last(wording: Wording, said: list[dict[str, Any]]) -> Both:
    """Why a step cannot be settled: the last of what it said."""
    return wording.both(said[-1]["response"], said[-1]) if said else label("errors", "not_understood")


async def _read(
    ctx: FormContext, wording: Wording, step: Step, made: Field, *, typed: str = "", picked: str = ""
) -> bool:
    """Whether the step could use what is `typed` or `picked` in the field."""
    with ctx.reading(typed=typed, picked=picked):
        reading = await step.read(ctx)
    return _settle(wording, made, reading, ctx)


def _words(given: Any) -> str:
    usable = isinstance(given, str | int) and not isinstance(given, bool)
    return str(given).replace("\x00", "").strip()[:MAX_TEXT] if usable else ""


async def _text(ctx: FormContext, wording: Wording, step: Step, made: Field, given: Any) -> None:
    made.value = _words(given)
    if made.value and await _read(ctx, wording, step, made, typed=made.value):
        made.value = made.shown = str(ctx.values[step.name])


async def _choice(ctx: FormContext, wording: Wording, step: Step, made: Field, given: Any) -> None:
    options = wording.options(f"utter_ask_{ctx.task.name}_{step.name}")
    made.choices = [{"value": value, "title": title} for value, title in options.items()]
    made.value = _words(given)
    if not made.value or not await _read(ctx, wording, step, made, picked=made.value):
        return
    before = len(ctx.dispatcher.messages)
    await step.arrive(ctx)  # "now" may have become "later"
    for message in ctx.new_messages(before):
        made.error = wording.both(message["response"], message)
    made.value = ctx.values[step.name]
    made.shown = options[made.value][ctx.locale]


async def _order(ctx: FormContext, wording: Wording, step: Step, made: Field, given: Any) -> None:
    step = cast(OrderStep, step)
    made.value = _words(given)
    if ctx.verified:
        orders = (await step.offered(ctx) or [])[:MOST_ORDERS]
        made.choices = [
            {"value": o.number, "title": {"fr": title, "en": title}}
            for o in orders
            for title in [" · ".join([o.number, *(line.title for line in o.lines[:2])])]
        ]
    if not made.value:
        return
    with ctx.reading(typed=made.value):
        number = ctx.number
        if number is None:
            made.error = wording.both("utter_order_number_invalid", {})
            return
        made.value = made.shown = number
        if not ctx.verified:  # what the customer says; looked at once they have proved who they are
            ctx.values["order"] = number
            return
        try:
            reading = await step.read(ctx)
        except BackOfficeError:  # checked when it is done
            ctx.values["order"] = number
            return
    if not _settle(wording, made, reading, ctx):
        return
    before = len(ctx.dispatcher.messages)
    ended = await step.arrive(ctx)
    said = ctx.new_messages(before)
    if isinstance(ended, Outcome) or "order" not in ctx.values:
        ctx.values.pop("order", None)
        made.error = _last(wording, said)


async def _items(ctx: FormContext, wording: Wording, step: Step, made: Field, given: Any) -> None:
    step = cast(ItemsStep, step)
    ctx.customer()  # without proof nothing of an order is shown
    if "order" not in ctx.values:
        made.choices = []
        return
    lines = await step.lines(ctx)
    made.choices = [
        {"value": str(line.sku), "title": {"fr": line.title, "en": line.title}, "most": line.quantity} for line in lines
    ]
    if not lines:
        before = len(ctx.dispatcher.messages)
        await step.arrive(ctx)
        made.error = _last(wording, ctx.new_messages(before))
        return
    asked = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    chosen = [line for line in lines if line.sku in asked]
    made.value = [line.sku for line in chosen]
    if asked and not chosen:
        made.error = label("errors", "several")
    elif step.kind == "item" and len(chosen) > 1:
        made.error = wording.both("utter_choose_one", {})
    elif chosen:
        ctx.values |= taken(chosen)
        made.shown = told_items(ctx.values)


async def _quantity(ctx: FormContext, wording: Wording, step: Step, made: Field, given: Any) -> None:
    made.least, made.most = 1, int(ctx.values["items_most"])
    made.value = _words(given)
    if made.value and await _read(ctx, wording, step, made, picked=made.value):
        made.shown = made.value = str(ctx.values[step.name])


async def _address(ctx: FormContext, wording: Wording, step: Step, made: Field, given: Any) -> None:
    made.value = {key: _words(value) for key, value in given.items()} if isinstance(given, dict) else {}
    filled_in = {key: value for key, value in made.value.items() if value}
    if not set(filled_in) - {"country"}:
        return
    try:
        where = Address(**filled_in)
    except ValidationError:
        made.error = wording.both("utter_address_incomplete", {})
        return
    country = COUNTRY_WORDS[where.country]
    with ctx.reading(typed=f"{where.line1}, {where.postcode} {where.city}, {country}"):
        reading = await step.read(ctx)
    if not isinstance(reading, Taken):
        made.error = wording.both("utter_address_incomplete", {})
        return
    # The customer's own lines, with the postcode as it was read.
    where = where.model_copy(update={"postcode": reading.values[step.name]["postcode"]})
    ctx.values[step.name] = where.model_dump(exclude_none=True)
    made.shown = typed.one_line(where, ctx.locale)


async def _moment(ctx: FormContext, wording: Wording, step: Step, made: Field, given: Any) -> None:
    made.value = _words(given)
    if not made.value:
        return
    try:
        at = datetime.fromisoformat(made.value)
    except ValueError:
        made.error = wording.both("utter_when_unclear", {})
        return
    at = at if at.tzinfo else at.replace(tzinfo=ctx.tools.company.zone)
    if _settle(wording, made, within_hours(ctx, step.name, at), ctx):
        made.shown = ctx.moment(at)


async def _photos(ctx: FormContext, wording: Wording, step: Step, made: Field, given: Any) -> None:
    made.required, made.value = False, [str(each) for each in given] if isinstance(given, list) else []
    with ctx.reading(sent=made.value, picked="" if made.value else "skip"):
        reading = await step.read(ctx)
    if _settle(wording, made, reading, ctx) and made.value:
        made.shown = filled(label("pictures", "count")[ctx.locale], {"count": len(made.value)})


async def _tree(ctx: FormContext, wording: Wording, step: Step, made: Field, given: Any) -> None:
    trees = ctx.tools.trees
    made.choices = [{"value": tree.id, "title": {"fr": tree.title.fr, "en": tree.title.en}} for tree in trees.values()]
    made.value = _words(given)
    if made.value and await _read(ctx, wording, step, made, picked=made.value):
        made.shown = trees[made.value].title.to(ctx.locale)


async def _diagnosis(ctx: FormContext, wording: Wording, step: Step, made: Field, given: Any) -> None:  # noqa: ARG001
    if "tree" in ctx.values:
        picks = [str(each) for each in given] if isinstance(given, list) else []
        made.path, made.value = await nodes.walk(ctx, cast(NodesStep, step), picks)
        made.shown = nodes.told(ctx, made.path) if step.name in ctx.values else None


READERS: dict[str, Reader] = {
    "text": _text, "email": _text, "phone": _text, "place": _text, "choice": _choice, "order": _order,
    "items": _items, "item": _items, "quantity": _quantity, "address": _address, "moment": _moment,
    "photos": _photos, "tree": _tree, "diagnosis": _diagnosis,
}  # fmt: skip
