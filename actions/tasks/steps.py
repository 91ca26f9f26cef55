"""The kinds of steps that only read words: choice, free text, yes or no, the confirmation before a change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from actions.tasks import words
from actions.tasks.context import CHOICE, RUN, Context, Values
from actions.tasks.task import Reading, Step, Taken, Task, Wrong

MAX_TEXT = 1000
SHORT = 3
QUESTIONS = ("ask_question", "did_not_help")
# Said in a few words, these are never a description of anything.
NEVER_AN_ANSWER = ("request_human", "goodbye", "thank", "greet", "insult", "ask_bot", "ask_capabilities", "complaint")
FEW = 8
# A choice of articles, put in the middle of a task in place of its question.
OTHER_QUESTIONS = ("utter_clarify", "utter_next_best")


class Asked(Step):
    """A step whose question is the response `utter_ask_<task>_<step>`."""

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:
        """In full; after an interruption with a word that leads back."""
        if again:
            ctx.say("utter_back_to_task")
        ctx.say(f"utter_ask_{task.name}_{self.name}", **self.ask_values(ctx))

    def ask_values(self, ctx: Context) -> Values:  # noqa: ARG002 - for those that override it
        """The template values of the question."""
        return {}


class ChoiceStep(Asked):
    """One of a few options; the buttons are those of the response, words are read by `options`: value to phrases."""

    kind = "choice"

    def __init__(
        self,
        name: str,
        options: Mapping[str, Sequence[str]],
        *,
        when: Callable[[Values], bool] | None = None,
    ) -> None:
        super().__init__(name, when=when)
        self._options = options

    async def read(self, ctx: Context) -> Reading:
        """A button, or words of exactly one option."""
        if ctx.chosen in self._options:
            return Taken({self.name: ctx.chosen})
        found = self._in_words(ctx)
        if found:
            return Taken({self.name: found})
        return wrong_if_meant(ctx, Wrong("utter_choose_one"))

    async def correct(self, ctx: Context) -> Reading:
        """Words of exactly one option."""
        found = self._in_words(ctx)
        return Taken({self.name: found}) if found else None

    def _in_words(self, ctx: Context) -> str | None:
        found = [value for value, phrases in self._options.items() if any(f" {p} " in ctx.words for p in phrases)]
        return found[0] if len(found) == 1 else None


class TextStep(Asked):
    """In their own words, cut at MAX_TEXT characters; `least` words at least."""

    greedy: ClassVar[bool] = True

    def __init__(self, name: str, *, least: int = 1, when: Callable[[Values], bool] | None = None) -> None:
        super().__init__(name, when=when)
        self._least = least

    async def read(self, ctx: Context) -> Reading:
        """Anything but a plain question and thanks; a button can only be another step's."""
        if not ctx.text or (ctx.intent in QUESTIONS and "?" in ctx.text):
            return None
        if ctx.intent in NEVER_AN_ANSWER and len(ctx.words.split()) <= FEW:
            return None
        if len(ctx.words.split()) < self._least:
            return Wrong("utter_say_more")
        return Taken({self.name: ctx.text.strip()[:MAX_TEXT]})


class YesNoStep(Asked):
    """Yes or no."""

    yes_no: ClassVar[bool] = True

    async def read(self, ctx: Context) -> Reading:
        """In all the ways people say it."""
        said = words.yes_or_no(ctx)
        return wrong_if_meant(ctx, Wrong("utter_yes_or_no")) if said is None else Taken({self.name: said})


class ConfirmStep(Step):
    """One sentence that says what will change, before it does; a no leaves the task with nothing changed."""

    yes_no: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__("confirm")

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:
        """The same sentence each time: it is what they say yes to."""
        if again:
            ctx.say("utter_back_to_task")
        ctx.say(task.confirm_response(ctx), yes=_yes(ctx, task), **task.confirm_values(ctx))

    async def read(self, ctx: Context) -> Reading:
        """Only a yes is a yes, and nothing besides it; of buttons only the one beneath this very sentence."""
        if ctx.intent in (CHOICE, "affirm") and not ctx.text:
            if ctx.chosen == _yes(ctx, ctx.task):
                return Taken({self.name: True})
            await self.ask(ctx, ctx.task, again=True)
            return Taken({}, stays=True)
        if words.surely_yes(ctx):
            if ctx.asked_last(OTHER_QUESTIONS, unless="utter_confirm_"):  # "is it one of these?"
                await self.ask(ctx, ctx.task, again=True)
                return Taken({}, stays=True)
            return Taken({self.name: True})
        if words.yes_or_no(ctx) is False:
            return Taken({self.name: False})
        wrong = Wrong("utter_yes_or_no")
        return wrong if _half_meant(ctx) else wrong_if_meant(ctx, wrong)


def _yes(ctx: Context, task: Task) -> str:
    """What the button of a yes says: task, step, run and what is asked, so that no older button is a yes to it."""
    asked = [ctx.values.get(RUN), task.confirm_response(ctx), task.confirm_values(ctx)]
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
    return f"{task.name}:confirm:{digest[:16]}"


def _half_meant(ctx: Context) -> bool:
    """ "ok mais la bleue"; "oui annule" says two things where an order is what would be cancelled."""
    cancels = ctx.intent == "cancel" and "cancel" in ctx.task.name and words.CANCELLING.search(ctx.words)
    meant = cancels or ctx.intent in ("affirm", "nlu_fallback", "give_order_number", *ctx.task.starters)
    return meant and words.half_yes(ctx)


def wrong_if_meant(ctx: Context, wrong: Wrong) -> Reading:
    """A few words that are no question were meant for the step; anything longer is about something else."""
    figures = any(sign.isdigit() for sign in ctx.text) and not any(sign.isalpha() for sign in ctx.text)
    if (figures or ctx.intent in ("nlu_fallback", "give_order_number")) and ctx.text and "?" not in ctx.text:
        return wrong if len(ctx.words.split()) <= SHORT else None
    return None
