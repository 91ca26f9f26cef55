"""The one form of all tasks, as Rasa calls it."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.base import RelaisAction
from actions.tasks import calm, late, registry
from actions.tasks.context import Context, Tools, Values
from actions.tasks.order_step import CORRECTING, UNASKED, spoken_of
from actions.tasks.run import Run
from actions.tasks.state import State
from actions.tasks.steps import OTHER_QUESTIONS

# Responses that wait for an answer themselves: two questions at once get a muddled one.
OFFERS = ("utter_offer_human", "utter_offer_human_annoyed", "utter_offer_human_not_helpful")

# What asks who somebody is.
PROOF = ("utter_ask_identity", "utter_ask_identity_for_order", "utter_identity_waiting")


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
            told = await late.hint(ctx, registry.started_by(ctx.intent))
            events = [*told, *await Run(ctx, first_state(ctx)).start()]
            calm.after(ctx, events)
            return events
        run = Run(ctx, state)
        if not came_back(tracker):
            events = await run.go_on()
            calm.after(ctx, events)
            return events
        if state.step == "identity" and said_again(tracker):
            return []
        # Beneath a choice of articles a confirmation stays what a yes is for.
        if run.is_settled:  # signed in meanwhile: the question behind it is next
            return await run.advance()
        questions = OFFERS if state.step == "confirm" else (*OFFERS, *OTHER_QUESTIONS)
        if not just_said(tracker, questions):
            await run.ask_again()
        return []


class Greet(RelaisAction):
    """A greeting; who is waiting for a late parcel hears of it without asking."""

    NAME = "action_greet"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Once a conversation."""
        ctx = Context(dispatcher, tracker, self._tools)
        ctx.say("utter_greet")
        return await late.hint(ctx, None)


def first_state(ctx: Context) -> State:
    """The task that the message asks for, with what it already says, and the one it asks for besides."""
    name = registry.started_by(ctx.intent) or "track_order"
    two = registry.two_requests(ctx.text, name)
    state = State(name)
    if two:
        state.task, state.next_task = two.first, two.second
        ctx.cut = two.cut
    task = registry.TASKS[state.task]
    ctx.task = task
    state.values = task.prefill(ctx)
    if task.step("order") is not None and "order" not in state.values:
        meant = spoken_of(ctx)
        state.values |= meant | ({UNASKED: meant["order"]} if meant and task.changes else {})
    if two:
        state.values["next_known"] = known_of(ctx, two)
    elif task.changes and "order" in state.values:
        one_at_a_time(ctx, state)
    return state


def one_at_a_time(ctx: Context, state: State) -> None:
    """ "annulez la 104872 et la 104860": the first named now, the other afterwards; not "pas la 104872, la 104860"."""
    numbers = ctx.numbers
    if len(numbers) < 2 or CORRECTING.search(ctx.words):
        return
    ctx.say("utter_one_order_at_a_time", number=numbers[0], following=numbers[1])
    state.values["order"], state.next_task = numbers[0], state.task
    state.values["next_known"] = {"order": numbers[1]}


def known_of(ctx: Context, two: registry.Two) -> Values:
    """What the message says for its second request."""
    ctx.part, ctx.cut, cut = ctx.text[two.cut :], None, two.cut
    known = registry.TASKS[two.second].prefill(ctx)
    ctx.part, ctx.cut = None, cut
    return known


def came_back(tracker: Tracker) -> bool:
    """Whether something else was done since the customer's message: then it is not an answer to the step."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") not in ("task_form", "action_listen"):
            return True
    return False


def said_again(tracker: Tracker) -> bool:
    """Whether the proof that this task needs was asked for and asked for once more: from then on it is left by."""
    said = 0
    for event in reversed(tracker.events):
        if event.get("event") == "active_loop" and event.get("name"):
            break
        if event.get("event") == "bot":
            said += (event.get("metadata") or {}).get("utter_action") in PROOF
    return said > 1


def just_said(tracker: Tracker, responses: tuple[str, ...]) -> bool:
    """Whether one of `responses` was uttered since the customer's last message."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "bot" and (event.get("metadata") or {}).get("utter_action") in responses:
            return True
    return False
