"""Whole conversations through the real Rasa and the real actions, in French and in English alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rasa.stack import Road, buttons, custom, texts

pytestmark = pytest.mark.usefixtures("_neighbours_well")

# One conversation in two languages: what is said, and a word of what must be read.
Said = tuple[dict[str, str], dict[str, str]]
TRACK = {"fr": "je veux suivre ma commande", "en": "i want to track my order"}
ON_ITS_WAY = {"fr": "est en route", "en": "on its way"}
BACK_TO_IT = {"fr": "Revenons à votre commande", "en": "Back to your order"}
OFFER = {"fr": "mette en relation avec un conseiller", "en": "put you through to an advisor"}


@pytest.fixture
def _neighbours_well(rasa_road: Road) -> Iterator[None]:
    yield
    rasa_road.office.mode = "ok"


@pytest.fixture(params=["fr", "en"])
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def shape(answer: dict[str, Any]) -> list[Any]:
    """A reply without its language: payloads of buttons and kinds of custom payloads."""
    return [
        ([b["payload"] for b in reply.get("buttons", [])], sorted(reply.get("custom", {})), "text" in reply)
        for reply in answer["replies"]
    ]


async def test_an_order_is_tracked_with_a_question_in_between(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale, customer="C-1001")
    asked = await chat.say(TRACK[locale])
    assert list(buttons(asked).values()) == [
        '/give_order_number{"order_number": "MA-104233"}',
        '/give_order_number{"order_number": "MA-104871"}',
    ]
    between = await chat.say({"fr": "et vous livrez le samedi ?", "en": "and do you deliver on saturdays?"}[locale])
    assert custom(between, "answer")["locale"] == locale
    assert BACK_TO_IT[locale] in texts(between)
    wrong = await chat.say("10423")
    assert "MA-100000" in texts(wrong)
    assert len(wrong["replies"]) == 1
    done = await chat.say("104 233")
    assert ON_ITS_WAY[locale] in texts(done)
    assert {"fr": "24 novembre", "en": "24 November"}[locale] in texts(done)
    assert custom(done, "task") == {
        "name": "track_order", "step": "look_up", "outcome": "done", "detail": "MA-104233: shipped",
    }  # fmt: skip
    assert done["active_loop"] is None


async def test_an_order_is_chosen_by_its_button(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale, customer="C-1001")
    asked = await chat.say(TRACK[locale])
    done = await chat.say(list(buttons(asked).values())[1])
    assert custom(done, "task")["detail"] == "MA-104871: in_preparation"


@pytest.mark.parametrize("leaving", [{"fr": "annuler", "en": "cancel"}, {"fr": "laisse tomber", "en": "never mind"}])
async def test_the_form_can_be_left(rasa_road: Road, locale: str, leaving: dict[str, str]) -> None:
    chat = rasa_road.chat(locale, customer="C-1001")
    await chat.say(TRACK[locale])
    left = await chat.say(leaving[locale])
    assert left["active_loop"] is None
    assert custom(left, "task")["outcome"] == "cancelled"
    assert "task" not in left["slots"]


async def test_an_offer_in_the_middle_of_the_form_is_the_only_question(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale, customer="C-1001")
    await chat.say(TRACK[locale])
    assert BACK_TO_IT[locale] in texts(await chat.say("xyzzy plugh"))
    offered = await chat.say("foo bar baz qux")
    assert OFFER[locale] in texts(offered)
    assert BACK_TO_IT[locale] not in texts(offered)
    declined = await chat.say("/deny")
    assert BACK_TO_IT[locale] in texts(declined)
    assert custom(await chat.say("MA-104233"), "task")["outcome"] == "done"


async def test_nobody_unverified_is_asked_for_a_number(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale)
    told = await chat.say(TRACK[locale])
    assert "e-mail" in texts(told)
    assert "/request_human" in buttons(told).values()
    assert custom(told, "task")["step"] == "identity"
    sent = await chat.say("camille.roche@maison-alder.test")
    assert custom(sent, "identify") == {"email": "camille.roche@maison-alder.test", "task": "track_order"}
    chat.customer = "C-1001"  # bot has read the code
    assert ON_ITS_WAY[locale] not in texts(await chat.say("/identity_proven"))
    assert ON_ITS_WAY[locale] in texts(await chat.say("104233"))


async def test_how_to_track_gets_the_article_with_the_task_beneath(rasa_road: Road, locale: str) -> None:
    question = {"fr": "comment suivre ma commande ?", "en": "how long does delivery take?"}[locale]
    answer = await rasa_road.chat(locale).say(question)
    assert custom(answer, "answer")["topic"] == "delivery"
    assert list(buttons(answer).values()) == ["/track_order"]
    assert answer["active_loop"] is None


async def test_two_failures_offer_a_human_and_yes_hands_over(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale)
    first = await chat.say("xyzzy plugh")
    assert OFFER[locale] not in texts(first)
    second = await chat.say("foo bar baz qux")
    assert OFFER[locale] in texts(second)
    assert list(buttons(second).values()) == ["/affirm", "/deny"]
    yes = await chat.say({"fr": "oui svp", "en": "yes please"}[locale])
    assert custom(yes, "handoff") == {"reason": "no_answer", "question": "foo bar baz qux"}
    assert len(yes["replies"]) == 1


async def test_no_to_the_offer_and_the_count_begins_again(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale)
    await chat.say("xyzzy plugh")
    await chat.say("foo bar baz qux")
    no = await chat.say({"fr": "non merci", "en": "no thanks"}[locale])
    assert len(no["replies"]) == 1
    assert no["slots"]["failed_answers"] == 0
    assert OFFER[locale] not in texts(await chat.say("xyzzy plugh"))


async def test_an_answer_in_between_resets_the_count(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale)
    await chat.say("xyzzy plugh")
    await chat.say({"fr": "délai de livraison ?", "en": "delivery time?"}[locale])
    assert OFFER[locale] not in texts(await chat.say("foo bar baz qux"))


async def test_annoyance_is_answered_then_offered_a_human(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale)
    words = {
        "fr": "c'est inadmissible, livraison jamais tenue",
        "en": "this is unacceptable, you never deliver on time",
    }
    answer = await chat.say(words[locale])
    assert custom(answer, "answer")["topic"] == "delivery"
    assert "/affirm" in buttons(answer).values()
    yes = await chat.say("/affirm")
    assert custom(yes, "handoff")["reason"] == "negative_feeling"


async def test_a_human_is_fetched_at_once_even_from_the_form(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale, customer="C-1001")
    await chat.say(TRACK[locale])
    asked = await chat.say({"fr": "je veux parler à quelqu'un", "en": "i want to talk to someone"}[locale])
    assert custom(asked, "handoff") == {"reason": "customer_request", "question": TRACK[locale]}
    assert asked["active_loop"] is None
    assert len(asked["replies"]) == 1


@pytest.mark.parametrize("mode", ["down", "nonsense"])
async def test_a_dead_back_office_is_admitted_and_a_human_offered(rasa_road: Road, locale: str, mode: str) -> None:
    rasa_road.office.mode = mode
    chat = rasa_road.chat(locale, customer="C-1001")
    told = await chat.say({"fr": "où est ma commande MA-104233 ?", "en": "where is my order MA-104233?"}[locale])
    assert custom(told, "task")["outcome"] == "failed"
    yes = await chat.say({"fr": "oui", "en": "yes"}[locale])
    assert custom(yes, "handoff")["reason"] == "task_failed"
    assert "MA-104233" in custom(yes, "handoff")["question"]


async def test_french_and_english_conversations_have_the_same_shape(rasa_road: Road) -> None:
    pairs = [
        ("bonjour", "hello"), ("vous êtes un robot ?", "are you a robot?"), ("que peux-tu faire ?", "what can you do?"),
        ("espèce d'idiot", "you idiot"), ("délai de livraison ?", "delivery time?"), ("xyzzy", "xyzzy"),
        ("suivre ma commande", "track my order"), ("merci", "thanks"), ("oui", "yes"), ("annuler", "cancel"),
        ("MA-999999", "MA-999999"), ("annuler", "cancel"), ("j'hésite", "unsure"), ("au revoir", "goodbye"),
    ]  # fmt: skip
    french, english = (rasa_road.chat(each, customer="C-1001") for each in ("fr", "en"))
    for in_french, in_english in pairs:
        one, other = await french.say(in_french), await english.say(in_english)
        assert shape(one) == shape(other), (in_french, texts(one), texts(other))
        if texts(one) and in_french != "MA-999999":
            assert texts(one) != texts(other), in_french


async def test_an_order_is_cancelled_after_a_question_a_correction_and_a_yes(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale, customer="C-1001")
    asked = await chat.say({"fr": "je veux annuler ma commande svp", "en": "i want to cancel my order pls"}[locale])
    assert "MA-104871" in texts(asked)  # the only one in preparation
    yes, *others = buttons(asked).values()
    assert yes.startswith('/task_choice{"value": "cancel_order:confirm:')
    assert others == ["/deny", "/task_change"]
    between = await chat.say({"fr": "et vous livrez le samedi ?", "en": "and do you deliver on saturdays?"}[locale])
    assert custom(between, "answer")["locale"] == locale
    assert "MA-104871" in texts(between)
    wrong = await chat.say({"fr": "non, la 104233", "en": "no, 104233"}[locale])
    assert "MA-104233" in texts(wrong)
    assert custom(wrong, "task")["detail"] == "MA-104233: refused: not_cancellable"
    assert rasa_road.office.cancelled == {}
    again = await chat.say({"fr": "annulez ma commande 104871", "en": "please cancel order 104871"}[locale])
    assert "MA-104871" in texts(again)
    body = chat.body({"fr": "oui oui allez-y", "en": "yes go ahead"}[locale])
    _, done = await chat.post(body)
    assert custom(done, "task")["outcome"] == "done"
    assert (await chat.post(body))[1]["replayed"] is True
    assert rasa_road.office.cancelled == {body["message_id"]: "MA-104871"}
    rasa_road.office.cancelled.clear()


async def test_say_that_again_and_the_buttons_of_a_task_that_is_over(rasa_road: Road, locale: str) -> None:
    chat = rasa_road.chat(locale, customer="C-1001")
    first = await chat.say({"fr": "délai de livraison ?", "en": "delivery time?"}[locale])
    again = await chat.say({"fr": "vous pouvez répéter ?", "en": "can you repeat that?"}[locale])
    assert [reply["custom"]["answer"] for reply in again["replies"]] == [custom(first, "answer")]
    over = await chat.say('/task_choice{"value": "shop"}')
    assert {"fr": "terminée", "en": "closed"}[locale] in texts(over)
    assert over["active_loop"] is None
