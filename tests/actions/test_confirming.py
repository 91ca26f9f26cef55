"""A change is made after a yes to it, and after nothing else."""

from __future__ import annotations

import pytest

from tests.actions.task_chat import Shop, TaskChat

# Two orders in preparation.
MANY = "C-1002"
CONFIRM = "utter_confirm_cancel_order"
ANEW = {"event": "user", "text": "oui"}


async def changing_phone(shop: Shop) -> TaskChat:
    """A new phone number at its confirmation."""
    chat = shop.chat("C-1012")
    await chat.say("je change de numéro : 06 11 11 11 11", "change_phone")
    assert chat.step == "confirm"
    return chat


@pytest.mark.parametrize(
    ("text", "intent"),
    [("ok laisse tomber", "nlu_fallback"), ("ok laisse tomber", "cancel"),
     ("si je ferme mes points ?", "ask_question"), ("ok annule", "cancel"), ("ok annule", "nlu_fallback"),
     ("right, cancel that", "cancel"), ("y a des frais ?", "affirm"), ("sure about that?", "nlu_fallback"),
     ("1 minute", "nlu_fallback"), ("oui enfin non", "affirm"), ("oui enfin non", "nlu_fallback"),
     ("yes but not this one", "nlu_fallback"), ("ok stop", "cancel"), ("oui mais en point relais", "affirm"),
     ("ok je veux un conseiller", "request_human"), ("oui 2", "affirm"), ("ok but wait", "affirm"),
     ("oui et mes points", "loyalty_points"), ("oui si c'est gratuit", "affirm")],
)  # fmt: skip
async def test_what_is_no_yes_changes_nothing(shop: Shop, text: str, intent: str) -> None:
    before = await shop.changes()
    chats = [await changing_phone(shop), shop.chat("C-1012")]
    await chats[1].say("annulez ma commande", "cancel_order")
    assert chats[1].step == "confirm"
    for chat in chats:
        await chat.say(text, intent)
        assert chat.step in ("confirm", None)
    assert await shop.changes() == before


@pytest.mark.parametrize(
    ("text", "intent"),
    [("oui merci", "nlu_fallback"), ("oui s'il vous plaît", "nlu_fallback"), ("ok c'est bon", "nlu_fallback"),
     ("yes please", "ask_question"), ("oui je confirme", "nlu_fallback"), ("ouiiii", "nlu_fallback"), ("1", "deny"),
     ("Ouiii, allez-y !", "nlu_fallback"), ("mais oui", "deny"), ("c'est tout à fait ce que je veux", "affirm"),
     ("oui pas de problème", "nlu_fallback"), ("euh ok merci beaucoup", "thank")],
)  # fmt: skip
async def test_a_yes_in_many_ways(shop: Shop, text: str, intent: str) -> None:
    chat = await changing_phone(shop)
    assert "utter_change_phone_done" in (await chat.say(text, intent)).names


async def test_a_yes_that_corrects_is_asked_again(shop: Shop) -> None:
    for intent in ("nlu_fallback", "change_phone", "affirm"):
        chat = await changing_phone(shop)
        before = await shop.changes()
        again = await chat.say("oui mais au 0622334455", intent)
        assert (again.names, again.value("phone")) == (["utter_confirm_change_phone"], "+33622334455")
        assert await shop.changes() == before
        assert "utter_change_phone_done" in (await chat.yes()).names


async def test_yes_cancel_it_is_asked_again_and_yes_cancel_the_order_is_a_yes(shop: Shop) -> None:
    chat = shop.chat("C-1017")
    await chat.say("annulez la 104901", "cancel_order")
    assert (await chat.say("oui annule", "cancel")).names == ["utter_yes_or_no"]
    assert "utter_cancel_order_done" in (await chat.say("oui, annulez la commande", "cancel_order")).names


@pytest.mark.parametrize("text", ["bonjour je voudrais parler à un conseiller s’il vous plaît", "à un conseiller"])
async def test_asking_for_a_human_is_no_description_and_no_place(shop: Shop, text: str) -> None:
    chats = [shop.chat(None), shop.chat("C-1001")]
    await chats[0].say("trouver un magasin", "find_shop")
    await chats[1].say("le vase de la 104530 est arrivé cassé", "report_problem")
    if chats[1].step == "items":
        await chats[1].press("TBL-LCH-03")
    assert [chat.step for chat in chats] == ["place", "description"]
    for chat in chats:
        assert (await chat.say(text, "request_human")).rejected
    await chats[1].press("changed_mind")  # an old button
    assert chats[1].step == "description"


async def test_no_older_button_is_a_yes(shop: Shop) -> None:
    other = shop.chat("C-1012")
    await other.say("annulez ma commande", "cancel_order")
    chat = await changing_phone(shop)
    first = chat.yes_button
    await chat.say("non, le 06 22 33 44 55", "nlu_fallback")
    before = await shop.changes()
    # Of another task, of this one before the correction, of its name alone, of no confirmation at all.
    for value in (other.yes_button, first, "change_phone", "change_phone:confirm:", "yes"):
        again = await chat.press(value)
        assert again.names == ["utter_back_to_task", "utter_confirm_change_phone"]
    for entities in ({}, {"value": chat.yes_button}):
        again = await chat.say("/affirm", "affirm", entities=entities)
        assert again.names == ["utter_back_to_task", "utter_confirm_change_phone"]
    assert (chat.step, await shop.changes()) == ("confirm", before)
    done = await chat.yes()
    assert "utter_change_phone_done" in done.names


async def test_the_button_of_an_earlier_run_is_no_yes_to_the_same_task_begun_again(shop: Shop) -> None:
    chat = await changing_phone(shop)
    first = chat.yes_button
    await chat.say("annuler", "cancel")
    await chat.say("je change de numéro : 06 11 11 11 11", "change_phone")
    assert chat.yes_button != first
    assert (await chat.press(first)).names == ["utter_back_to_task", "utter_confirm_change_phone"]
    await chat.say("recommencer", "begin_again")
    await chat.say("06 11 11 11 11")
    assert (await chat.press(first)).names == ["utter_back_to_task", "utter_confirm_change_phone"]
    assert "utter_change_phone_done" in (await chat.yes()).names


async def test_the_button_of_a_yes_is_no_answer_to_the_offer_of_a_human(shop: Shop) -> None:
    chat = await changing_phone(shop)
    chat.slots |= {"human_offered": True, "offer_reason": "negative_feeling"}
    assert (await chat.say("oui", "affirm")).rejected
    assert "utter_change_phone_done" in (await chat.yes()).names


async def test_what_is_asked_after_the_yes_is_confirmed_as_well(shop: Shop) -> None:
    chat = shop.chat("C-1002")
    await chat.say("je veux renvoyer un article de la 104388", "return_item")
    for answer in ("TBL-OND-02", "other", "shop"):
        await chat.press(answer)
    assert chat.step == "confirm"
    before = await shop.changes()
    del chat.slots["task_values"]["method"]
    assert (await chat.say("oui")).names == ["utter_ask_return_item_method"]
    await chat.press("shop")
    assert chat.step == "confirm"
    assert await shop.changes() == before


@pytest.mark.parametrize("question", ["utter_clarify", "utter_next_best"])
async def test_a_yes_to_another_question_is_no_yes_to_the_change(shop: Shop, question: str) -> None:
    chat = await changing_phone(shop)
    before = await shop.changes()
    asked = [{"event": "user", "text": "et mes points ?"}, {"event": "bot", "metadata": {"utter_action": question}}]
    again = await chat.say("oui", "affirm", before=asked)
    assert again.names == ["utter_back_to_task", "utter_confirm_change_phone"]
    assert await shop.changes() == before
    told = {"event": "bot", "metadata": {"utter_action": "utter_confirm_change_phone"}}
    assert "utter_change_phone_done" in (await chat.say("oui", "affirm", before=[*asked, ANEW, told])).names


async def test_the_second_request_keeps_what_was_said_for_it(shop: Shop) -> None:
    chat = shop.chat("C-1012")
    await chat.say("mon téléphone c'est 06 11 11 11 11 et mon mail jo@maison-alder.test", "change_phone")
    assert chat.step == "confirm"
    then = await chat.say("non", "deny")
    assert then.names == ["utter_task_not_done", "utter_confirm_change_email"]
    assert then.value("email") == "jo@maison-alder.test"


@pytest.mark.parametrize(
    ("text", "intent"),
    [("et la 104860 elle est où ?", "track_order"), ("et la 104860 elle est où", "track_order"),
     ("la 104860, vous l'avez envoyée ?", "ask_question"), ("where is 104860", "track_order"),
     ("invoice for 104860 and my points", "get_invoice"), ("annule aussi la 104860", "cancel_order"),
     ("et la 104860 alors, c'est quand la livraison", "nlu_fallback")],
)  # fmt: skip
async def test_a_number_within_a_question_or_another_request_is_no_correction(
    shop: Shop, text: str, intent: str
) -> None:
    chat = shop.chat(MANY)
    await chat.say("annulez la 104872", "cancel_order")
    before = await shop.changes()
    told = await chat.say(text, intent)
    assert all(each.get("number") != "MA-104860" for each in told.responses if each["response"] == CONFIRM)
    assert (chat.task, chat.step, chat.slots["task_values"]["order"]) == ("cancel_order", "confirm", "MA-104872")
    assert await shop.changes() == before


@pytest.mark.parametrize(
    ("text", "intent"),
    [("la 104860", "track_order"), ("non, la 104860", "deny"), ("plutôt la 104860", "nlu_fallback"),
     ("I meant 104860", "nlu_fallback"), ("pas la 104872 mais la 104860", "nlu_fallback"),
     ("104860 svp", "give_order_number"), ("annulez la 104860", "cancel_order")],
)  # fmt: skip
async def test_a_number_alone_or_with_words_of_correction_is_one(shop: Shop, text: str, intent: str) -> None:
    chat = shop.chat(MANY)
    await chat.say("annulez la 104872", "cancel_order")
    again = await chat.say(text, intent)
    assert (again.names, again.value("number")) == ([CONFIRM], "MA-104860")


async def test_what_is_only_looked_up_is_told_and_the_confirmation_comes_back(shop: Shop) -> None:
    chat = shop.chat("C-1017")
    await chat.say("je ferme mon compte", "close_account")
    assert chat.step == "confirm"
    told = await chat.say("combien de points je vais perdre ?", "loyalty_points")
    assert told.names[0] == "utter_loyalty_points_done"
    assert told.names[-2:] == ["utter_next_task", "utter_confirm_close_account"]
    assert (chat.task, chat.step) == ("close_account", "confirm")
    assert (await chat.say("non", "deny")).names == ["utter_task_not_done"]


@pytest.mark.parametrize(
    ("sign", "told"),
    [("👍", "utter_change_phone_done"), ("👍🏽 ", "utter_change_phone_done"), ("✅", "utter_change_phone_done"),
     ("❌", "utter_task_not_done"), ("👎", "utter_task_not_done")],
)  # fmt: skip
async def test_a_thumb_is_a_yes_and_a_cross_a_no(shop: Shop, sign: str, told: str) -> None:
    for intent in ("nlu_fallback", "ask_question"):
        chat = await changing_phone(shop)
        assert (await chat.say(sign, intent)).names == [told]


async def test_the_confirmation_is_put_again_beneath_a_choice_of_articles(shop: Shop) -> None:
    chat = await changing_phone(shop)
    told = [
        {"event": "action", "name": "action_answer_question"},
        {"event": "bot", "metadata": {"utter_action": "utter_clarify"}},
    ]
    again = await chat.say("et les points ?", "ask_question", events=told)
    assert again.names == ["utter_back_to_task", "utter_confirm_change_phone"]
    put = {"event": "bot", "metadata": {"utter_action": "utter_confirm_change_phone"}}
    asked = [{"event": "user", "text": "et les points ?"}, told[1], put]
    assert "utter_change_phone_done" in (await chat.say("oui", "affirm", before=asked)).names


@pytest.mark.parametrize(
    "text", ["annuler les deux commandes 104872 et 104860", "cancel my orders 104872 and 104860 please"]
)
async def test_two_orders_are_done_one_after_the_other(shop: Shop, text: str) -> None:
    chat = shop.chat(MANY)
    first = await chat.say(text, "cancel_order")
    assert first.names == ["utter_one_order_at_a_time", CONFIRM]
    assert chat.slots["task_values"]["order"] == "MA-104872"
    then = await chat.say("non", "deny")
    assert (then.names, then.value("number")) == (["utter_task_not_done", CONFIRM], "MA-104860")
    assert (await chat.say("non", "deny")).names == ["utter_task_not_done"]
    assert chat.task is None


async def test_the_order_that_is_not_meant_is_none_of_two(shop: Shop) -> None:
    chat = shop.chat(MANY)
    told = await chat.say("annulez pas la 104860 mais la 104872", "cancel_order")
    assert (told.names, told.value("number")) == ([CONFIRM], "MA-104872")
