"""What goes wrong in the middle of a step, what is refused again and again, and what is said once more."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.say_again import SayAgain
from tests.actions.task_chat import Shop, TaskChat
from tests.actions.test_task_engine import ANSWERED, returning


async def at_items(shop: Shop, order: str = "MA-104388") -> TaskChat:
    """A return at the question which article."""
    chat = shop.chat("C-1002")
    await chat.say("je veux renvoyer un article de la 104388", "return_item")
    assert chat.step == "items"
    chat.slots["task_values"] = {**chat.slots["task_values"], "order": order}
    return chat


@pytest.mark.parametrize(("text", "intent"), [("répétez", "repeat"), ("la lampe", "nlu_fallback")])
async def test_a_back_office_down_at_a_step_is_admitted(shop: Shop, text: str, intent: str) -> None:
    chat = await at_items(shop)
    await shop.mode("down")
    told = await chat.say(text, intent)
    assert told.names == ["utter_task_unavailable", "utter_offer_human_task"]
    assert chat.task is None


@pytest.mark.parametrize(("text", "intent"), [("répétez", "repeat"), ("la lampe", "nlu_fallback")])
async def test_an_order_that_is_gone_at_a_step_ends_the_task(shop: Shop, text: str, intent: str) -> None:
    chat = await at_items(shop, "MA-999999")
    told = await chat.say(text, intent)
    assert told.names == ["utter_order_gone"]
    assert (told.custom("task")["outcome"], chat.task) == ("failed", None)


async def test_the_proof_is_asked_for_once_more_after_a_question_and_then_left_by(shop: Shop) -> None:
    chat = shop.chat(None)
    assert (await chat.say("où est ma commande ?", "track_order")).names == ["utter_ask_identity"]
    began = {"event": "active_loop", "name": "task_form"}
    proof = {"event": "bot", "text": "?", "metadata": {"utter_action": "utter_ask_identity"}}
    once = await chat.say("vous livrez le samedi ?", "ask_question", before=[proof, began, proof], events=ANSWERED)
    assert once.names == ["utter_ask_identity"]
    twice = [began, proof, proof]
    assert (await chat.say("et en Belgique ?", "ask_question", before=twice, events=ANSWERED)).names == []
    sent = await chat.say("c'est julien.morel@maison-alder.test", before=twice)
    assert sent.names == ["utter_identity_sent"], "the task is still there for who comes back to it"


@pytest.mark.parametrize("trouble", ["down", "gone", "signed out"])
async def test_an_answer_in_the_middle_outlives_a_question_that_cannot_be_put(shop: Shop, trouble: str) -> None:
    chat = await at_items(shop, "MA-999999" if trouble == "gone" else "MA-104388")
    if trouble == "down":
        await shop.mode("down")
    chat.customer = None if trouble == "signed out" else chat.customer
    back = await chat.say("combien coûte un retour ?", "ask_question", events=ANSWERED)
    assert back.names == []
    assert chat.step == "items"


async def test_signed_out_before_a_repetition_asks_who_they_are(shop: Shop) -> None:
    chat = await at_items(shop)
    chat.customer = None
    assert (await chat.say("répétez", "repeat")).names == ["utter_ask_identity"]


@pytest.mark.parametrize(
    ("text", "intent", "said"),
    [("finalement je préfère annuler toute cette démarche merci", "cancel", "utter_task_cancelled"),
     ("est-ce qu'on peut tout reprendre au début s'il vous plaît", "begin_again", "utter_task_restarted"),
     ("je voudrais revenir à la question d'avant s'il vous plaît", "go_back", "utter_ask_return_item_items")],
)  # fmt: skip
async def test_long_words_about_the_task_are_obeyed(shop: Shop, text: str, intent: str, said: str) -> None:
    chat = await returning(shop)
    assert (await chat.say(text, intent)).names[0] == said


async def test_three_unknown_places_offer_a_human(shop: Shop) -> None:
    chat = shop.chat(None)
    await chat.say("trouver un magasin", "find_shop")
    for _ in range(2):
        assert "utter_offer_human_task" not in (await chat.say("zzzz")).names
        assert chat.step == "place"
    third = await chat.say("qqqq")
    assert third.names[-1] == "utter_offer_human_task"
    assert (chat.slots["human_offered"], chat.step) == (True, "place")
    assert "utter_find_shop_done" in (await chat.say("69003 Lyon")).names


async def repeated(*events: dict[str, Any]) -> list[dict[str, Any]]:
    said = [{"event": "user", "text": "ma facture"}, *events, {"event": "user", "text": "répétez"}]
    dispatcher = CollectingDispatcher()
    tracker = Tracker("c", {}, {"text": "répétez"}, said, False, None, {}, "action_listen")
    await SayAgain().act(dispatcher, tracker)
    return list(dispatcher.messages)


async def test_what_is_personal_stays_so_when_it_is_repeated() -> None:
    marks = {"confidential": True, "title": "Votre facture"}
    invoice, record = await repeated(
        {"event": "bot", "text": "https://shop/invoice", "data": {"custom": {**marks, "task": {"name": "x"}}}},
        {"event": "bot", "text": None, "data": {"custom": {"ask_private": {"field": "email"}}}},
    )
    assert (invoice["text"], invoice["custom"]) == ("https://shop/invoice", marks)
    assert record["custom"] == {"ask_private": {"field": "email"}}


async def test_an_order_named_while_a_code_is_awaited_is_the_one_meant(shop: Shop) -> None:
    chat = shop.chat(None)
    await chat.say("je veux suivre ma commande", "track_order")
    await chat.say("camille.laurent@maison-alder.test")
    waiting = await chat.say("suivez la commande 104871", "track_order")
    assert (waiting.names, chat.step) == (["utter_identity_waiting"], "identity")
    chat.customer = "C-1001"  # who has two under way
    proven = await chat.say("/identity_proven", "identity_proven")
    assert proven.custom("task")["detail"] == "MA-104871: in_preparation"
