"""What Rasa 3.6.21 does slowly and has no extension point for, done quickly with the same result.

Applied once, by our tracker store and our channel, in a process that serves; training is left alone. Each replacement
gives what the original gives. A test holds the originals to those that were read when this was written.
"""

from __future__ import annotations

import asyncio
import functools
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import rasa
import ujson
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import PREVIOUS_ACTION
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from rasa_ext.history import states_for_tracker_history
from rasa_ext.patches_trackers import applied_events, copy, resolve_by_type

RASA_VERSION = "3.6.21"
# Less than the 5 s after which the action server may close an idle connection.
IDLE_SECONDS = 4.0

_originals: dict[tuple[type, str], Any] = {}


class WrongRasaError(RasaException):
    """The Rasa at hand is not the one that the patches were written for."""


@dataclass(frozen=True)
class Patch:
    """A method of Rasa and what takes its place, made from it; `source` is the SHA-256 of the original's source."""

    owner: type
    name: str
    source: str
    made: Callable[[Callable[..., Any]], Any]


def _validate_action_result(original: Callable[..., Any]) -> Callable[..., bool]:
    """The schema of an action's answer is compiled once: checking it anew takes 18 ms of each custom action."""

    @functools.cache
    def compiled() -> tuple[Any, dict[str, Any]]:
        """The answer without its events, and each kind of event: the schema tries all 23 on every event."""
        schema = RemoteAction.action_response_format_spec()
        event = dict(schema["properties"]["events"]["items"])
        kinds = {kind["properties"]["event"]["const"]: {**event, "oneOf": [kind]} for kind in event["oneOf"]}
        frame = {**schema, "properties": {**schema["properties"], "events": {"type": "array"}}}
        validator = validator_for(schema)
        return validator(frame), {name: validator(kind) for name, kind in kinds.items()}

    def is_valid(result: Any) -> bool:
        frame, kinds = compiled()
        if not isinstance(result, dict) or not frame.is_valid(result):
            return False
        names = [event.get("event") if isinstance(event, dict) else None for event in result.get("events", [])]
        return all(
            isinstance(name, str) and name in kinds and kinds[name].is_valid(event)
            for name, event in zip(names, result.get("events", []), strict=True)
        )

    def validate(self: RemoteAction, result: Any) -> bool:
        return is_valid(result) or original(self, result)  # which raises, in its own words

    return validate


def _session(original: Callable[..., Any]) -> Callable[..., aiohttp.ClientSession]:  # noqa: ARG001
    """Connections to the action server are kept, the original opens one for each call; the body is made by ujson."""
    written = functools.partial(ujson.dumps, escape_forward_slashes=False)

    def session(self: EndpointConfig) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        kept_for, connector = self.__dict__.get("relais_connector", (None, None))
        if kept_for is not loop:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS)
            weakref.finalize(self, connector._close)  # noqa: SLF001 - close() wants a loop, which may have ended
            self.__dict__["relais_connector"] = (loop, connector)
        auth = aiohttp.BasicAuth(self.basic_auth["username"], self.basic_auth["password"]) if self.basic_auth else None
        timeout = aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT)
        return aiohttp.ClientSession(
            headers=self.headers,
            auth=auth,
            timeout=timeout,
            connector=connector,
            connector_owner=False,
            json_serialize=written,
        )

    return session


def _possible_keys(original: Callable[..., Any]) -> Callable[..., set[str]]:  # noqa: ARG001
    """Which rules fit: the original goes on through the whole conversation when the longest rule has long ended."""

    def possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[Any]) -> set[str]:
        possible = {key: self._rule_key_to_state(key) for key in lookup}
        for turn, state in enumerate(reversed(states)):
            if all(turn >= len(rule) for rule in possible.values()):
                break
            possible = {
                key: rule for key, rule in possible.items() if turn >= len(rule) or fits(self, rule[-1 - turn], state)
            }
        return set(possible)

    def fits(self: RulePolicy, asked: dict[str, Any], state: dict[str, Any]) -> bool:
        """The state of a rule and one of the conversation; only their beginnings have no previous action."""
        begins, began = not asked.get(PREVIOUS_ACTION), not state.get(PREVIOUS_ACTION)
        return begins and began if begins or began else bool(self._does_rule_match_state(asked, state))

    return possible_keys


def _states(original: Callable[..., Any]) -> Callable[..., list[Any]]:  # noqa: ARG001
    """See history.py."""
    return states_for_tracker_history


def _run(original: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """The nodes of the graph one after the other, in an order found once; dask plans each run anew."""

    def run(
        self: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        given = inputs or {}
        if not targets or any(isinstance(value, str) for value in given.values()):
            return dict(original(self, inputs, targets))
        orders = self.__dict__.setdefault("relais_orders", {})
        order = orders.get(tuple(targets))
        if order is None:
            order = orders[tuple(targets)] = _order(self._graph_schema, targets)
        done: dict[str, Any] = {name: (name, value) for name, value in given.items()}
        try:
            for name, needs in order:
                if name not in done:
                    done[name] = self._instantiated_nodes[name](*(done.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return dict(done[target] for target in targets)

    return run


def _order(schema: GraphSchema, targets: list[str]) -> list[tuple[str, list[str]]]:
    """The nodes that the targets need, each after those that it needs itself."""
    order: dict[str, list[str]] = {}

    def visit(name: str) -> None:
        if name in order or name not in schema.nodes:
            return
        needs = list(schema.nodes[name].needs.values())
        for need in needs:
            visit(need)
        order[name] = needs

    for target in targets:
        visit(target)
    return list(order.items())


PATCHES = (
    Patch(
        RemoteAction,
        "_validate_action_result",
        "f8cdb4be6812396167ced74161b2ccd65c5ea676ad86d7d359d8c322d9d8dc42",
        _validate_action_result,
    ),
    Patch(EndpointConfig, "session", "e55aa13d9d4fb4bc440ac33b870a97ee162b76dda7ccb6bf68433567475fdffb", _session),
    Patch(
        Event, "resolve_by_type", "b5cf570fa7f286c7059ec73d8880528d03a78b28cf4e80285a46079c0fa65968", resolve_by_type
    ),
    Patch(DialogueStateTracker, "copy", "dfa48dca9f355ad1b42c625bc6f6370bafe83514ed17a77904ed64c67bf07285", copy),
    Patch(
        DialogueStateTracker,
        "applied_events",
        "764d5065ea9997d613c1984d9357370f9ae32d31ca21346086f16c54f0487aae",
        applied_events,
    ),
    Patch(
        Domain,
        "states_for_tracker_history",
        "035111ce73ac90ba50e143abf556f924af07d9f452893f5a96a62895d44df8b7",
        _states,
    ),
    Patch(
        RulePolicy,
        "_get_possible_keys",
        "2915fd81711e194c6d667728e00bd0e51e9c1c2791a0be14c55f0ef9938f9936",
        _possible_keys,
    ),
    Patch(DaskGraphRunner, "run", "45f0f52f574f3aa9546a552bf671183e171092c18b66e97f5771a7fa295de37e", _run),
)


def apply() -> None:
    """Put every patch in place, once. Raises WrongRasaError on another version of Rasa."""
    if rasa.__version__ != RASA_VERSION:
        raise WrongRasaError(
            f"Relais speeds up Rasa {RASA_VERSION} and was not tried with Rasa {rasa.__version__}, which is installed: "
            "install the pinned version, or review rasa_ext/patches.py."
        )
    if _originals:
        return
    for patch in PATCHES:
        original = getattr(patch.owner, patch.name)
        _originals[patch.owner, patch.name] = original
        setattr(patch.owner, patch.name, patch.made(original))
