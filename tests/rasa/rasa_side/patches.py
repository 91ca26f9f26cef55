"""Each patch beside its original, on the inputs of real conversations."""

from __future__ import annotations

import hashlib
import inspect
import json
import random
from collections.abc import Callable
from typing import Any

import rasa
from aiohttp import web
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.policy import Policy
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core import events as e
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from rasa_ext import patches
from tests.rasa.rasa_side.conversations import conversation, domain, new_tracker, state_of
from tests.rasa.rasa_side.running import refused, run_all

ORIGINALS = {(patch.owner, patch.name): getattr(patch.owner, patch.name) for patch in patches.PATCHES}


def check_another_version_of_rasa_is_refused_and_left_alone() -> None:
    rasa.__version__, kept = "3.6.22", rasa.__version__
    try:
        with refused(patches.WrongRasaError) as told:
            patches.apply()
    finally:
        rasa.__version__ = kept
    assert "3.6.21" in str(told[0])
    assert "3.6.22" in str(told[0])
    assert all(getattr(*place) is original for place, original in ORIGINALS.items())


def check_the_originals_are_those_that_were_read() -> None:
    for patch in patches.PATCHES:
        source = inspect.getsource(ORIGINALS[patch.owner, patch.name])
        assert hashlib.sha256(source.encode()).hexdigest() == patch.source, f"{patch.name}: read it again"


def check_each_is_in_place_once() -> None:
    patches.apply()
    placed = {place: getattr(*place) for place in ORIGINALS}
    patches.apply()
    for place, original in ORIGINALS.items():
        assert getattr(*place) is placed[place]
        assert placed[place] is not original


def check_answers_of_actions_pass_or_fail_alike() -> None:
    good: list[Any] = [
        {},
        {"events": [], "responses": []},
        {"events": [{"event": "slot", "name": "a", "value": None, "timestamp": None}], "responses": [{"text": "x"}]},
        {"events": [{"event": "followup", "name": "x"}, {"event": "active_loop", "name": None}], "responses": []},
        {"responses": [{"custom": {"answer": {"score": 0.5}}, "buttons": [{"title": "a", "payload": "/b"}]}]},
    ]
    bad: list[Any] = [None, [], "x", {"events": {}}, {"responses": [1]}, {"events": [{"event": "slot"}]}]
    bad += [{"events": ["x"]}, {"events": [{}]}, {"events": [{"event": ["slot"]}]}, {"events": None}]
    bad += [{"events": [{"event": "user", "text": 1}]}, {"events": [{"event": "bot", "timestamp": "now"}]}]
    bad += [{"events": [{"event": "no such event"}]}, {"events": [{"event": "slot", "name": 5, "value": 1}]}]
    action, original = RemoteAction("x", None), ORIGINALS[RemoteAction, "_validate_action_result"]
    for result in good:
        assert action._validate_action_result(result) is original(action, result) is True
    for result in bad:
        told = [_error_of(call, action, result) for call in (RemoteAction._validate_action_result, original)]
        assert told[0] == told[1], told


def check_events_are_of_the_same_class() -> None:
    original = ORIGINALS[e.Event, "resolve_by_type"]
    names = {kind.type_name for kind in all_subclasses(e.Event)}
    assert len(names) > 20
    for name in [*names, *names, "topic"]:
        assert e.Event.resolve_by_type(name) is original(name), name
    assert e.Event.resolve_by_type("no such", e.SlotSet) is e.SlotSet
    assert _error_of(e.Event.resolve_by_type, "no such") == _error_of(original, "no such")


def check_a_copy_has_the_same_state_and_a_life_of_its_own() -> None:
    original = ORIGINALS[DialogueStateTracker, "copy"]
    for seed in range(30):
        tracker = new_tracker()
        for event in conversation(seed):
            tracker.update(event)
            twin, stock = tracker.copy(), original(tracker)
            assert state_of(twin) == state_of(stock), (seed, event)
            assert list(map(id, twin.events)) == list(map(id, stock.events))
        before = state_of(tracker)
        twin.update_with_events([e.SlotSet("task", "x"), e.ActiveLoop(None), e.ConversationPaused()], None)
        if tracker.active_loop:
            tracker.copy().interrupt_loop(is_interrupted=True)
        assert state_of(tracker) == before


def check_prediction_takes_the_follow_up_away_and_a_copy_brings_it_back() -> None:
    original = ORIGINALS[DialogueStateTracker, "copy"]
    tracker = new_tracker()
    tracker.update_with_events([e.ActionExecuted("action_listen"), e.FollowupAction("action_restart")], None)
    tracker.clear_followup_action()
    assert tracker.copy().followup_action == original(tracker).followup_action == "action_restart"


def check_the_same_events_count() -> None:
    original = ORIGINALS[DialogueStateTracker, "applied_events"]
    for seed in range(30):
        tracker = new_tracker()
        for event in conversation(seed):
            tracker.update(event)
            for _ in range(2):
                ours, stock = tracker.applied_events(), original(tracker)
                assert list(map(id, ours)) == list(map(id, stock)), (seed, event)
                ours.clear()


def check_states_grow_as_they_would_be_made_anew() -> None:
    original = ORIGINALS[Domain, "states_for_tracker_history"]
    rule_only = {"rule_only_slots": ["requested_slot"], "rule_only_loops": ["task_form"]}
    options: list[dict[str, Any]] = [
        {},
        {"omit_unset_slots": True},
        {"ignore_rule_only_turns": True, "rule_only_data": rule_only},
        {"ignore_rule_only_turns": True, "rule_only_data": None},
    ]
    lengths = set()
    for seed in range(15):
        tracker, chance = new_tracker(), random.Random(seed)
        for event in conversation(seed):
            tracker.update(event)
            for asked in options if chance.random() < 0.5 else []:
                stock = original(domain(), tracker, **asked)
                ours = domain().states_for_tracker_history(tracker, **asked)
                assert ours == stock, (seed, asked)
                for state in ours:  # the caller may do with them as it likes
                    state.setdefault("user", {}).clear()
                lengths.add(len(stock))
    assert max(lengths) > 20


def check_the_same_rules_are_possible() -> None:
    original = ORIGINALS[RulePolicy, "_get_possible_keys"]
    policy = RulePolicy.__new__(RulePolicy)
    for seed in range(15):
        tracker = new_tracker()
        for event in conversation(seed):
            tracker.update(event)
        states = domain().states_for_tracker_history(tracker)
        keys = [json.dumps(states[-n:]) for n in (1, 2, 3)] + [json.dumps(states[:2]), json.dumps([{}, states[-1]])]
        lookup = dict.fromkeys([*keys, "[]"], "x")
        assert policy._get_possible_keys(lookup, states) == original(policy, lookup, states) != set()
    assert policy._get_possible_keys({}, states) == set()


def check_a_graph_runs_the_same_nodes_with_the_same_inputs() -> None:
    original = ORIGINALS[DaskGraphRunner, "run"]
    ran: list[str] = []

    def node(name: str) -> Callable[..., tuple[str, Any]]:
        def called(*arguments: Any) -> tuple[str, Any]:
            ran.append(name)
            if name == "broken":
                raise RuntimeError("x")
            return name, [name, *sorted(map(str, arguments))]

        return called

    needs = {"a": {"x": "__message__"}, "b": {"x": "a"}, "c": {"x": "a", "y": "b"}, "d": {"x": "c"}, "e": {"z": "gone"}}
    needs["broken"] = {"x": "a"}
    nodes = {
        name: SchemaNode(needs=each, uses=Policy, constructor_name="", fn="", config={}) for name, each in needs.items()
    }
    runner = DaskGraphRunner.__new__(DaskGraphRunner)
    runner._graph_schema, runner._execution_context = GraphSchema(nodes), "context"
    runner._instantiated_nodes = {name: node(name) for name in nodes}
    for inputs, targets in (({"__message__": [1]}, ["c"]), ({"__message__": [2]}, ["d", "b"]), ({}, ["e"])):
        outcomes = []
        for run in (original, DaskGraphRunner.run):
            ran.clear()
            outcomes.append((run(runner, inputs, targets), sorted(ran)))
        assert outcomes[0] == outcomes[1], outcomes
    for run in (original, DaskGraphRunner.run):
        with refused(GraphRunError) as told:
            run(runner, {"__message__": [1]}, ["broken"])
        assert isinstance(told[0].__cause__, RuntimeError)


async def check_calls_are_the_same_over_a_kept_connection() -> None:
    seen: list[dict[str, Any]] = []
    ports = set()

    async def echo(request: web.Request) -> web.Response:
        ports.add(request.transport.get_extra_info("peername") if request.transport else None)
        unlike = ("Host", "User-Agent", "Content-Length")  # of the body without its spaces
        kept = {key: value for key, value in request.headers.items() if key not in unlike}
        seen.append({"headers": kept, "query": dict(request.query), "body": await request.json()})
        answer = web.json_response({"n": 1}, status=int(request.query.get("status", "200")))
        answer.set_cookie("leak", "1")
        return answer

    app = web.Application()
    app.router.add_post("/webhook", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    settings: dict[str, Any] = {"headers": {"X-A": "b"}, "basic_auth": {"username": "u", "password": "p"}, "token": "t"}
    endpoint = EndpointConfig(url, **settings)
    body = {"a": [1, -0.1, 1795379959.107765, 0.9999999999999999, None, True], "é/\u202f": '« </script> "\n😀'}
    for _ in range(3):
        assert await endpoint.request(json=body) == {"n": 1}
    assert len(ports) == 1, "one connection for all three"
    patched = seen[:3]
    EndpointConfig.session, placed = ORIGINALS[EndpointConfig, "session"], EndpointConfig.session
    try:
        assert await EndpointConfig(url, **settings).request(json=body) == {"n": 1}
    finally:
        EndpointConfig.session = placed
    assert patched == [seen[3]] * 3, (patched, seen[3])
    assert seen[3]["body"] == body
    for _ in range(2):
        with refused(ClientResponseError) as told:
            await endpoint.request(json={}, params={"status": "400"})
        assert vars(told[0])["status"] == 400
    await runner.cleanup()


def _error_of(call: Callable[..., Any], *arguments: Any) -> tuple[str, str, str]:
    try:
        call(*arguments)
    except (ValidationError, ValueError) as error:
        return type(error).__name__, str(error), str(getattr(error, "message", ""))
    raise AssertionError(f"{arguments} must be refused")


if __name__ == "__main__":
    run_all(globals().copy())
