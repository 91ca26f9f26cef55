"""When a human is offered: annoyance that is heard, and customers who are offered one sooner."""

from __future__ import annotations

import pytest

from tests.actions.task_chat import Shop
from tests.actions.test_actions import call, responses, slots
from tests.rasa.stack import Road

OFFERED = {"event": "bot", "text": "…", "metadata": {"utter_action": "utter_human_if_annoyed"}}


async def test_annoyance_by_tone_gets_the_answer_and_then_the_offer(action_road: Road) -> None:
    for text in (
        "LA LIVRAISON C'EST POUR QUAND",
        "la livraison, ça fait trois fois que je demande",
        "et la livraison ?!?!?!",
    ):
        _, body = await call(action_road, "action_answer_question", text)
        assert responses(body) == ["utter_answer_track_order", "utter_offer_human_annoyed"], text
        assert slots(body)["offer_reason"] == "negative_feeling"
    _, calm = await call(action_road, "action_answer_question", "la livraison, c'est pour quand ?")
    assert responses(calm) == ["utter_answer_track_order"]


async def test_no_help_said_in_anger_brings_the_offer_at_once(action_road: Road) -> None:
    history = [{"question": "livraison ?", "article_id": "delivery-times", "helped": None}]
    for text, said in (("ça ne répond pas", "utter_next_best"), ("ça ne répond pas !!!", "utter_offer_human_annoyed")):
        _, body = await call(action_road, "action_did_not_help", text, intent="did_not_help", history=history)
        assert responses(body) == [said]


async def test_in_a_task_annoyance_finds_a_human_one_press_away_and_the_task_goes_on(shop: Shop) -> None:
    chat = shop.chat("C-1012")
    begun = await chat.say("j'en ai marre, annulez ma commande !!!", "cancel_order")
    assert begun.names == ["utter_confirm_cancel_order", "utter_human_if_annoyed"]
    assert not chat.slots.get("human_offered")  # a yes is a yes to the task
    again = await chat.say("c'est inadmissible, répétez !!!", "repeat", events=[OFFERED])
    assert again.names == ["utter_confirm_cancel_order"]
    assert (await chat.say("NON !!!", "deny")).names == ["utter_task_not_done"]


async def test_a_gold_customer_is_offered_a_human_at_the_first_failure(action_road: Road) -> None:
    for customer, said in (("C-3003", "utter_offer_human"), ("C-1001", "utter_no_answer")):
        token = action_road.token("conv-1", sub=customer)
        _, body = await call(action_road, "action_answer_question", "zzz", token=token)
        assert responses(body) == [said]
    unproven = action_road.token("conv-1", sub="C-3003", assurance="claimed")
    _, body = await call(action_road, "action_answer_question", "zzz", token=unproven)
    assert responses(body) == ["utter_no_answer"]


@pytest.mark.parametrize(("customer", "number", "offered"), [("C-1008", "104190", True), ("C-1001", "104233", False)])
async def test_a_gold_customer_who_is_refused_is_offered_a_human(
    shop: Shop, customer: str, number: str, offered: bool
) -> None:
    chat = shop.chat(customer)
    told = await chat.say(f"annulez la {number}", "cancel_order")
    assert ("utter_offer_human_preferred" in told.names) is offered
    assert (chat.slots.get("offer_reason") == "task_failed") is offered
