"""A decision tree is tried as a customer would have it: by press, by words, in both languages, met by a danger."""

from __future__ import annotations

import copy

import pytest

from tests.bot.conftest import Bot
from tests.bot.trees import DRAWER, LAMP, at, house, keeper

__all__ = ["house", "keeper"]  # fixtures, found by their names


async def test_a_tree_is_tried_in_french_and_in_english_by_press_and_by_words(house: Bot) -> None:
    ines = await at(house, "ines")
    begun = await ines.walk(LAMP)
    assert (begun["path"], begun["used"], begun["now"]["understood"]) == ([], 0, True)
    assert begun["now"]["choices"][0] == {"label": "Oui", "next": "danger"}
    walked = await ines.walk(LAMP, ("bulb",), "non, pareil", "elle clignote", "toujours pas", "non")
    assert [one["node"] for one in walked["path"]] == ["safety", "bulb", "plug", "dimmer", "dimmer"]
    assert [one["understood"] for one in walked["path"]] == [True, True, True, False, True], "after a fix: yes or no"
    assert (walked["path"][2]["say"], walked["now"]["kind"]) == (LAMP["nodes"]["plug"]["question"]["fr"], "repair")
    assert walked["path"][0]["said"] == "Non, rien de cela"
    walked = await ines.walk(LAMP, ("bulb",), "still nothing", "it flickers", "no", "more", locale="en")
    now = walked["now"]
    assert (now["node"], now["kind"], now["text"]) == ("workshop", "repair", LAMP["nodes"]["workshop"]["say"]["en"])
    assert walked["used"] == 4, "what comes after an end is left out"
    # A fix that helped, and one with nothing after it that did not.
    now = (await ines.walk(DRAWER, "il est plein", ("works",)))["now"]
    assert (now["node"], now["kind"], now["understood"]) == ("empty_it", "works", True)
    short = copy.deepcopy(DRAWER)
    del short["nodes"]["empty_it"]["otherwise"]
    assert (await ines.walk(short, ("empty_it",), "non"))["now"]["kind"] == "does_not"
    fix = (await ines.walk(DRAWER, ("empty_it",), locale="en"))["now"]
    assert fix["choices"] == [{"label": "Yes", "next": "works"}, {"label": "No", "next": "does_not"}]


async def test_what_is_not_understood_doubted_or_dangerous_is_told(house: Bot) -> None:
    ines = await at(house, "ines")
    now = (await ines.walk(DRAWER, "bonjour"))["now"]
    assert (now["node"], now["understood"]) == ("full", False)
    assert (await ines.walk(DRAWER, ("gone",)))["now"]["understood"] is False
    doubted = await ines.walk(LAMP, "je ne sais pas")
    assert (doubted["now"]["node"], doubted["now"]["kind"], doubted["now"]["doubted"]) == ("danger", "human", True)
    # Two buttons that lead to the same place keep their own words.
    assert (await ines.walk(DRAWER, ("workshop", 2)))["path"][0]["said"] == "Il est vide"
    # One that leads elsewhere since it was pressed is the same button; one that is there no more is none.
    walked = await ines.walk(DRAWER, ("empty_it_all", 0, "Oui"), "non")
    assert [one["said"] for one in walked["path"]] == ["Oui", "non"]
    assert (walked["now"]["node"], walked["now"]["kind"]) == ("workshop", "repair")
    assert (await ines.walk(DRAWER, ("gone", 3, "Peut-être")))["now"]["understood"] is False
    # Another one that has come to stand in its place was not pressed either.
    assert (await ines.walk(DRAWER, ("gone", 1, "Peut-être")))["now"]["understood"] is False


@pytest.mark.parametrize(("locale", "said"), [("fr", "il y a des étincelles"), ("en", "there are sparks")])
async def test_a_typed_danger_ends_a_trial_as_it_ends_a_diagnosis_in_the_chat(
    house: Bot, locale: str, said: str
) -> None:
    ines = await at(house, "ines")
    topic = house.services.service.match_danger(said)
    assert topic is not None
    assert topic.advice is not None
    customer = await house.customer(locale=locale)
    advice = topic.advice.in_locale(locale)
    assert (await customer.ask(said))["text"] == advice, "what the chat says"
    assert (await customer.read())["state"]["owner"] == "queue", "and who has it then"
    walked = await ines.walk(LAMP, ("bulb",), said, "non", locale=locale)
    assert [one["danger"] for one in walked["path"]] == [None, topic.label.fr], "in the reader's language"
    assert walked["now"] == {
        "node": "bulb",
        "kind": "danger",
        "text": advice,
        "choices": [],
        "understood": True,
        "doubted": False,
    }
    assert walked["used"] == 2, "nothing is asked any more"
    pressed = await ines.walk(LAMP, ("danger",), locale=locale)
    assert (pressed["path"][0]["danger"], pressed["now"]["kind"]) == (None, "human"), "a button is the tree's own"
