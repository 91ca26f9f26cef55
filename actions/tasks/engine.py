"""The one form of all tasks: reads the message for the step, says what is wrong or asks on, and does the task."""

from __future__ import annotations

import structlog
from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import replies
from actions.back_office import BackOfficeError, NoSuchOrderError, NotVerifiedError
from actions.base import RelaisAction
from actions.tasks import registry, words
from actions.tasks.context import Context, Tools
from actions.tasks.endings import end, leave, unavailable
from actions.tasks.order_step import spoken_of
from actions.tasks.state import State
from actions.tasks.task import Outcome, Step, Taken, Task, Wrong

MOST_TRIES = 3
MOST_STEPS = 30
# Responses that wait for an answer themselves: two questions at once get a muddled one.
QUESTIONS = (
    "utter_offer_human", "utter_offer_human_annoyed", "utter_offer_human_not_helpful", "utter_clarify",
    "utter_next_best",
)  # fmt: skip

log = structlog.get_logger(__name__)


class TaskForm(RelaisAction):
    """Called by Rasa for `task_form`: when it begins, at each message, and when it comes back to it."""

    NAME = "validate_task_form"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """No event at all means: the message is about something else, let the rules handle it."""
        ctx = Context(dispatcher, tracker, self._tools)
        state = State.read(tracker)
        if state is None:
            return await Run(ctx, first_state(ctx)).start()
        ctx.values = state.values
        run = Run(ctx, state)
        if not came_back(tracker):
            return await run.go_on()
        await run.ask_again()
        return []


class Run:
    """One message in the life of a task."""

    def __init__(self, ctx: Context, state: State) -> None:
        self.ctx, self.state = ctx, state
        self.task: Task = registry.TASKS[state.task]

    async def start(self) -> list[EventType]:
        """The message asked for the task."""
        self.ctx.values = self.state.values
        said = self.ctx.text
        return [*([SlotSet("last_question", said)] if said else []), *await self.advance()]

    async def go_on(self) -> list[EventType]:
        """The message came while a step was being asked."""
        ctx, step = self.ctx, self.task.step(self.state.step)
        if step is None or (ctx.tracker.get_slot("human_offered") and ctx.intent in ("affirm", "deny")):
            return []
        if not (step.greedy and len(ctx.words.split()) > words.MAX_COMMAND_WORDS):
            obeyed = await self._obey()
            if obeyed is not None:
                return obeyed
        try:
            return await self._read(step)
        except BackOfficeError:
            return unavailable(ctx, self.state)

    async def ask_again(self) -> None:
        """After something else was dealt with; not beside another question that was just put."""
        step = self.task.step(self.state.step)
        if step is not None and not just_said(self.ctx.tracker, QUESTIONS):
            await step.ask(self.ctx, self.task, again=True)

    async def advance(self) -> list[EventType]:
        """Ask the next open step, or do the task when none is left."""
        try:
            for _ in range(MOST_STEPS):
                step = next((each for each in self.task.steps if each.is_open(self.ctx)), None)
                if step is None:
                    return await self._finished(await self.task.perform(self.ctx))
                ended = await step.arrive(self.ctx)
                if ended is not None:
                    return await self._finished(ended)
                if step.is_open(self.ctx):
                    return await self._ask(step)
        except NotVerifiedError:
            self.ctx.say("utter_sign_in_for_order")
            return await self._finished(Outcome("failed", "identity", "not verified"))
        except NoSuchOrderError:
            self.ctx.say("utter_order_gone")
            return await self._finished(Outcome("failed", self.state.step or "look_up", "not found"))
        except BackOfficeError:
            return unavailable(self.ctx, self.state)
        raise RuntimeError(f"the steps of {self.task.name} come to no end")

    async def _ask(self, step: Step) -> list[EventType]:
        if self.state.step is None:
            replies.record_task(self.ctx.dispatcher, self.task.name, step.name, "started")
        if self.state.step != step.name:
            self.state.tries = 0
        self.state.step = step.name
        if not self.ctx.question_put:
            await step.ask(self.ctx, self.task, again=False)
        return self._events()

    async def _finished(self, outcome: Outcome) -> list[EventType]:
        events = end(self.ctx, self.state, outcome)
        following = self.state.next_task
        if following is None or self.ctx.question_put:
            return events
        self.ctx.say("utter_next_task")
        return await self._switch(following, events)

    async def _switch(self, name: str, events: list[EventType]) -> list[EventType]:
        """Begin another task in the same turn."""
        self.task, self.state = registry.TASKS[name], State(name)
        self.ctx.values = self.state.values
        self.ctx.values |= self.task.prefill(self.ctx)
        later = await self.advance()
        changed = {event["name"] for event in later}
        return [*(event for event in events if event["name"] not in changed), *later]

    async def _obey(self) -> list[EventType] | None:
        """Do what was said about the task itself; None when nothing was."""
        match words.command(self.ctx):
            case "cancel":
                events = leave(self.ctx, self.state)
                following = self.state.next_task
                return await self._switch(following, events) if following else events
            case "begin_again":
                self.ctx.say("utter_task_restarted")
                self.state = State(self.task.name, step=self.state.step, next_task=self.state.next_task)
                self.ctx.values = self.state.values
                return await self.advance()
            case "repeat":
                step = self.task.step(self.state.step)
                if step is not None:
                    await step.ask(self.ctx, self.task, again=False)
                return self._events()
            case "go_back":
                return await self.go_back()
            case None if self.ctx.intent == "task_change":
                return await self.go_back()
        return None

    async def go_back(self) -> list[EventType]:
        """Ask the step before again."""
        if not self.state.answered:
            self.ctx.say("utter_first_step")
            await self.ask_again()
            return self._events()
        name = self.state.answered.pop()
        self._forget_from(name)
        return await self.advance()

    def _forget_from(self, name: str) -> None:
        """What was answered at the step and after it may depend on what changes."""
        names = [step.name for step in self.task.steps]
        for later in names[names.index(name) :]:
            for key in [key for key in self.ctx.values if key == later or key.startswith(later + "_")]:
                del self.ctx.values[key]
            if later in self.state.answered:
                self.state.answered.remove(later)

    async def _read(self, step: Step) -> list[EventType]:
        other = registry.started_by(self.ctx.intent)
        wanted = other if other and other != self.task.name and not step.greedy else None
        reading = None if wanted and not step.yes_no else await step.read(self.ctx)
        if isinstance(reading, Taken) and reading.values.get("confirm") is False:
            corrected = await self._correct(step)
            if corrected is not None:
                return corrected
            events = leave(self.ctx, self.state, "utter_task_not_done")
            following = wanted or self.state.next_task
            return await self._switch(following, events) if following else events
        if isinstance(reading, Taken):
            self.ctx.values |= reading.values
            self.state.answered.append(step.name)
            return await self.advance()
        if wanted:
            return await self._other_request(wanted)
        corrected = await self._correct(step)
        if corrected is not None:
            return corrected
        return await self._wrong(reading) if isinstance(reading, Wrong) else await self._not_an_answer(step)

    async def _correct(self, step: Step) -> list[EventType] | None:
        """ "non, la 104233": a value given before, said anew."""
        for name in dict.fromkeys([*reversed(self.state.answered), *self.ctx.values]):
            before = self.task.step(name)
            if before is None or before is step:
                continue
            reading = await before.correct(self.ctx)
            if isinstance(reading, Wrong):
                return await self._wrong(reading)
            if isinstance(reading, Taken):
                if all(self.ctx.values.get(key) == value for key, value in reading.values.items()):
                    continue
                answered = list(self.state.answered)
                self._forget_from(name)
                self.ctx.values |= reading.values
                self.state.answered = [*self.state.answered, name] if name in answered else self.state.answered
                return await self.advance()
        return None

    async def _other_request(self, name: str) -> list[EventType]:
        """Another task in the middle: at once where nothing was said yet, else afterwards."""
        if not self.state.answered:
            return await self._switch(name, leave(self.ctx, self.state, None))
        self.state.next_task = name
        self.ctx.say("utter_next_task_noted")
        await self.ask_again()
        return self._events()

    async def _wrong(self, reading: Wrong) -> list[EventType]:
        self.state.tries += 1
        if self.state.tries < MOST_TRIES:
            self.ctx.say(reading.response, **reading.values)
            return self._events()
        self.state.tries = 0
        self.ctx.say(reading.response, **reading.values)
        self.ctx.say("utter_offer_human_task")
        replies.record_task(self.ctx.dispatcher, self.task.name, self.state.step or "", "failed", "not understood")
        return [*self._events(), SlotSet("human_offered", True), SlotSet("offer_reason", "task_failed")]

    async def _not_an_answer(self, step: Step) -> list[EventType]:
        """A yes, a no, or the same request again; everything else is for the rules."""
        same = registry.started_by(self.ctx.intent) == self.task.name or self.ctx.intent == "give_order_number"
        said = None if step.yes_no else words.yes_or_no(self.ctx)
        if said is False and not same:
            return leave(self.ctx, self.state)
        if said is None and not same and not self.ctx.intent.startswith("task_"):
            return []
        if step.name == "order":
            self.ctx.say("utter_need_order_number")
        await step.ask(self.ctx, self.task, again=True)
        return self._events()

    def _events(self) -> list[EventType]:
        self.state.values = self.ctx.values
        order = self.ctx.values.get("order_seen")
        offered = self.ctx.tracker.get_slot("human_offered")
        return [
            *self.state.events(),
            *([SlotSet("last_order", order)] if order else []),
            # Another question has been put since: a yes is its answer now.
            *([SlotSet("human_offered", False), SlotSet("offer_reason", None)] if offered else []),
        ]


def first_state(ctx: Context) -> State:
    """The task that the message asks for, with what it already says."""
    name = registry.started_by(ctx.intent) or "track_order"
    task = registry.TASKS[name]
    known = task.prefill(ctx)
    if task.step("order") is not None and "order" not in known:
        known |= spoken_of(ctx)
    return State(name, known)


def came_back(tracker: Tracker) -> bool:
    """Whether something else was done since the customer's message: then it is not an answer to the step."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") not in ("task_form", "action_listen"):
            return True
    return False


def just_said(tracker: Tracker, responses: tuple[str, ...]) -> bool:
    """Whether one of `responses` was uttered since the customer's last message."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "bot" and (event.get("metadata") or {}).get("utter_action") in responses:
            return True
    return False
