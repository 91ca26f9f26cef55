"""The action server over HTTP, called as Rasa and bot call it, between fakes of its neighbours."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from launch.config import ROOT
from tests.rasa.stack import Road

pytestmark = pytest.mark.usefixtures("_neighbours_well")

FORM = "validate_task_form"
LONG_REQUEST = "je veux un conseiller pour ma lampe reçue cassée hier soir"


@pytest.fixture
def _neighbours_well(action_road: Road) -> Iterator[None]:
    yield
    action_road.knowledge.down = False
    action_road.office.mode = "ok"


async def call(
    road: Road, action: str, text: str = "", *, intent: str = "ask_question", token: str | None = None, **slots: Any
) -> tuple[int, dict[str, Any]]:
    """Status and body of one call."""
    message = {
        "text": text, "intent": {"name": intent}, "intent_ranking": [], "entities": slots.pop("entities", []),
        "message_id": slots.pop("message_id", uuid.uuid4().hex),
        "metadata": {**({"identity_token": token} if token else {}), **slots.pop("metadata", {})},
    }  # fmt: skip
    tracker = {
        "sender_id": "conv-1", "slots": {"locale": "fr", **slots}, "latest_message": message, "active_loop": {},
        "events": [{"event": "user", "text": text, "parse_data": {"intent": {"name": intent}}}],
    }  # fmt: skip
    body = {"next_action": action, "sender_id": "conv-1", "tracker": tracker, "version": "3.6.21"}
    async with road.http.post(road.config.url_of("actions") + "/webhook", json=body) as response:
        return response.status, await response.json()


def number(typed: str) -> dict[str, Any]:
    """The entity of an order number."""
    return {"entity": "order_number", "value": typed}


def responses(body: dict[str, Any]) -> list[str]:
    return [each["response"] for each in body["responses"] if each["response"]]


def customs(body: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["custom"][kind] for each in body["responses"] if kind in each["custom"]]


def slots(body: dict[str, Any]) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in body["events"] if event["event"] == "slot"}


async def test_an_answer_is_the_writers_with_its_source_and_the_task_beneath(action_road: Road) -> None:
    _, body = await call(action_road, "action_answer_question", "délai de livraison ?", failed_answers=1)
    (answer,) = customs(body, "answer")
    assert answer.keys() == {
        "article_id", "version", "locale", "title", "answer", "passage", "sentence", "url", "score", "topic",
        "confidence", "question",
    }  # fmt: skip
    assert responses(body) == ["utter_answer_track_order"]
    assert slots(body)["failed_answers"] == 0
    assert action_road.knowledge.asked[-1] == {"question": "délai de livraison ?", "locale": "fr", "limit": 3}
    _, other = await call(action_road, "action_answer_question", "le retour ?")
    assert responses(other) == ["utter_answer"]


async def test_the_second_failure_in_a_row_offers_a_human(action_road: Road) -> None:
    _, first = await call(action_road, "action_answer_question", "zzz")
    assert (responses(first), slots(first)["failed_answers"]) == (["utter_no_answer"], 1)
    _, second = await call(action_road, "action_answer_question", "zzz", failed_answers=1)
    assert responses(second) == ["utter_offer_human"]
    assert (slots(second)["human_offered"], slots(second)["offer_reason"]) == (True, "no_answer")
    (record,) = customs(second, "unanswered")
    assert record == {"question": "zzz", "decision": "abstain", "candidates": []}


async def test_annoyance_gets_the_answer_and_then_the_offer(action_road: Road) -> None:
    _, answered = await call(action_road, "action_answer_question", "livraison jamais tenue !", intent="complaint")
    assert responses(answered) == ["utter_answer_track_order", "utter_offer_human_annoyed"]
    _, abstained = await call(action_road, "action_answer_question", "c'est une honte", intent="complaint")
    assert responses(abstained) == ["utter_offer_human_annoyed"]
    assert slots(abstained)["offer_reason"] == "negative_feeling"


async def test_anger_alone_is_no_question_for_the_writers(action_road: Road) -> None:
    _, vented = await call(action_road, "action_answer_question", "c nul votre truc", intent="complaint")
    assert responses(vented) == ["utter_offer_human_annoyed"]
    assert customs(vented, "unanswered") == []
    _, asked = await call(action_road, "action_answer_question", "ET LES LISTES DE MARIAGE !!!", intent="ask_question")
    assert responses(asked) == ["utter_offer_human_annoyed"]
    assert len(customs(asked, "unanswered")) == 1


async def test_a_knowledge_base_out_of_reach_fails_the_action(action_road: Road) -> None:
    action_road.knowledge.down = True
    status, _ = await call(action_road, "action_answer_question", "livraison")
    assert status == 500


@pytest.mark.parametrize(
    ("text", "intent", "slots_before", "reason", "question"),
    [
        ("je veux un humain", "request_human", {"last_question": "le retour ?"}, "customer_request", "le retour ?"),
        ("je veux un humain", "request_human", {}, "customer_request", "je veux un humain"),
        (LONG_REQUEST, "request_human", {"last_question": "le retour ?"}, "customer_request", LONG_REQUEST),
        ("/request_human", "request_human", {}, "customer_request", ""),
        ("oui", "affirm", {"last_question": "zzz", "offer_reason": "task_failed"}, "task_failed", "zzz"),
    ],
)  # fmt: skip
async def test_a_handoff_says_why_and_what_was_really_asked(
    action_road: Road, text: str, intent: str, slots_before: dict[str, Any], reason: str, question: str
) -> None:
    _, body = await call(
        action_road, "action_request_handoff", text, intent=intent, last_topic="returns", **slots_before
    )
    assert customs(body, "handoff") == [{"reason": reason, "question": question, "topic": "returns"}]


@pytest.mark.parametrize(
    "claims",
    [
        {"assurance": "claimed"}, {"assurance": "channel"}, {"assurance": "anonymous"}, {"minutes": -1},
        {"cid": "another"}, {"aud": "relais"}, {"iss": "shop"}, None,
    ],
)  # fmt: skip
async def test_no_personal_data_without_proof(action_road: Road, claims: dict[str, Any] | None) -> None:
    token = None if claims is None else action_road.token("conv-1", **{"minutes": 10, **claims})
    called = len(action_road.office.calls)
    _, body = await call(
        action_road, FORM, "où est-elle ?", intent="track_order", entities=[number("MA-104233")], token=token
    )
    assert responses(body) == ["utter_ask_identity"]
    assert customs(body, "task") == [{"name": "track_order", "step": "identity", "outcome": "started", "detail": ""}]
    _, card = await call(action_road, "action_customer_card", token=token)
    assert card["responses"][0]["custom"] == {"customer": None}
    assert len(action_road.office.calls) == called


async def test_a_token_of_another_signer_proves_nothing(action_road: Road) -> None:
    from tests.actions.fakes import identity_token

    _, card = await call(action_road, "action_customer_card", token=identity_token("x" * 32, "conv-1"))
    assert card["responses"][0]["custom"] == {"customer": None}
    _, good = await call(action_road, "action_customer_card", token=action_road.token("conv-1"))
    assert good["responses"][0]["custom"]["customer"]["name"] == "Camille Roche"  # the set-up works


async def test_an_order_of_somebody_else_does_not_exist(action_road: Road) -> None:
    token = action_road.token("conv-1")
    found = [
        await call(action_road, FORM, "?", intent="track_order", entities=[number(each)], token=token)
        for each in ("MA-105002", "MA-999999")
    ]
    said = [[(r["response"], r["custom"]) for r in body["responses"]] for _, body in found]
    assert str(said[0]).replace("MA-105002", "N") == str(said[1]).replace("MA-999999", "N")
    assert responses(found[0][1]) == ["utter_order_not_found"]
    assert "MA-105002" not in action_road.office.tracked.values()


async def test_tracking_bears_the_message_id_and_happens_once(action_road: Road) -> None:
    token = action_road.token("conv-1")
    for _ in range(2):
        _, body = await call(
            action_road,
            FORM,
            "?",
            intent="track_order",
            entities=[number("ma 104 233")],
            token=token,
            message_id="m-77",
        )
        assert responses(body) == ["utter_order_shipped", "utter_order_link"]
        assert body["responses"][0]["expected"] == "24 novembre"
    assert [key for key in action_road.office.tracked if key == "m-77"] == ["m-77"]


@pytest.mark.parametrize("mode", ["down", "nonsense", "slow"])
async def test_a_back_office_in_trouble_is_admitted_and_a_human_offered(action_road: Road, mode: str) -> None:
    action_road.office.mode = mode
    token = action_road.token("conv-1")
    found = [number("MA-104233")]
    status, body = await call(action_road, FORM, "?", intent="track_order", entities=found, token=token)
    assert status == 200
    assert responses(body) == ["utter_orders_unavailable", "utter_offer_human_task"]
    assert customs(body, "task")[0]["detail"] == "MA-104233: back office unavailable"
    assert slots(body)["human_offered"] is True
    _, card = await call(action_road, "action_customer_card", token=token)
    assert card["responses"][0]["custom"] == {"customer": None, "error": "back_office_unavailable"}


async def test_the_card_shows_all_orders_of_the_customer_and_of_nobody_else(action_road: Road) -> None:
    _, body = await call(action_road, "action_customer_card", token=action_road.token("conv-1"))
    customer = body["responses"][0]["custom"]["customer"]
    assert {key: customer[key] for key in ("customer_id", "segment", "customer_since")} == {
        "customer_id": "C-1001",
        "segment": "standard",
        "customer_since": "2021-03-01",
    }
    assert {order["number"] for order in customer["orders"]} == {"MA-104233", "MA-104871", "MA-104512"}
    assert customer["orders"][0]["total_eur"] == 89.0


async def test_open_orders_are_offered_as_buttons(action_road: Road) -> None:
    _, body = await call(action_road, FORM, "suivre", intent="track_order", token=action_road.token("conv-1"))
    (asked,) = [each for each in body["responses"] if each["response"] == "utter_ask_which_order_track_order"]
    assert [button["payload"] for button in asked["buttons"]] == [
        '/give_order_number{"order_number": "MA-104233"}',
        '/give_order_number{"order_number": "MA-104871"}',
    ]
    assert asked["buttons"][0]["title"] == "MA-104233 · Lampe Atelier"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"IDENTITY_SECRET": "short"}, "IDENTITY_SECRET"),
        ({"BACK_OFFICE_TOKEN": ""}, "BACK_OFFICE_TOKEN"),
        ({"SERVICE_FILE": "nowhere.yml"}, "nowhere.yml"),
    ],
)
def test_a_bad_setting_stops_the_start_with_a_sentence(action_road: Road, settings: dict[str, str], named: str) -> None:
    env = {**os.environ, **action_road.config.env, **settings}
    python = str(ROOT / ".venv" / "bin" / "python")
    done = subprocess.run(
        [python, "-m", "actions"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr
