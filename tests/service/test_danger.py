"""Danger phrases of the demo's service.yml: what must raise the alarm, and what must not."""

from __future__ import annotations

import time

import pytest

import service
from service.danger import fold, phrase_pattern

ALARMS = {
    "distress": ["j’ai envie de mourir", "I want to kill myself"],
    "vulnerable": [
        "ma mère est sous curatelle et elle a commandé six fois la même lampe",
        "je fais une dépression... je suis en dépression et je n'ai plus la force de m'en occuper",
        "le vendeur a profité de son âge",
        "je n'ai plus de quoi manger ce mois-ci",
        "my father has dementia and keeps ordering lamps",
        "I can't cope with this any more",
        "your salesman took advantage of my mother",
    ],
    "injury": [
        "j'ai eu un accident avec votre grille-pain",
        "there was an accident with your kettle",
        "Ma fille a été ÉLECTROCUTÉE par la lampe",
        "jai pris une decharge en branchant la lampe",
        "j'ai pris une grosse décharge avec la bouilloire",
        "je me suis brulée avec la bouilloire",
        "Mon fils s’est blessé avec le mixeur",
        "il y a eu un blessé",
        "I got an electric shock from your lamp",
        "my son was injured by the blender",
        "it burnt my hand",
    ],
    "fire": [
        "la lampe a pris feu !!",
        "un incendie à cause de votre grille-pain",
        "Court-circuit dans toute la maison",
        "ça sent le brûlé quand je l’allume",
        "the kettle caught fire",
        "there are sparks coming out of the plug",
    ],
    "fraud": [
        "on m'a volé ma carte bancaire et on a commandé chez vous",
        "ma carte a été volée",
        "débit frauduleux sur mon compte",
        "quelqu'un a commandé à mon nom",
        "someone has ordered lamps with my card",
        "c'est une fraude",
        "Mon compte client a été piraté",
        "someone used my stolen card",
        "there is an unauthorised charge on my statement",
    ],
    "legal": [
        "Vous aurez des nouvelles de mon avocat",
        "je vais porter plainte",
        "JE DÉPOSE PLAINTE DEMAIN",
        "j'engage des poursuites",
        "I will take legal action",
        "my lawyer will contact you",
    ],
    "press": ["je suis journaliste au Monde", "I am a journalist", "je vais contacter la presse"],
    "conduct": ["le livreur m'a insultée", "your employee was racist"],
}

HARMLESS = [
    "",
    "mon chargeur ne marche plus",
    "Avez-vous un couteau pour avocat ?",
    "un coupe-avocat c’est possible au lave-vaisselle ?",
    "je cherche un plat pour servir l'avocat crevettes",
    "vous prenez la presse-agrumes en retour ?",
    "puis-je reporter la livraison",
    "la batterie se décharge trop vite",
    "bon de décharge pour le livreur",
    "l'ampoule est grillée",
    "la poêle va sur plaque à feu vif ?",
    "une lampe en verre fumé",
    "je voudrais déposer une réclamation",
    "une carte cadeau",
    "on a volé mon colis devant la porte",
    "le code promo ne marche pas, c'est urgent",
    "vos prix me blessent le porte-monnaie",
    "la lumière est-elle éblouissante",
    "poursuivre ma commande sur le site",
    "votre contrôle anti-fraude bloque mon paiement",
    "I'm shocked by the price",
    "I want to make a complaint",
    "my parcel was stolen",
    "can I cut bread with this knife",
    "do you sell fireplaces",
    "what is the charge for delivery",
    "I need to sue… sorry, to see my order",
    "which burner is induction compatible",
    "is the pan fireproof",
    "j'ai commandé deux fois par accident",
    "I ordered twice by accident",
    "la garantie accident est-elle comprise ?",
    "my lamp has died, is it under guarantee?",
    "mon père est décédé, comment fermer son compte ?",
    "i have taken advantage of your offer",
]


@pytest.fixture(scope="module")
def maison_alder() -> service.Service:
    return service.load("service.yml")


@pytest.mark.parametrize(("topic", "text"), [(topic, text) for topic, texts in ALARMS.items() for text in texts])
def test_an_alarm_is_raised(maison_alder: service.Service, topic: str, text: str) -> None:
    found = maison_alder.match_danger(text)
    assert found is not None
    assert found.name == topic


@pytest.mark.parametrize("text", HARMLESS)
def test_no_false_alarm(maison_alder: service.Service, text: str) -> None:
    assert maison_alder.match_danger(text) is None


def test_every_danger_topic_is_tried_above(maison_alder: service.Service) -> None:
    assert {topic.name for topic in maison_alder.danger_topics} == set(ALARMS)


def test_every_phrase_raises_its_own_topic_or_a_graver_one(maison_alder: service.Service) -> None:
    order = [topic.name for topic in maison_alder.danger_topics]
    for topic in maison_alder.danger_topics:
        for phrase in topic.phrases.all:
            found = maison_alder.match_danger(phrase.replace("*", "").replace("...", "un"))
            assert found is not None, phrase
            assert order.index(found.name) <= order.index(topic.name), phrase


def test_a_long_message_takes_no_time(maison_alder: service.Service) -> None:
    began = time.process_time()  # of ours: what else the machine does is not counted
    assert maison_alder.match_danger("carte de la " * 20_000) is None
    assert time.process_time() - began < 2


def test_folding_forgets_accents_case_and_apostrophes() -> None:
    assert fold("J’ai   PRIS une Décharge—électrique, cœur !") == " j ai pris une decharge electrique coeur "


@pytest.mark.parametrize("phrase", ["", "...", "... feu", "feu ...", "?!"])
def test_a_phrase_without_words_at_its_ends_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="is not a phrase"):
        phrase_pattern(phrase)
