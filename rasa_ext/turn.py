"""One message handled by Rasa on a tracker in memory: it succeeds whole, or raises and nothing is kept.

Rasa's own loop (`MessageProcessor.handle_message`) catches the exception of an action, drops its events and goes on, so
that a dead action server looks like silence. This one is built of the same public pieces and lets the error out.
"""

from __future__ import annotations

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_ext.request import Said
from rasa_ext.state import opening, summary

# What an unfinished form, a standing offer, and what failed leave behind: an advisor who spoke in between has overtaken
# it, and it does not count again.
PASSING_SLOTS = (
    REQUESTED_SLOT, "human_offered", "offer_reason", "failed_answers", "task_failures", "history",
    "task", "task_values", "task_step", "task_tries", "task_answered", "next_task",
)  # fmt: skip


class ActionFailedError(Exception):
    """An action raised, could not be reached, or took too long; the message names the action."""


def catch_up(tracker: DialogueStateTracker, said: list[Said], processor: MessageProcessor) -> None:
    """Tell the tracker what was said while Rasa was not asked, and leave what was going on before."""
    if not said:
        return
    events: list[Event] = []
    for line in said:
        if line.author == "customer":
            events.append(UserUttered(line.text, {"name": None}))
        else:
            events.append(BotUttered(line.text, metadata={"source": line.author}))
    if tracker.active_loop_name:
        events.append(ActiveLoop(None))
    events += [SlotSet(name, tracker.slots[name].initial_value) for name in PASSING_SLOTS if name in tracker.slots]
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    tracker.update_with_events(events, processor.domain)


async def run(
    processor: MessageProcessor, tracker: DialogueStateTracker, message: UserMessage, locale: str
) -> list[Event]:
    """Understand `message` and act until Rasa listens again; returns the summary of what was before.

    Raises ActionFailedError or what went wrong.
    """
    if not tracker.events:
        tracker.update_with_events(opening(), processor.domain)
    if tracker.get_slot("locale") != locale:
        tracker.update(SlotSet("locale", locale), processor.domain)
    parsed = await processor.parse_message(message, tracker)
    uttered = UserUttered(
        message.text,
        parsed["intent"],
        parsed["entities"],
        parsed,
        input_channel=message.input_channel,
        message_id=message.message_id,
        metadata=message.metadata,
    )
    before = summary(tracker)
    tracker.update(uttered, processor.domain)
    await processor.run_action_extract_slots(message.output_channel, tracker)
    while True:  # ends by ActionLimitReached at the latest
        action, prediction = processor.predict_next_with_tracker_if_should(tracker)
        await _act(processor, tracker, message, action, prediction)
        if action.name() == ACTION_LISTEN_NAME:
            return before


async def _act(
    processor: MessageProcessor,
    tracker: DialogueStateTracker,
    message: UserMessage,
    action: Action,
    prediction: PolicyPrediction,
) -> None:
    scratch = tracker.copy()  # the policy's events count only if the action is not rejected
    scratch.update_with_events(prediction.events, processor.domain)
    try:
        events = await action.run(message.output_channel, processor.nlg, scratch, processor.domain) or []
    except ActionExecutionRejection:
        tracker.update(ActionExecutionRejected(action.name(), prediction.policy_name, prediction.max_confidence))
        return
    except Exception as error:
        raise ActionFailedError(f"{action.name()} ({type(error).__name__})") from error
    if not any(isinstance(event, ActionExecutionRejected) for event in events):
        tracker.update_with_events(prediction.events, processor.domain)
        tracker.update(action.event_for_successful_execution(prediction))
    tracker.update_with_events(events, processor.domain)
