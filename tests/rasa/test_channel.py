"""The input channel's promises: one at a time, each once, whole or not at all, and restored from the kept state."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.rasa.stack import Road, buttons, custom, texts

pytestmark = pytest.mark.usefixtures("_neighbours_well")


@pytest.fixture
def _neighbours_well(rasa_road: Road) -> Iterator[None]:
    yield
    rasa_road.knowledge.down = False
    rasa_road.office.mode = "ok"


@pytest.mark.parametrize(("locale", "hello", "words"), [("fr", "bonjour", "Bonjour !"), ("en", "hello", "Hello!")])
async def test_replies_in_the_language_of_the_conversation(
    rasa_road: Road, locale: str, hello: str, words: str
) -> None:
    answer = await rasa_road.chat(locale).say(hello)
    assert texts(answer).replace("\u202f", " ").startswith(words)
    assert answer["intent"]["name"] == "greet"
    assert len(answer["intent_ranking"]) == 3
    assert answer["slots"]["locale"] == locale
    assert answer["active_loop"] is None


async def test_a_message_sent_again_is_answered_again_and_runs_nothing(rasa_road: Road) -> None:
    chat = rasa_road.chat(customer="C-1001")
    body = chat.body("où est ma commande MA-104233 ?")
    before = len(rasa_road.office.tracked)
    _, first = await chat.post(body)
    calls = len(rasa_road.office.calls)
    assert len(rasa_road.office.tracked) == before + 1
    _, again = await chat.post(body)
    assert again["replayed"] is True
    assert again["replies"] == first["replies"]
    assert len(rasa_road.office.calls) == calls
    assert rasa_road.office.tracked[body["message_id"]] == "MA-104233"


async def test_the_same_message_five_times_at_once_is_handled_once(rasa_road: Road) -> None:
    chat = rasa_road.chat()
    body = chat.body("quel est le délai de livraison ?")
    before = len(rasa_road.knowledge.asked)
    answers = await asyncio.gather(*(chat.post(body) for _ in range(5)))
    assert [status for status, _ in answers] == [200] * 5
    assert sorted(answer["replayed"] for _, answer in answers) == [False, True, True, True, True]
    assert len({str(answer["replies"]) for _, answer in answers}) == 1
    assert len(rasa_road.knowledge.asked) == before + 1


async def test_messages_of_one_conversation_wait_for_each_other_and_none_is_lost(rasa_road: Road) -> None:
    chat = rasa_road.chat()
    await chat.say("bonjour")
    bodies = [chat.body(f"livraison {n}", last_message_id=None) for n in range(8)]
    answers = await asyncio.gather(*(chat.post(body) for body in bodies))
    assert [status for status, _ in answers] == [200] * 8
    for body in bodies:  # each is in the tracker: it is answered from there
        assert (await chat.post(body))[1]["replayed"] is True


async def test_a_wiped_redis_in_the_middle_of_the_form_is_restored_and_the_form_goes_on(rasa_road: Road) -> None:
    chat = rasa_road.chat(customer="C-1001")
    await chat.say("bonjour")
    asked = await chat.say("je veux suivre ma commande")
    assert asked["active_loop"] == "task_form"
    wipe(rasa_road)
    body = chat.body("104 233")
    status, refusal = await chat.post(body)
    assert (status, refusal["error"]["code"]) == (409, "tracker_missing")
    status, answer = await chat.post({**body, "restore": chat.state})
    assert status == 200
    assert "MA-104233" in texts(answer)
    assert custom(answer, "task")["outcome"] == "done"
    assert answer["active_loop"] is None
    assert rasa_road.office.tracked[body["message_id"]] == "MA-104233"


async def test_a_restored_conversation_still_knows_what_it_answered(rasa_road: Road) -> None:
    chat = rasa_road.chat()
    await chat.say("bonjour")
    body = chat.body("livraison ?")
    _, first = await chat.post(body)
    wipe(rasa_road)
    asked = len(rasa_road.knowledge.asked)
    _, again = await chat.post({**body, "restore": chat.state})
    assert again["replayed"] is True
    assert again["replies"] == first["replies"]
    assert len(rasa_road.knowledge.asked) == asked
    third = await chat.say("merci", restore=chat.state)
    assert third["slots"]["last_question"] == "livraison ?"


async def test_with_no_state_kept_anywhere_the_conversation_begins_anew(rasa_road: Road) -> None:
    chat = rasa_road.chat()
    answer = await chat.say("bonjour", last_message_id="lost-everywhere", restore={})
    assert answer["intent"]["name"] == "greet"


async def test_a_failed_action_leaves_nothing_and_the_turn_can_be_repeated(rasa_road: Road) -> None:
    chat = rasa_road.chat()
    first = await chat.say("bonjour")
    rasa_road.knowledge.down = True
    body = chat.body("quels sont vos délais de livraison ?")
    status, refusal = await chat.post(body)
    assert (status, refusal["error"]["code"]) == (503, "action_failed")
    rasa_road.knowledge.down = False
    status, answer = await chat.post(body)
    assert (status, answer["replayed"]) == (200, False)
    assert custom(answer, "answer")["article_id"] == "delivery-times"
    assert first["state"] != answer["state"]


async def test_a_slash_typed_by_a_customer_is_only_text(rasa_road: Road) -> None:
    chat = rasa_road.chat()
    await chat.say("quel est le délai de livraison ?")
    for typed in ("/restart", ' /inform{"x":1}', "//session_start", "/"):
        answer = await chat.say(typed, typed=True)
        assert answer["slots"]["last_question"], typed
        assert answer["intent"]["name"] not in ("restart", "inform", "session_start"), typed


async def test_a_choice_arrives_as_a_command_and_unknown_ones_are_refused(rasa_road: Road) -> None:
    chat = rasa_road.chat()
    asked = await chat.say("j'hésite entre plusieurs choses, vous savez quoi ?")
    offered = buttons(asked)
    assert list(offered.values())[-1] == "/none_of_these"
    assert len(offered) == 3
    chosen = await chat.say(offered["returns"])
    assert custom(chosen, "answer")["article_id"] == "returns"
    for command in ("/restart", "/nlu_fallback", "/made_up", "/greet extra", "greet"):
        body = chat.body("x")
        del body["text"]
        status, refusal = await chat.post({**body, "command": command})
        assert (status, refusal["error"]["code"]) == (400, "bad_request"), command


async def test_what_was_said_meanwhile_is_told_and_leaves_the_form(rasa_road: Road) -> None:
    chat = rasa_road.chat(customer="C-1001")
    assert (await chat.say("je veux suivre ma commande"))["active_loop"] == "task_form"
    meanwhile = [
        {"author": "customer", "text": "vous êtes là ?"},
        {"author": "advisor", "text": "Bonjour, je m'en occupe."},
        {"author": "system", "text": "Claire a terminé."},
    ]
    answer = await chat.say("merci", catch_up=meanwhile)
    assert answer["intent"]["name"] == "thank"
    assert answer["active_loop"] is None
    assert "task" not in answer["slots"]
    assert len(answer["replies"]) == 1  # neither the form's question nor the advisor's line again
    assert "Claire" in stored(rasa_road, chat.id)
    assert (await chat.say("oui"))["replies"][0]["text"].startswith("Je vous écoute")


async def test_bad_requests_get_a_sentence(rasa_road: Road) -> None:
    chat = rasa_road.chat()
    good = chat.body("bonjour")
    for broken in (
        {**good, "text": "  "},
        {**good, "text": 5},
        {**good, "locale": None},
        {**good, "command": "/greet"},
        {**good, "catch_up": [{"author": "nobody", "text": "x"}]},
        {**good, "restore": "x"},
        {**good, "last_message_id": "gone", "restore": {"v": 99}},
    ):
        status, refusal = await chat.post(broken)
        assert (status, refusal["error"]["code"]) == (400, "bad_request"), broken
    async with rasa_road.http.post(rasa_road.webhook, data=b"\xff\xfe{") as response:
        assert response.status == 400


async def test_the_identity_token_is_not_kept_and_nothing_personal_is_logged(rasa_road: Road) -> None:
    chat = rasa_road.chat(customer="C-1001")
    answer = await chat.say("où est ma commande MA-104233, je suis Camille Roche")
    token = chat.body("x")["metadata"]["identity_token"]
    kept = stored(rasa_road, chat.id)
    assert "MA-104233" in kept  # the tracker is there
    assert "identity_token" not in kept
    assert token.split(".")[0] not in kept + str(answer["state"])
    for name in ("rasa", "actions"):
        assert "Camille" not in rasa_road.log(name)


async def test_a_long_conversation_does_not_grow_without_bound(rasa_road: Road) -> None:
    chat = rasa_road.chat()
    sizes = []
    for n in range(90):
        answer = await chat.say("merci" if n % 2 else "bonjour")
        sizes.append(len(stored(rasa_road, chat.id)))
    assert max(sizes) < 3 * sizes[30]
    assert len(str(answer["state"])) < 12_000


async def test_health_says_that_a_turn_can_be_run(rasa_road: Road) -> None:
    async with rasa_road.http.get(rasa_road.config.url_of("rasa") + "/webhooks/relais/healthz") as response:
        assert (response.status, (await response.json())["status"]) == (200, "ok")


def stored(road: Road, conversation_id: str) -> str:
    """The tracker as it is in Redis: a list with an entry for each turn."""
    return "".join(map(str, road.redis().lrange(f"relais:tracker:{conversation_id}", 0, -1)))


def wipe(road: Road) -> None:
    """Lose every tracker, as an administrator's mistake would; the keys are this test's own server's."""
    keys = road.redis().keys("relais:tracker:*")
    assert keys
    road.redis().delete(*keys)
