"""Changing one's mind within a task: a step back, a value said anew."""

from __future__ import annotations

from actions.tasks.context import Context
from actions.tasks.state import State
from actions.tasks.task import Reading, Step, Taken, Task, Wrong


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
        return False
    forget_from(ctx, state, task, state.answered[-1])
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
