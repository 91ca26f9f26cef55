"""Anger and despair by words and look: heard where they are, and not in ordinary messages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import service

ROOT = Path(__file__).parents[2]
CONVERSATIONS = ROOT / "tests" / "dialogues" / "conversations"

ANNOYED = [
    "mais où est mon colis !!!",
    "OU EST MA COMMANDE ENFIN",
    "ça fait trois fois que je vous écris",
    "je n'en peux plus de cette histoire",
    "je suis désespérée, je ne sais plus quoi faire",
    "j'en ai vraiment ras-le-bol de vos retards",
    "putain elle arrive quand cette lampe",
    "vous plaisantez ????",
    "personne ne répond jamais chez vous",
    "where the hell is my parcel?!?!",
    "THIS IS THE WRONG LAMP AGAIN",
    "this is the third time i'm asking",
    "i'm at my wits' end with this refund",
    "i'm desperate, please do something",
    "your service is a joke, honestly it is a joke",
    "where is my fucking order",
]
ORDINARY = [
    "",
    "MERCI BEAUCOUP",
    "BONJOUR",
    "MA-104233",
    "SARL DUPONT",
    "c'est payant ???",
    "super !!",
    "peut-on payer en trois fois ?",
    "le vase est épuisé, il revient quand ?",
    "la peinture de la lampe craque",
    "à l'aide d'un tournevis ?",
    "ma lampe est en colis relais depuis 3 jours",
    "c'est la troisième fois que je commande chez vous, et je suis ravie",
    "tell me a joke",
    "can I order a third time with the same code?",
    "i never got the tracking link",
    "toujours pas reçu ma commande",
]


@pytest.fixture(scope="module")
def maison_alder() -> service.Service:
    return service.load("service.yml")


@pytest.mark.parametrize("text", ANNOYED)
def test_annoyance_is_heard(maison_alder: service.Service, text: str) -> None:
    assert maison_alder.sounds_annoyed(text)
    assert maison_alder.match_danger(text) is None


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_messages_are_not_taken_for_it(maison_alder: service.Service, text: str) -> None:
    assert not maison_alder.sounds_annoyed(text)


def test_of_everything_that_customers_say_in_our_tests_next_to_nothing_is_taken_for_it(
    maison_alder: service.Service,
) -> None:
    asked = [
        json.loads(line)["text"]
        for file in (ROOT / "tests" / "evaluation").glob("*.jsonl")
        for line in file.read_text("utf-8").splitlines()
    ]
    said = [
        str(step["customer"])
        for file in CONVERSATIONS.glob("*.yml")
        if file.stem != "humans"
        for conversation in yaml.safe_load(file.read_text("utf-8"))
        for step in conversation["steps"]
        if "customer" in step
    ]
    assert len(asked) > 100
    assert len(said) > 300
    heard = [text for text in [*asked, *said] if maison_alder.sounds_annoyed(text)]
    # These two are annoyed.
    assert len(heard) <= 0.005 * len(asked + said), heard


def test_who_is_preferred_waits_for_fewer_failures(maison_alder: service.Service) -> None:
    assert maison_alder.failures_before_offer("or") < maison_alder.failures_before_offer("standard")
    assert maison_alder.failures_before_offer(None) == maison_alder.handoff.failed_answers_before_offer
