"""Words, passages and BM25, on cases that can be checked by eye."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from knowledge_base.content.article import Article
from knowledge_base.retrieval import language
from knowledge_base.retrieval.found import Result
from knowledge_base.retrieval.lexical import Bm25, Vocabulary
from knowledge_base.retrieval.spelling import Speller, spelt_out
from knowledge_base.retrieval.text import (
    LONGEST_BLOCK,
    character_ngrams,
    content_words,
    forms,
    passages,
    plain,
    sentences,
    stems,
)
from knowledge_base.retrieval.tokens import Lens, Tokens
from service.typography import typeset


@pytest.mark.parametrize("sign", ["\n", "![", "- ", "-"])
def test_a_run_is_read_in_the_time_that_its_length_takes(sign: str) -> None:
    assert plain(f"Oui.\n\n{sign * 40_000}x").startswith("Oui.")


def test_accents_elisions_and_ligatures_are_folded() -> None:
    assert content_words("L’adresse de ma sœur qu'elle a déménagée", "fr") == ["adresse", "soeur", "demenagee"]


def test_inflected_words_share_a_stem() -> None:
    assert stems("livraisons", "fr") == stems("Livraison", "fr")
    assert stems("returned", "en") == stems("return", "en")


def test_a_misspelt_word_keeps_most_of_its_ngrams() -> None:
    right, wrong = set(character_ngrams("commande", "fr")), set(character_ngrams("comande", "fr"))
    assert len(right & wrong) >= 0.4 * len(right)


@pytest.mark.parametrize(
    ("typed", "locale", "spelt"),
    [
        ("jai pa recu mon mdp", "fr", "j'ai pas reçu mon mot de passe"),
        ("Où est mon colis ?", "fr", "Où est mon colis ?"),
        ("thx u", "en", "thanks you"),
        ("jai", "de", "jai"),
    ],
)
def test_short_forms_are_spelt_out(typed: str, locale: str, spelt: str) -> None:
    assert spelt_out(typed, locale) == spelt


@pytest.mark.parametrize(
    ("typed", "locale", "read"),
    [
        ("je veu annulé ma comande", "fr", "je veu annulé ma commande"),
        ("remboursemant d'un article", "fr", "remboursement d'un article"),
        ("ou est mon recu", "fr", "ou est mon reçu"),
        ("il manke une lampe", "fr", "il manque une lampe"),
        ("Klarna et PayPal, ma commande MA-104233", "fr", "Klarna et PayPal, ma commande MA-104233"),
        ("c'est quoi le track and trace", "fr", "c'est quoi le track and trace"),
        ("my kettle came brokn", "en", "my kettle came broken"),
        ("it wasnt delivered, need a reciept", "en", "it wasn't delivered , need a receipt"),
        ("comande", "de", "comande"),
    ],
)
def test_mistakes_are_mended_and_names_and_known_words_left(typed: str, locale: str, read: str) -> None:
    known = {"fr": "annuler ma commande, remboursement d'un article, il manque un reçu", "en": "a broken kettle"}
    counted = Counter(forms(known.get(locale, ""), locale))
    assert Speller(locale, counted).read(typed) == read


def test_a_sentence_is_a_part_of_its_passage() -> None:
    passage = "Oui. Le colis part sous 24 h. « Où est-il ? » Un lien vous le dit… Voilà."
    found = sentences(passage)
    assert len(found) > 1
    assert all(sentence in passage for sentence in found)
    assert "".join("".join(found).split()) == "".join(passage.split())
    assert sentences("") == []


def test_tokens_find_the_text_that_holds_the_question() -> None:
    chance = np.random.default_rng(3)
    states = [chance.normal(size=(tokens, 96)).astype(np.float32) for tokens in (6, 0, 9)]
    lens = Lens.of({"query": states, "passage": states})
    tokens = Tokens.of([lens.codes(rows, "passage") for rows in states])
    likeness = tokens.likeness(lens.codes(states[2][2:5], "query"), np.array([0, 1, 2]))
    assert likeness[2] == pytest.approx(1, abs=0.03)
    assert likeness[0] < 0.6
    assert likeness[1] == 0


def test_a_heading_goes_with_its_text_and_a_table_keeps_its_rows() -> None:
    body = "## Prix\n\n| Mode | Prix |\n|---|---|\n| Express | **9,90 €** |\n\n1. Ouvrez\n2. Signez\n\n## Fin"
    assert passages(body) == ["Prix\nMode – Prix\nExpress – 9,90 €\nOuvrez\nSignez"]


def test_passages_keep_every_word_and_stay_short() -> None:
    body = (
        "# Titre\n\n"
        + "Une phrase qui dit quelque chose. " * 100
        + "\n\n- un\n- [deux](http://x.test)\n\n"
        + "a" * 2000
    )
    cut = passages(body)
    assert max(len(part) for part in cut) <= LONGEST_BLOCK + len("Titre\n")
    assert "".join(" ".join(cut).split()).count("a" * 100) == 20
    assert "deux" in cut[-1] or any("un\ndeux" in part for part in cut)
    assert passages("") == []


def test_bm25_says_what_share_of_the_question_a_document_covers() -> None:
    vocabulary = Vocabulary(stems)
    texts = ["livraison en Belgique", "carte cadeau perdue", "livraison express"]
    counted = [[vocabulary.count(text, "fr")] for text in texts]
    index = Bm25(counted, len(vocabulary.numbers), k1=1.5, b=0.75)
    scores = index.scores(*vocabulary.known("la livraison en Belgique", "fr"))
    assert list(np.argsort(-scores)) == [0, 2, 1]
    assert scores[1] == 0
    unknown = index.scores(*vocabulary.known("la livraison en Belgique zorglub", "fr"))
    assert 0 < unknown[0] < scores[0]
    assert index.unknown_share(*vocabulary.known("la livraison en Belgique zorglub", "fr")) == pytest.approx(1 / 3)
    assert index.unknown_share(*vocabulary.known("la", "fr")) == 0
    question = vocabulary.known("livraison en Belgique", "fr")
    assert index.score_without(0, counted[0], *question) == 0
    assert index.score_without(0, [], *question) == pytest.approx(index.scores(*question)[0])


def test_the_language_of_a_question() -> None:
    assert language.detect("where is my order") == "en"
    assert language.detect("ou est ma commande") == "fr"
    assert language.detect("12345") == language.DEFAULT


def test_readers_see_one_kind_of_apostrophe() -> None:
    assert typeset("it's l'heure : 5'9 'Alder' ``x'y``") == "it’s l’heure\u00a0: 5'9 'Alder' ``x’y``"
    result = Result(
        Article("off", "en", "Why doesn't it work?", answer="It's off."), "It's off. Don't worry.", 1.0, "It's off."
    )
    shown = result.as_json()
    assert [shown[name] for name in ("title", "answer", "passage", "sentence")] == [
        "Why doesn’t it work?",
        "It’s off.",
        "It’s off. Don’t worry.",
        "It’s off.",
    ]
