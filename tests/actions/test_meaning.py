"""What a few words mean: the order last spoken of, the last order, another street."""

from __future__ import annotations

import pytest

from tests.actions.task_chat import Shop


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("annulez-la", True), ("annule la stp", True), ("je voudrais la retourner", True), ("cancel it", True),
        ("et elle arrive quand ?", True), ("et la facture", False), ("et la facture de l'autre", False),
        ("annulez la commande", False), ("je veux la facture", False), ("cancel the other one, not that one", False),
    ],
)  # fmt: skip
async def test_what_means_the_order_last_spoken_of(shop: Shop, text: str, meant: bool) -> None:
    chat = shop.chat("C-1002")
    chat.slots["last_order"] = "MA-104388"
    await chat.say(text, "get_invoice")
    assert (chat.slots["last_order"], chat.task) == ("MA-104388", None if meant else "get_invoice")


@pytest.mark.parametrize(
    ("text", "step"),
    [("je veux retourner les assiettes de ma dernière commande", "reason"),
     ("i want to return something from my latest order", "reason"),
     ("je veux retourner la lampe de la semaine dernière", "order")],
)  # fmt: skip
async def test_the_last_order_is_found_in_the_request_itself(shop: Shop, text: str, step: str) -> None:
    chat = shop.chat("C-1002")
    await chat.say(text, "return_item")
    assert chat.step == step


async def test_another_street_at_the_confirmation_is_no_no(shop: Shop) -> None:
    chat = shop.chat("C-1012")
    await chat.say("livrez la 104875 au 12 rue des Lilas 69003 Lyon", "change_address")
    assert chat.step == "confirm"
    told = await chat.say("non en fait 14 rue des Lilas", "deny")
    assert (told.names, chat.step) == (["utter_address_incomplete"], "confirm")


async def test_a_number_taken_for_another_request_corrects_the_order(shop: Shop) -> None:
    chat = shop.chat("C-1002")
    await chat.say("je veux renvoyer la 104388", "return_item")
    assert chat.step == "items"
    await chat.say("pardon, la commande 104320", "track_order")
    assert (chat.task, chat.slots["task_values"]["order"]) == ("return_item", "MA-104320")
    await chat.say("où est la commande 104790", "track_order")
    assert chat.slots["next_task"] == "track_order"


async def test_figures_alone_are_meant_for_the_question_whatever_they_look_like(shop: Shop) -> None:
    chat = shop.chat("C-1012")
    await chat.say("changer de numéro", "change_phone")
    assert (await chat.say("123", "ask_question")).names == ["utter_phone_invalid"]
