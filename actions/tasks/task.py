"""What a task is: a name, steps, and one function that does it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from actions.tasks.context import Context, Values


@dataclass(frozen=True)
class Taken:
    """The message answered the step: what is known now.

    `stays`: the step itself said what it waits for; `sure`: whatever Rasa took the message for.
    """

    values: Values
    stays: bool = False
    sure: bool = False


@dataclass(frozen=True)
class Wrong:
    """The message was meant for the step and cannot be used: the response that says why."""

    response: str
    values: Values = field(default_factory=dict)


# None: the message is about something else.
Reading = Taken | Wrong | None


@dataclass(frozen=True)
class Outcome:
    """How a task ended, said to the customer already.

    `refused`: a rule of the company is against it; `failed`: it could not be done. `then`: the task that follows from
    it, with what it knows already.
    """

    kind: Literal["done", "refused", "failed"]
    step: str
    detail: str = ""
    order: str | None = None
    then: tuple[str, Values] | None = None
    offer_human: bool = False


class AskAgainError(Exception):
    """What was given at a step cannot be used after all; nothing was changed."""

    def __init__(self, step: str, response: str) -> None:
        super().__init__(step)
        self.step, self.response = step, response


class Step(ABC):
    """One thing a task needs to know."""

    # A step that takes any words; only short commands and plain questions get past it.
    greedy: ClassVar[bool] = False
    # Whether yes and no answer it.
    yes_no: ClassVar[bool] = False
    # How a form asks it (actions/prepared/fields.py).
    kind: str = "text"

    def __init__(self, name: str, *, when: Callable[[Values], bool] | None = None) -> None:
        self.name = name
        self._when = when

    def is_open(self, ctx: Context) -> bool:
        """Whether it still has to be asked."""
        return self.name not in ctx.values and self.applies(ctx)

    def applies(self, ctx: Context) -> bool:
        """Whether it belongs to the task at all, as what is known stands."""
        return self._when is None or self._when(ctx.values)

    async def arrive(self, ctx: Context) -> Outcome | None:  # noqa: ARG002 - for those that override it
        """Called before it is asked: it may fill itself into `ctx.values`, or end the task."""
        return None

    @abstractmethod
    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:
        """Put the question; `again` after something else came in between."""

    @abstractmethod
    async def read(self, ctx: Context) -> Reading:
        """Read the customer's message as the answer."""

    def back(self, ctx: Context) -> bool:  # noqa: ARG002 - for those that override it
        """One question back within the step; False when it has no other."""
        return False

    async def correct(self, ctx: Context) -> Reading:  # noqa: ARG002 - for those that override it
        """Read it as a correction of what was answered before: only what can mean nothing else."""
        return None


class Task(ABC):
    """One self-care task. Its responses are found by its name, see domain/responses_tasks.yml."""

    name: ClassVar[str]
    topic: ClassVar[str]
    steps: Sequence[Step] = ()
    # Articles beneath whose answer the task is offered as a button.
    articles: ClassVar[Sequence[str]] = ()
    # Whether it changes something: after a lost answer we cannot tell whether it did.
    changes: ClassVar[bool] = False
    # The back office's codes of refusal, and what is said: `utter_<name>_<code>` for these, a plain no for others.
    refusals: ClassVar[Sequence[str]] = ()
    # What the customer calls it, without accents: tells a second request in one message.
    called: ClassVar[Sequence[str]] = ()

    @property
    def starters(self) -> tuple[str, ...]:
        """The intents that ask for it."""
        return (self.name,)

    def prefill(self, ctx: Context) -> Values:
        """What the message that asks for it already says."""
        known: dict[str, Any] = {"order": ctx.number} if ctx.number else {}
        return known if any(step.name == "order" for step in self.steps) else {}

    def confirm_values(self, ctx: Context) -> Values:
        """The template values of `utter_confirm_<name>`."""
        return {"number": ctx.values.get("order", "")}

    def confirm_response(self, ctx: Context) -> str:  # noqa: ARG002 - for those that override it
        """What the confirmation says; the words of a yes."""
        return f"utter_confirm_{self.name}"

    @abstractmethod
    async def perform(self, ctx: Context) -> Outcome:
        """Do it and say how it went. The engine tells what the back office's errors mean."""

    def step(self, name: str | None) -> Step | None:
        """The step of that name."""
        return next((step for step in self.steps if step.name == name), None)
