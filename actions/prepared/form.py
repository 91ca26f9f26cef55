"""A task as a form, filled as far as what is given can be used, and the sentence that the customer will confirm."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from actions.prepared.fields import Field, read_field
from actions.prepared.form_context import FormContext
from actions.prepared.nodes import picks_of
from actions.prepared.wording import Wording, filled, label
from actions.tasks.context import Values
from actions.tasks.task import Step, Task

# Asked in the chat alone: who they are is proven there, and the confirmation is theirs.
NOT_IN_THE_FORM = ("identity", "confirm")
# Known besides the steps, where a diagnosis led to a repair.
_CARRIED = ("diagnosis",)
_LONGEST = 200


async def fill(ctx: FormContext, wording: Wording, given: Values) -> dict[str, Any]:
    """The form, what of it can be used (`values`), and once complete what the customer reads (`sentence`, `lines`)."""
    ctx.values = {name: str(given[name])[:_LONGEST] for name in _CARRIED if given.get(name)}
    fields: list[Field] = []
    for step in ctx.task.steps:  # one after the other: whether a step applies hangs on those before it
        if step.name not in NOT_IN_THE_FORM and step.applies(ctx):
            fields += [await read_field(ctx, wording, step, given.get(step.name))]
    complete = all(_is_settled(ctx, each) for each in fields)
    form: dict[str, Any] = {
        "fields": [_shown(each) for each in fields],
        "values": ctx.values,
        "complete": complete,
        "changes": ctx.task.changes,
        "needs_proof": any(each.needs_proof for each in fields),
        "asks_proof": ctx.task.step("identity") is not None,
        "sentence": None,
        "title": None,
        "lines": [],
    }
    if complete:
        form |= sentence(ctx, wording)
        form["lines"] = [{"label": each.label[ctx.locale], "value": each.shown} for each in fields if each.shown]
    return form


def _is_settled(ctx: FormContext, field: Field) -> bool:
    known = field.name in ctx.values
    return (known or not field.required) and not field.needs_proof and (field.error is None or known)


def _shown(field: Field) -> dict[str, Any]:
    return {name: value for name, value in asdict(field).items() if value not in (None, [])}


def sentence(ctx: FormContext, wording: Wording) -> dict[str, Any]:
    """What the task itself says before it changes something, or what it will look up."""
    task: Task = ctx.task
    if task.step("confirm") is None:
        return {"sentence": filled(label("offers", task.name)[ctx.locale], ctx.values)}
    response = {"response": task.confirm_response(ctx), **task.confirm_values(ctx)}
    said = wording.said(response, ctx.locale)
    return {"sentence": said.text, "title": said.title} if said else {}


def given_by(ctx: FormContext, values: Values) -> Values:
    """What a form would hold that was filled with what a task already knew."""
    known = [step for step in ctx.task.steps if step.name in values or step.kind == "diagnosis"]
    carried = {name: values[name] for name in _CARRIED if values.get(name)}
    return {step.name: _of_step(ctx, step, values) for step in known} | carried


def _of_step(ctx: FormContext, step: Step, values: Values) -> Any:
    if step.kind == "diagnosis":
        return picks_of(ctx, values)
    if step.kind in ("items", "item"):
        return [item.get("sku") for item in values[step.name] if isinstance(item, dict)]
    return values[step.name]
