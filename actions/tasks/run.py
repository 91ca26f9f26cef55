"""One message in the life of a task: read for the step, obey, correct, ask on, do it."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions import replies
from actions.back_office import BackOfficeError, NoSuchOrderError, NotVerifiedError, RefusedError
from actions.tasks import asking, registry, words
from actions.tasks.changing import corrected, forget_from, other_order, step_back
from actions.tasks.context import RUN, Context, Values
from actions.tasks.endings import end, leave, not_understood, unavailable
from actions.tasks.order_step import spoken_of, tell_unasked
from actions.tasks.state import State
from actions.tasks.task import AskAgainError, Outcome, Reading, Step, Taken, Task, Wrong

MOST_TRIES = 3
MOST_STEPS = 30
# How often what was given had to be asked anew, among the values.
REFUSED_BEFORE = "refused_before"
# Behind bot's own messages about a code, and behind files: never about anything else.
COMMANDS = ("identity_proven", "identity_failed", "resend_code", "send_file", "task_choice", "task_change")


class Run:
    """The state of a task and the message to it."""

    def __init__(self, ctx: Context, state: State) -> None:
        self.ctx = ctx
        self.state = state
        self.task: Task = registry.TASKS[state.task]
        self._take_up()

    def _take_up(self) -> None:
        self.task = registry.TASKS[self.state.task]
        self.state.values.setdefault(RUN, self.ctx.message_id)
        self.ctx.task, self.ctx.values = self.task, self.state.values

    async def start(self) -> list[EventType]:
        """The message asked for the task."""
        said = self.ctx.text
        return [*([SlotSet("last_question", said)] if said else []), *await self.advance()]

    async def go_on(self) -> list[EventType]:
        """The message came while a step was being asked."""
        ctx, step = self.ctx, self.task.step(self.state.step)
        if step is None or (ctx.tracker.get_slot("human_offered") and ctx.intent in ("affirm", "deny")):
            return []
        if self.is_settled:  # signed in meanwhile, or the code was right
            return await self._settled()
        try:
            obeyed = await self._obey(step, words.command(ctx))
            return await self._read(step) if obeyed is None else obeyed
        except NotVerifiedError:
            return await self.advance()
        except NoSuchOrderError:
            return await self._order_gone()
        except BackOfficeError as error:
            return unavailable(ctx, self.state, error)

    async def _settled(self) -> list[EventType]:
        """What was asked is known without their answer: the message may ask for something else, which comes first."""
        if wanted := asking.other_task(self.ctx, self.task):
            return await self._other_request(wanted)
        return [] if asking.is_question(self.ctx) else await self.advance()

    @property
    def is_settled(self) -> bool:
        """Whether what is being asked is known by now without an answer: who they are."""
        step = self.task.step(self.state.step)
        return step is not None and not step.is_open(self.ctx)

    async def ask_again(self) -> None:
        """After something else was dealt with; that stays said even where the question cannot be put now."""
        step, said = self.task.step(self.state.step), self.ctx.dispatcher.messages
        before = len(said)
        try:
            if step is not None:
                await step.ask(self.ctx, self.task, again=True)
        except (NotVerifiedError, NoSuchOrderError, BackOfficeError):
            del said[before:]  # their next message meets the same error, and is told

    async def advance(self) -> list[EventType]:
        """Ask the next open step, or do the task when none is left; every error of the back office ends here."""
        try:
            return await self._advance()
        except AskAgainError as again:
            return self._asked_anew(again)
        except NotVerifiedError:
            self.ctx.say("utter_sign_in_for_order")
            return await self._finish(Outcome("failed", "identity", "not verified"))
        except NoSuchOrderError:
            return await self._order_gone()
        except RefusedError as refused:
            known = refused.code in self.task.refusals
            name = f"utter_{self.task.name}_{refused.code}" if known else "utter_task_refused"
            self.ctx.say(name, number=self.ctx.values.get("order", ""))
            return await self._finish(Outcome("refused", "perform", refused.code))
        except BackOfficeError as error:
            return unavailable(self.ctx, self.state, error)

    async def _order_gone(self) -> list[EventType]:
        self.ctx.say("utter_order_gone")
        return await self._finish(Outcome("failed", self.state.step or "look_up", "not found"))

    async def _advance(self) -> list[EventType]:
        for _ in range(MOST_STEPS):
            step = next((each for each in self.task.steps if each.is_open(self.ctx)), None)
            if step is None:
                return await self._finish(await self.task.perform(self.ctx))
            ended = await step.arrive(self.ctx)
            if ended is not None:
                return await self._finish(ended)
            if step.is_open(self.ctx):
                return await self._ask(step)
        raise RuntimeError(f"the steps of {self.task.name} come to no end")

    def _asked_anew(self, again: AskAgainError) -> list[EventType]:
        values, state = self.ctx.values, self.state
        # Other steps may lie between two refusals of the same one.
        state.tries = state.tries if state.step == again.step else int(values.get(REFUSED_BEFORE) or 0)
        forget_from(self.ctx, state, self.task, again.step)
        state.step = again.step
        values[REFUSED_BEFORE] = (state.tries + 1) % MOST_TRIES
        return self._wrong(Wrong(again.response))

    async def _ask(self, step: Step) -> list[EventType]:
        if self.state.step is None:
            replies.record_task(self.ctx.dispatcher, self.task.name, step.name, "started")
        if self.state.step != step.name:
            self.state.tries = 0
        self.state.step = step.name
        if step.name not in ("identity", "confirm"):  # what is still to be answered was not confirmed
            self.ctx.values.pop("confirm", None)
        if self.task.changes and step.name not in ("identity", "order", "confirm"):
            await tell_unasked(self.ctx)
        if not self.ctx.question_put:
            await step.ask(self.ctx, self.task, again=False)
        return self._events()

    async def _finish(self, outcome: Outcome) -> list[EventType]:
        preferred = outcome.kind == "refused" and self.state.next_task is None and await self.ctx.preferred()
        events = end(self.ctx, self.state, outcome, preferred=preferred)
        following = self.state.next_task
        known = dict(self.ctx.values.get("next_known") or {})
        if outcome.then:
            return await self._switch(outcome.then[0], events, outcome.then[1], following)
        if following is None or self.ctx.question_put:
            return events
        self.ctx.say("utter_next_task")
        return await self._switch(following, events, known)

    async def _switch(
        self, name: str, events: list[EventType], known: Values | None = None, following: str | None = None
    ) -> list[EventType]:
        """Begin another task in the same turn."""
        self.state = State(name, dict(known or {}), next_task=following)
        self._take_up()
        self.state.values |= {**self.task.prefill(self.ctx), **self.state.values}
        later = await self.advance()
        # What the new task says counts; while it asks, the form does not end.
        changed = {"requested_slot", *(event["name"] for event in later)}
        return [*(event for event in events if event["name"] not in changed), *later]

    async def _leave(self, response: str = "utter_task_cancelled", following: str | None = None) -> list[EventType]:
        known = dict(self.ctx.values.get("next_known") or {})
        events = leave(self.ctx, self.state, response)
        following = following or self.state.next_task
        return await self._switch(following, events, known) if following else events

    async def _obey(self, step: Step, wanted: words.Command | None) -> list[EventType] | None:
        """Do what was said about the task itself; None when nothing was."""
        if wanted == "cancel":
            return await self._leave()
        if wanted == "begin_again":
            self.ctx.say("utter_task_restarted")
            self.state = State(self.task.name, step=self.state.step, next_task=self.state.next_task)
            self._take_up()
            return await self.advance()
        if wanted == "repeat":
            await step.ask(self.ctx, self.task, again=False)
            return self._events()
        back = wanted == "go_back" or self.ctx.intent == "task_change"
        if other_order(self.ctx, self.state, self.task) or (back and step_back(self.ctx, self.state, self.task, step)):
            return await self.advance()
        if back:
            self.ctx.say("utter_first_step")
            await self.ask_again()
        return self._events() if back else None

    async def _read(self, step: Step) -> list[EventType]:
        if self.ctx.intent == "request_human":
            return []
        wanted = asking.other_task(self.ctx, self.task) if not step.greedy else None
        reading = await step.read(self.ctx)
        settled = None
        if words.does_not_know(self.ctx) and not isinstance(reading, Taken):
            settled = await self._not_known(step)
        elif step.name == "confirm":
            settled = await self._not_confirmed(step, reading, wanted)
        if settled is not None:
            return settled
        most = asking.MOST_WORDS_OF_AN_ORDER if step.name == "order" else asking.MOST_WORDS
        sure = isinstance(reading, Taken) and reading.sure
        if wanted and not sure and (not isinstance(reading, Taken) or len(self.ctx.words.split()) > most):
            return await self._other_request(wanted)
        if isinstance(reading, Taken):
            return await self._taken(step, reading)
        changed = await self._correct(step) or await self._obey(
            step, words.likely_command(self.ctx, long=not step.greedy)
        )
        if changed is not None:
            return changed
        return self._wrong(reading) if isinstance(reading, Wrong) else await self._not_an_answer(step)

    async def _not_confirmed(self, step: Step, reading: Reading, wanted: str | None) -> list[EventType] | None:
        """At the confirmation, what is no plain yes to what was asked; a yes that corrects it is asked again."""
        changed = await self._correct(step) if reading is not None and self.ctx.text else None
        if changed is not None:
            return changed
        if isinstance(reading, Taken):
            refused = reading.values.get("confirm") is False
            return await self._leave("utter_task_not_done", wanted) if refused else None
        return self._wrong(reading) if isinstance(reading, Wrong) and not wanted else None

    async def _taken(self, step: Step, reading: Taken) -> list[EventType]:
        self.ctx.values |= reading.values
        if reading.stays:
            return self._events()
        if step.name not in self.state.answered:
            self.state.answered.append(step.name)
        return await self.advance()

    async def _correct(self, step: Step) -> list[EventType] | None:
        reading = await corrected(self.ctx, self.state, self.task, step)
        if isinstance(reading, Wrong):
            return self._wrong(reading)
        return await self.advance() if reading else None

    async def _other_request(self, name: str) -> list[EventType]:
        """Another task in the middle: at once where nothing was answered yet, or to look up at a confirmation."""
        other = registry.TASKS[name]
        if self.state.step == "confirm" and not other.changes and self.state.next_task is None:
            known = {} if self.ctx.number or other.step("order") is None else spoken_of(self.ctx)
            known["next_known"] = dict(self.ctx.values)
            return await self._switch(name, [], known, self.task.name)
        if not self.state.answered:
            return await self._switch(name, leave(self.ctx, self.state, "utter_task_left"))
        self.state.next_task = name
        self.ctx.values["next_known"] = registry.TASKS[name].prefill(self.ctx)
        self.ctx.say("utter_next_task_noted")
        await self.ask_again()
        return self._events()

    def _wrong(self, reading: Wrong) -> list[EventType]:
        self.state.tries += 1
        self.ctx.say(reading.response, **reading.values)
        if self.state.tries < MOST_TRIES:
            return self._events()
        self.state.tries = 0
        self.ctx.say("utter_offer_human_task")
        not_understood(self.ctx, self.state)
        return [*self._events(), SlotSet("human_offered", True), SlotSet("offer_reason", "task_failed")]

    async def _not_known(self, step: Step) -> list[EventType]:
        """ "je sais pas": where to find it, and the question again."""
        events = self._wrong(Wrong("utter_where_order_number" if step.name == "order" else "utter_not_known"))
        if self.state.tries:  # no human was offered
            await step.ask(self.ctx, self.task, again=False)
        return events

    async def _not_an_answer(self, step: Step) -> list[EventType]:
        """A yes, a no, or the same request again; everything else is for the rules."""
        intent = self.ctx.intent
        if intent == "thank" and step.name == "order" and (self.state.tries or "order_unknown" in self.ctx.values):
            return await self._leave("utter_thank")  # no number has helped: they give up
        same = registry.started_by(intent) == self.task.name or intent == "give_order_number" or intent in COMMANDS
        said = None if step.yes_no else words.yes_or_no(self.ctx)
        if said is False and not same:
            return await self._leave()
        if said is None and not same:
            return []
        if step.name == "order":
            self.ctx.say("utter_need_order_number")
        if step.name == "identity" and self.ctx.number:  # looked at once they have proved who they are
            self.ctx.values |= self.task.prefill(self.ctx)
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
