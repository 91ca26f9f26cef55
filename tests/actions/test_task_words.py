"""What people say in the middle of a task that once was taken for something else."""

from __future__ import annotations

import pytest

from actions.tasks import typed
from actions.tasks.contact_steps import place_in
from tests.actions.task_chat import Shop
from tests.actions.test_task_engine import returning


@pytest.mark.parametrize("text", ["non passez-moi quelqu'un", "no, let me speak to someone"])
async def test_a_no_that_asks_for_a_human_asks_for_a_human(shop: Shop, text: str) -> None:
    chats = [await returning(shop), shop.chat("C-1012"), shop.chat(None), shop.chat("C-1001")]
    for chat, starter in zip(chats[1:3], ("cancel_order", "find_shop"), strict=True):
        await chat.say("je voudrais", starter)
    await chats[3].say("le vase de la 104530 est arrivé cassé", "report_problem")
    if chats[3].step == "items":
        await chats[3].press("TBL-LCH-03")
    await chats[3].say("le pied est fendu, je ne peux pas m'en servir")
    assert [chat.step for chat in chats] == ["reason", "confirm", "place", "photos"]
    for chat in chats:
        step = chat.step
        assert (await chat.say(text, "request_human")).rejected, step
        assert chat.step == step


@pytest.mark.parametrize(
    ("text", "intent", "locale"),
    [("je n'en veux plus", "cancel", "fr"), ("je ne la veux plus", "deny", "fr"),
     ("I don't want it anymore", "cancel", "en")],
)  # fmt: skip
async def test_not_wanting_it_any_more_is_a_reason(shop: Shop, text: str, intent: str, locale: str) -> None:
    chat = await returning(shop)
    chat.locale = locale
    await chat.say(text, intent)
    assert (chat.step, chat.slots["task_values"]["reason"]) == ("method", "changed_mind")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("changez l'adresse de la 104872 : 25 rue Neuve, 1000 Namur, Belgique", "25 rue Neuve, 1000 Namur (Belgique)"),
        ("change the address of order MA-104872 to 25 rue Neuve, 59000 Lille", "25 rue Neuve, 59000 Lille"),
        ("livrez la commande 104 872 au 3 rue Victor Hugo, 59000 Lille", "3 rue Victor Hugo, 59000 Lille"),
        ("change delivery adress of 104869 to 5 place Carnot 69002 Lyon", "5 place Carnot, 69002 Lyon"),
        ("jveu changer mon adress pr la 104871 : 9 rue du Port 13002 Marseille", "9 rue du Port, 13002 Marseille"),
        ("12 rue de l'Adresse 69003 Lyon", "12 rue de l'Adresse, 69003 Lyon"),
        ("MA-104872 12 rue des Lilas 69003 Lyon", "12 rue des Lilas, 69003 Lyon"),
        ("12 rue des Lilas 69003 Lyon pour la 104872", "12 rue des Lilas, 69003 Lyon"),
        ("pour la 104872 : Marie Roux, 12 rue des Lilas, 69003 Lyon", "Marie Roux, 12 rue des Lilas, 69003 Lyon"),
    ],
)  # fmt: skip
def test_the_number_of_an_order_is_no_part_of_an_address(text: str, line: str) -> None:
    where = typed.address(text)
    assert where is not None
    assert typed.one_line(where) == line
    assert typed.one_line(where, "en") == line.replace("Belgique", "Belgium")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("est-ce que je peux y rapporter un article acheté sur le site ?", None),
        ("can i return an online order in a shop?", None), ("où est le magasin le plus proche", None),
        ("une boutique à La Rochelle ?", "La Rochelle"), ("magasin Le Havre", "Le Havre"), ("shop in Anglet", "Anglet"),
        ("à quelle heure ferme la boutique de Lyon ?", "Lyon"), ("votre boutique est ouverte à quelle heure ?", None),
        ("je voudrais parler à quelqu'un", None), ("i want to talk to someone in person", None),
    ],
)  # fmt: skip
def test_places(text: str, place: str | None) -> None:
    assert place_in(text) == place


async def test_a_question_about_shops_is_no_place(shop: Shop) -> None:
    chat = shop.chat(None)
    await chat.say("trouver un magasin", "find_shop")
    for text in ("est-ce que je peux y rapporter un article acheté sur le site ?",
                 "le retour d'un article est-il gratuit quand je passe à Paris ?"):  # fmt: skip
        assert (await chat.say(text, "ask_question")).rejected, text
    assert "utter_find_shop_done" in (await chat.say("et à Lyon ?", "ask_question")).names


@pytest.mark.parametrize(
    "text",
    ["renvoyez le code", "send the code again", "pouvez-vous me renvoyer le code s'il vous plaît ?", "un nouveau code",
     "renvoyez-le moi svp", "can you send it again please?"],
)  # fmt: skip
async def test_the_code_is_sent_again_in_words(shop: Shop, text: str) -> None:
    chat = shop.chat(None)
    await chat.say("où est ma commande ?", "track_order")
    assert (await chat.say(text, "return_item")).custom("identify") is None
    chat = shop.chat(None)
    await chat.say("où est ma commande ?", "track_order")
    sent = await chat.say("julien.morel@maison-alder.test")
    again = await chat.say(text, "return_item")
    assert (again.names, again.custom("identify")) == (sent.names, sent.custom("identify"))


async def test_sending_an_article_back_is_not_sending_the_code(shop: Shop) -> None:
    chat = shop.chat(None)
    await chat.say("où est ma commande ?", "track_order")
    await chat.say("julien.morel@maison-alder.test")
    other = await chat.say("en fait je veux renvoyer un article", "return_item")
    assert other.names[0] == "utter_task_left"


@pytest.mark.parametrize(
    ("text", "locale"),
    [("je sais pas", "fr"), ("euh je ne sais pas trop", "fr"), ("aucune idée", "fr"), ("I don't know", "en"),
     ("no idea", "en"), ("not sure", "en")],
)  # fmt: skip
async def test_not_knowing_is_no_no(shop: Shop, text: str, locale: str) -> None:
    for intent in ("deny", "nlu_fallback", "ask_question", "cancel"):
        lamp = shop.chat(None, locale)
        await lamp.say("ma lampe ne s'allume plus" if locale == "fr" else "my lamp stopped working", "diagnose")
        safe = await lamp.say(text, intent)
        assert safe.names == ["utter_diagnose_in_doubt", "utter_offer_human_task"], intent
        chat = shop.chat("C-1002", locale)
        await chat.say("annuler", "cancel_order")
        assert chat.step == "order"
        asked = await chat.say(text, intent)
        assert (asked.names, chat.step) == (["utter_where_order_number", "utter_ask_which_order_cancel_order"], "order")
        await chat.say("104872", "give_order_number")
        again = await chat.say(text, intent)
        assert (again.names, chat.step) == (["utter_not_known", "utter_confirm_cancel_order"], "confirm")


async def test_thanks_after_a_number_that_is_not_found_ends_the_task(shop: Shop) -> None:
    for text in ("où est ma commande 999999", "où est ma commande ?"):
        chat = shop.chat("C-1002")
        await chat.say(text, "track_order")
        if "999999" not in text:
            assert (await chat.say("merci", "thank")).rejected  # nothing has failed yet
            await chat.say("999999", "give_order_number")
        left = await chat.say("merci bcp", "thank")
        assert (left.names, chat.task) == (["utter_thank"], None)
