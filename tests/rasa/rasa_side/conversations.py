"""Conversations made up at random, with all that Rasa's events can do to each other."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from rasa.shared.core import events as e
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


@cache
def domain() -> Domain:
    return Domain.load("domain")


def new_tracker() -> DialogueStateTracker:
    return DialogueStateTracker("x", domain().slots)


def state_of(tracker: DialogueStateTracker) -> dict[str, Any]:
    said = tracker.latest_message
    return {
        "slots": {name: (slot.value, slot.has_been_set) for name, slot in tracker.slots.items()},
        "loop": vars(tracker.active_loop) if tracker.active_loop else None,
        "followup": tracker.followup_action,
        "paused": tracker.is_paused(),
        "action": tracker.latest_action,
        "said": (said.as_dict(), said.use_text_for_featurization) if said and said.text else None,
        "bot": tracker.latest_bot_utterance.text if tracker.latest_bot_utterance else None,
        "ids": (tracker.sender_id, tracker.model_id, tracker.assistant_id),
    }


def conversation(seed: int) -> Iterator[e.Event]:
    """Messages, forms with their unhappy paths, slots, and now and then what takes something back."""
    chance, known = random.Random(seed), domain()
    yield from (e.ActionExecuted("action_session_start"), e.SessionStarted(), e.ActionExecuted("action_listen"))
    for number in range(12):
        name = chance.choice(known.intents)
        entities = [{"entity": chance.choice(known.entities), "value": "1"}] if chance.random() < 0.3 else []
        yield e.UserUttered(f"text {number}", {"name": name, "confidence": 0.9}, entities, message_id=str(number))
        yield e.SlotSet(chance.choice([slot.name for slot in known.slots]), chance.choice(["x", None, 3]))
        yield e.DefinePrevUserUtteredFeaturization(False)
        yield from _done(chance)
        yield e.ActionExecuted("action_listen", hide_rule_turn=chance.random() < 0.4)
        if chance.random() < 0.15:
            yield chance.choice(
                [
                    e.UserUtteranceReverted(),
                    e.Restarted(),
                    e.AllSlotsReset(),
                    e.ActionReverted(),
                    e.ConversationPaused(),
                ]
            )
            yield e.ActionExecuted("action_listen")


def _done(chance: random.Random) -> Iterator[e.Event]:
    hidden = chance.random() < 0.4
    kind = chance.randrange(5)
    if kind == 0:
        yield from (e.ActionExecuted("task_form", hide_rule_turn=hidden), e.ActiveLoop("task_form"))
        yield e.SlotSet("requested_slot", "task_input")
    elif kind == 1:
        yield e.ActionExecutionRejected("task_form")
        yield from (e.ActionExecuted("utter_greet", hide_rule_turn=hidden), e.BotUttered("x"), e.LoopInterrupted(True))
        yield e.ActionExecuted("task_form", hide_rule_turn=hidden)
    elif kind == 2:
        yield from (e.ActionExecuted("task_form"), e.ActiveLoop(None), e.SlotSet("requested_slot", None))
    elif kind == 3:
        yield from (e.ActionExecuted("utter_greet", hide_rule_turn=hidden), e.FollowupAction("action_default_fallback"))
        yield e.ActionExecuted("action_default_fallback")
    else:
        yield from (e.ActionExecuted("utter_greet", hide_rule_turn=hidden), e.BotUttered("x", {"custom": {"a": 1}}))
