"""What else a message asks for than an answer to the step."""

from __future__ import annotations

from actions.tasks import registry
from actions.tasks.context import Context
from actions.tasks.order_step import corrects
from actions.tasks.task import Task

# An answer of more words than this that also asks for another task is that request.
MOST_WORDS = 6
MOST_WORDS_OF_AN_ORDER = 3
QUESTIONS = ("ask_question", "nlu_fallback", "complaint")


def other_task(ctx: Context, task: Task) -> str | None:
    """Another task that is asked for; "pardon, la commande 103004" names none, and corrects this one."""
    other = registry.started_by(ctx.intent)
    if other is None or other == task.name:
        return None
    short = ctx.number and "order" in ctx.values and len(ctx.words.split()) <= MOST_WORDS
    return None if short and corrects(ctx) and not registry.names(ctx.text, other) else other


def is_question(ctx: Context) -> bool:
    """Whether it is for the articles."""
    return bool(ctx.text) and ctx.intent in QUESTIONS
