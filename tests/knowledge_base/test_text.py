"""Words, passages and BM25, on cases that can be checked by eye."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base import language
from knowledge_base.lexical import Bm25, Vocabulary
from knowledge_base.spelling import spelt_out
from knowledge_base.text import LONGEST_BLOCK, character_ngrams, content_words, passages, stems


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


def test_passages_keep_every_word_and_stay_short() -> None:
    body = (
        "# Titre\n\n"
        + "Une phrase qui dit quelque chose. " * 100
        + "\n\n- un\n- [deux](http://x.test)\n\n"
        + "a" * 2000
    )
    cut = passages(body)
    assert max(len(part) for part in cut) <= LONGEST_BLOCK
    assert "".join(" ".join(cut).split()).count("a" * 100) == 20
    assert "deux" in cut[-1] or any("un deux" in part for part in cut)
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
    question = vocabulary.known("livraison en Belgique", "fr")
    assert index.score_without(0, counted[0], *question) == 0
    assert index.score_without(0, [], *question) == pytest.approx(index.scores(*question)[0])


def test_the_language_of_a_question() -> None:
    assert language.detect("where is my order") == "en"
    assert language.detect("ou est ma commande") == "fr"
    assert language.detect("12345") == language.DEFAULT
