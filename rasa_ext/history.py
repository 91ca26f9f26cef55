"""The states of a conversation, to which each turn only adds.

At each prediction each policy turns the whole conversation into states, one for each action: Rasa begins anew every
time. Here they are kept with the tracker; what was reverted meanwhile makes them begin anew.
"""

from __future__ import annotations

import operator
from typing import Any

from rasa.shared.core.constants import PREVIOUS_ACTION
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.trackers import DialogueStateTracker

State = dict[str, dict[str, Any]]

HISTORIES = "relais_histories"  # the attribute under which a tracker bears its own


def states_for_tracker_history(
    self: Domain,
    tracker: DialogueStateTracker,
    omit_unset_slots: bool = False,
    ignore_rule_only_turns: bool = False,
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    """What `Domain.states_for_tracker_history` returns; the caller may change it."""
    histories: dict[tuple[bool, bool], History] = tracker.__dict__.setdefault(HISTORIES, {})
    rule_only = rule_only_data if ignore_rule_only_turns else None
    applied = tracker.applied_events()
    history = histories.get((omit_unset_slots, ignore_rule_only_turns))
    if history is None or not history.goes_on(self, rule_only, applied):
        history = History(self, tracker, omit_unset_slots, ignore_rule_only_turns, rule_only)
        histories[omit_unset_slots, ignore_rule_only_turns] = history
    return history.states_after(applied)


class History:
    """The states before each action so far, and a tracker that has seen the events they are made of."""

    def __init__(
        self,
        domain: Domain,
        tracker: DialogueStateTracker,
        omit_unset_slots: bool,
        ignore_rule_only_turns: bool,
        rule_only_data: dict[str, Any] | None,
    ) -> None:
        self._domain = domain
        self._omit_unset_slots = omit_unset_slots
        self._hides = ignore_rule_only_turns
        self._rule_only_data = rule_only_data
        self._tracker = tracker.init_copy()
        self._events: list[Event] = []
        self._states: list[State] = []
        self._last_shown_action: dict[str, str] | None = None
        self._hidden = False

    def goes_on(self, domain: Domain, rule_only_data: dict[str, Any] | None, applied: list[Event]) -> bool:
        """Whether `applied` only adds to what was seen."""
        if domain is not self._domain or rule_only_data != self._rule_only_data or len(applied) < len(self._events):
            return False
        return all(map(operator.is_, self._events, applied))

    def states_after(self, applied: list[Event]) -> list[State]:
        """The states before each action among `applied`, and the present one."""
        for event in applied[len(self._events) :]:
            if isinstance(event, ActionExecuted):
                self._add_state(event.hide_rule_turn)
            self._tracker.update(event)
            self._events.append(event)
        before = len(self._states), self._last_shown_action, self._hidden
        self._add_state(hidden=False)
        states = [{kind: dict(features) for kind, features in state.items()} for state in self._states]
        length, self._last_shown_action, self._hidden = before
        del self._states[length:]
        return states

    def _add_state(self, hidden: bool) -> None:
        """One round of the original's loop."""
        tracker, domain = self._tracker, self._domain
        if self._hides:
            if not self._hidden:
                self._last_shown_action = domain._get_prev_action_sub_state(tracker)  # noqa: SLF001 - the original's own
            if not tracker.followup_action and tracker.latest_action_name != tracker.active_loop_name:
                self._hidden = hidden
            if self._hidden:
                return
        state: State = domain.get_active_state(tracker, omit_unset_slots=self._omit_unset_slots)
        if self._hides:
            domain._remove_rule_only_features(state, self._rule_only_data)  # noqa: SLF001
            if self._states:
                domain._substitute_rule_only_user_input(state, self._states[-1])  # noqa: SLF001
            if self._last_shown_action:
                state[PREVIOUS_ACTION] = self._last_shown_action
        self._states.append(domain._clean_state(state))  # noqa: SLF001
