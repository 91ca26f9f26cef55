"""Changing one's mind within a task: a step back, a value said anew."""

from __future__ import annotations

import re

from actions.tasks.context import Context
from actions.tasks.order_step import REFUSED, UNASKED
from actions.tasks.state import State
from actions.tasks.task import Reading, Step, Taken, Task, Wrong

OTHER_ORDER = re.compile(
    r" (?:autres? commandes?|pas cette commande|pas cette commande la|changer de commande"
    r"|(?:another|different|other) order|not (?:that|this) order) "
)
MOST_WORDS_OF_ANOTHER = 7


def forget_from(ctx: Context, state: State, task: Task, name: str) -> None:
    """Forget what was answered at the step and after it, which may depend on what changes."""
    names = [step.name for step in task.steps]
    for later in names[names.index(name) :]:
        for key in [key for key in ctx.values if key == later or key.startswith(later + "_")]:
            del ctx.values[key]
        if later in state.answered:
            state.answered.remove(later)


def step_back(ctx: Context, state: State, task: Task, step: Step) -> bool:
    """Open the question before again; False at the first."""
    if step.back(ctx):
        return True
    while state.answered and state.answered[-1] == step.name:
        state.answered.pop()
    if not state.answered:
        return _reopen_order(ctx, state, task) if UNASKED in ctx.values else False
    forget_from(ctx, state, task, state.answered[-1])
    return True


def other_order(ctx: Context, state: State, task: Task) -> bool:
    """ "Une autre commande": forget which one it is, so that it is asked; False where that was not said."""
    said = OTHER_ORDER.search(ctx.words) and len(ctx.words.split()) <= MOST_WORDS_OF_ANOTHER
    meant = ctx.value == "order" if ctx.intent == "task_change" else bool(said) and "?" not in ctx.text
    return meant and ctx.number is None and state.step != "order" and _reopen_order(ctx, state, task)


def _reopen_order(ctx: Context, state: State, task: Task) -> bool:
    number = ctx.values.get("order")
    if task.step("order") is None or number is None:
        return False
    forget_from(ctx, state, task, "order")
    ctx.values[REFUSED] = number
    return True


async def corrected(ctx: Context, state: State, task: Task, step: Step) -> Reading:
    """ "non, la 104233": the value of another step, said anew and kept; None when nothing was.

    What was answered after it stays, unless it hangs on it (`depends` of a step).
    """
    for name in dict.fromkeys([*reversed(state.answered), *ctx.values]):
        before = task.step(name)
        if before is None or before is step:
            continue
        reading = await before.correct(ctx)
        if isinstance(reading, Wrong):
            return reading
        if isinstance(reading, Taken) and any(ctx.values.get(key) != value for key, value in reading.values.items()):
            if name == "order":
                forget_from(ctx, state, task, name)
            ctx.values |= reading.values
            if name == "order":
                state.answered.append(name)
            return reading
    return None
