"""An answer that did not help, through the real Rasa and the real actions: the next best, then a human."""

from __future__ import annotations

import pytest

from tests.rasa.stack import Chat, Road, buttons, custom, texts

DELIVERY = {"fr": "délai de livraison ?", "en": "how long does delivery take?"}
NO_HELP = {"fr": "ça ne m'aide pas", "en": "that didn't help"}
OFFER = {"fr": "mette en relation avec un conseiller", "en": "put you through to an advisor"}


@pytest.fixture(params=["fr", "en"])
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def answered(road: Road, locale: str, customer: str | None = None) -> Chat:
    chat = road.chat(locale, customer=customer)
    assert custom(await chat.say(DELIVERY[locale]), "answer")["article_id"] == "delivery-times"
    return chat


@pytest.mark.parametrize("pressed", [True, False])
async def test_the_next_best_is_offered_and_one_of_them_answers(rasa_road: Road, locale: str, pressed: bool) -> None:
    chat = await answered(rasa_road, locale)
    button = '/did_not_help{"article_id": "delivery-times"}'
    told = await chat.say(button if pressed else NO_HELP[locale])
    assert custom(told, "not_helped") == {"article_id": "delivery-times", "question": DELIVERY[locale]}
    offered = list(buttons(told).values())
    assert '/choose_article{"article_id": "delivery-times"}' not in offered
    assert offered[-2:] == ["/none_of_these", '/request_human{"reason": "not_helpful"}']
    chosen = await chat.say('/choose_article{"article_id": "returns"}')
    assert custom(chosen, "answer")["question"] == DELIVERY[locale]
    # The second answer in a row that did not help.
    again = await chat.say(NO_HELP[locale])
    assert OFFER[locale] in texts(again)
    yes = await chat.say("/affirm")
    assert custom(yes, "handoff") == {"reason": "not_helpful", "question": DELIVERY[locale], "topic": "returns"}


async def test_the_button_to_a_person_says_why(rasa_road: Road, locale: str) -> None:
    chat = await answered(rasa_road, locale)
    told = await chat.say(NO_HELP[locale])
    asked = await chat.say(list(buttons(told).values())[-1])
    assert custom(asked, "handoff")["reason"] == "not_helpful"


async def test_none_of_these_brings_the_offer(rasa_road: Road, locale: str) -> None:
    chat = await answered(rasa_road, locale)
    await chat.say(NO_HELP[locale])
    assert OFFER[locale] in texts(await chat.say("/none_of_these"))


async def test_what_did_not_help_before_somebody_was_there_does_not_count_again(rasa_road: Road, locale: str) -> None:
    chat = await answered(rasa_road, locale)
    await chat.say(NO_HELP[locale])
    assert OFFER[locale] in texts(await chat.say("/none_of_these"))
    meanwhile = [{"author": "advisor", "text": "Claire"}]
    again = await chat.say(DELIVERY[locale], catch_up=meanwhile)
    assert custom(again, "answer")["article_id"] == "delivery-times"
    assert "history" not in rasa_road.knowledge.asked[-1]
    told = await chat.say(NO_HELP[locale])
    assert OFFER[locale] not in texts(told)
    assert '/choose_article{"article_id": "returns"}' in buttons(told).values()


@pytest.mark.parametrize(
    "words",
    [
        {"fr": "merci, c'est bon", "en": "thanks, that's fine"},
        {"fr": "oui ça m'aide", "en": "yes that helps"},
    ],
)
async def test_thanks_stay_thanks(rasa_road: Road, locale: str, words: dict[str, str]) -> None:
    chat = await answered(rasa_road, locale)
    told = await chat.say(words[locale])
    assert told["intent"]["name"] == "thank"
    assert buttons(told) == {}


async def test_a_follow_up_is_searched_with_the_question_before_even_in_a_restored_conversation(
    rasa_road: Road, locale: str
) -> None:
    chat = await answered(rasa_road, locale)
    rasa_road.redis().flushall()
    words = {"fr": "et en Belgique ?", "en": "and in Belgium?"}[locale]
    answer = await chat.say(words, restore=chat.state)
    assert custom(answer, "answer")["article_id"] == "delivery-times"
    asked = rasa_road.knowledge.asked[-1]
    assert asked["question"] == words
    assert asked["history"] == [{"question": DELIVERY[locale], "article_id": "delivery-times", "helped": None}]


async def test_in_the_middle_of_a_task_the_task_goes_on(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale, customer="C-1001")
    await chat.say({"fr": "je veux suivre ma commande", "en": "i want to track my order"}[locale])
    await chat.say({"fr": "et vous livrez le samedi ?", "en": "and do you deliver on saturdays?"}[locale])
    told = await chat.say(NO_HELP[locale])
    assert "/none_of_these" in buttons(told).values()
    assert told["active_loop"] == "task_form"
    assert custom(await chat.say("MA-104233"), "task")["outcome"] == "done"


async def test_an_article_of_the_other_language_is_announced(rasa_road: Road, locale: str) -> None:
    # The words find an article of the other language, whoever asks.
    question = {"fr": "comment faire un return ?", "en": "how to do a retour?"}[locale]
    told = await rasa_road.chat(locale).say(question)
    assert custom(told, "answer")["locale"] != locale
    said = {"fr": "Cet article n’existe qu’en anglais", "en": "This article is only available in French:"}
    assert told["replies"][0]["text"].startswith(said[locale])
