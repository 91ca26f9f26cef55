"""How a task ends: said to the customer by the task, recorded here, and never a second failure without a human."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType, SlotSet

from actions import replies
from actions.back_office import BackOfficeError
from actions.tasks.context import Context, Values
from actions.tasks.registry import TASKS
from actions.tasks.state import State, forgotten
from actions.tasks.task import Outcome

FAILURES_BEFORE_OFFER = 2
UNAVAILABLE = {"track_order": "utter_orders_unavailable"}


def end(ctx: Context, state: State, outcome: Outcome, *, preferred: bool = False) -> list[EventType]:
    """Record it, forget what was typed, remember the order spoken of; `preferred` customers may turn to a human."""
    order = outcome.order or ctx.values.get("order_seen") or ctx.values.get("order")
    detail = f"refused: {outcome.detail}" if outcome.kind == "refused" else outcome.detail
    recorded: replies.Outcome = "done" if outcome.kind == "done" else "failed"
    told = f"{order}: {detail}" if order and detail else detail or str(order or "")
    kept = None if outcome.kind == "done" else to_go_on_with(ctx)
    replies.record_task(ctx.dispatcher, state.task, outcome.step, recorded, told, kept)
    events = [*forgotten(), SlotSet("last_topic", TASKS[state.task].topic)]
    events += [SlotSet("last_order", order)] if order and outcome.kind != "failed" else []
    if outcome.kind == "done":
        return [*events, SlotSet("failed_answers", 0), SlotSet("human_offered", False)]
    if outcome.offer_human:
        ctx.question_put = True
        return [*events, *_offer(ctx)]
    if preferred and outcome.kind == "refused":
        ctx.question_put = True
        return [*events, *_offer(ctx, "utter_offer_human_preferred")]
    return [*events, *_failed_again(ctx, state.task)]


def unavailable(ctx: Context, state: State, error: BackOfficeError) -> list[EventType]:
    """The back office failed: say whether something may have changed, and offer a human."""
    task = TASKS[state.task]
    unsure = error.maybe_done and task.changes
    ctx.say("utter_task_unsure" if unsure else UNAVAILABLE.get(state.task, "utter_task_unavailable"))
    order = ctx.values.get("order")
    what = "back office unavailable" + (", outcome unknown" if unsure else "")
    step = "perform" if unsure else "look_up"
    told = f"{order}: {what}" if order else what
    replies.record_task(ctx.dispatcher, state.task, step, "failed", told, to_go_on_with(ctx))
    ctx.question_put = True
    offered = _offer(ctx)
    return [*forgotten(), SlotSet("last_topic", task.topic), *offered]


def leave(ctx: Context, state: State, response: str | None = "utter_task_cancelled") -> list[EventType]:
    """The customer leaves: say so, and forget what was typed."""
    if response:
        ctx.say(response)
    replies.record_task(ctx.dispatcher, state.task, state.step or "", "cancelled", values=to_go_on_with(ctx))
    order = ctx.values.get("order_seen")
    return [*forgotten(), *([SlotSet("last_order", order)] if order else [])]


def not_understood(ctx: Context, state: State) -> None:
    """For the handoff: answers to a step that nobody could read."""
    known = to_go_on_with(ctx)
    replies.record_task(ctx.dispatcher, state.task, state.step or "", "failed", "not understood", known)


def to_go_on_with(ctx: Context) -> Values:
    """What the steps know, for an advisor who takes the task up: not who somebody said they were."""
    names = {step.name for step in ctx.task.steps} - {"identity", "confirm"}
    return {key: value for key, value in ctx.values.items() if key.split("_")[0] in names or key == "diagnosis"}


def _failed_again(ctx: Context, task: str) -> list[EventType]:
    failures: dict[str, Any] = dict(ctx.tracker.get_slot("task_failures") or {})
    failures[task] = int(failures.get(task) or 0) + 1
    events: list[EventType] = [SlotSet("task_failures", failures)]
    if failures[task] < FAILURES_BEFORE_OFFER:
        return events
    ctx.question_put = True
    return [*events, *_offer(ctx)]


def _offer(ctx: Context, response: str = "utter_offer_human_task") -> list[EventType]:
    ctx.say(response)
    return [SlotSet("human_offered", True), SlotSet("offer_reason", "task_failed")]
