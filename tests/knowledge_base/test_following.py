"""Who is asking and what was said before act on the search; through HTTP, on the shipped articles and on a few."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from encoder.joint import JointEncoder
from encoder.model import Encoder
from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.retrieval.going_on import TITLES_OF_A_SUBJECT, _names_a_subject
from tests.knowledge_base.conftest import GIFT_CARD, PARCEL, SHIPPED, Served
from tests.knowledge_base.test_idle import Counted


def test_an_article_for_one_audience_is_not_shown_to_another(small: Served) -> None:
    gold = GIFT_CARD.replace("id: gift-card", "id: gold-rule").replace(
        "topic: payment", "topic: payment\naudience: [or]"
    )
    (small.folder / "fr" / "or.md").write_text(gold, "utf-8")
    small.until(lambda: small.call("/healthz")[1]["articles"] == 4)

    def ids(**more: str) -> set[str]:
        small.until(lambda: len(small.call("/articles")[1]["articles"]) == 4)
        return {result["article_id"] for result in small.search("ma carte cadeau expire quand", **more)["results"]}

    assert "gold-rule" in ids(audience="or")
    assert "gold-rule" not in ids(audience="standard")
    assert "gift-card" in ids(audience="standard")


def test_an_article_for_the_audience_comes_before_the_one_for_everybody(small: Served) -> None:
    gold = GIFT_CARD.replace("id: gift-card", "id: gold-rule").replace(
        "topic: payment", "topic: payment\naudience: [or]"
    )
    (small.folder / "fr" / "zz-or.md").write_text(gold.replace("Deux ans.", "Trois ans."), "utf-8")
    small.until(lambda: small.call("/healthz")[1]["articles"] == 4)
    question = "combien de temps est valable ma carte cadeau ?"
    assert small.search(question, audience="or")["results"][0]["answer"] == "Trois ans."
    assert small.search(question, audience="standard")["results"][0]["answer"] == "Deux ans."
    assert small.search(question)["results"][0]["answer"] == "Deux ans."


@pytest.mark.parametrize(("question", "locale"), [("la livraison est gratuite ?", "fr"), ("is delivery free?", "en")])
def test_a_gold_member_gets_the_gold_rule(shop: Served, question: str, locale: str) -> None:
    found = {kind: shop.search(question, locale=locale, audience=kind) for kind in ("or", "standard")}
    assert {kind: one["decision"] for kind, one in found.items()} == {"or": "answer", "standard": "answer"}
    assert found["or"]["results"][0]["article_id"] == "delivery-for-gold-members"
    assert found["standard"]["results"][0]["article_id"] == "free-delivery"


def test_a_question_that_goes_on_is_read_with_the_one_before(shop: Served) -> None:
    before = [{"question": "quels sont les délais de livraison ?", "article_id": "delivery-times"}]
    followed = shop.search("et en Belgique ?", locale="fr", history=before)["results"][0]
    assert followed["topic"] == "delivery"
    assert "Belgique" in followed["title"] + followed["answer"] + followed["passage"]
    cost = [{"question": "combien coûte un retour ?", "article_id": "return-cost"}]
    assert not shop.search("et en boutique ?", locale="fr")["follow_up"]
    returned = shop.search("et en boutique ?", locale="fr", history=cost)
    assert returned["follow_up"]
    assert "return-in-shop" in [result["article_id"] for result in returned["results"]]
    new = shop.search("comment obtenir une facture ?", locale="fr", history=before)
    assert not new["follow_up"]
    assert "invoice" in new["results"][0]["article_id"]
    assert shop.search("and for a sofa?", locale="en", history=[{"question": "how long does delivery take?"}])[
        "follow_up"
    ]


@pytest.mark.parametrize(
    ("before", "shown", "asked", "locale", "meant", "alone"),
    [
        ("comment retourner un article ?", "return-an-item", "et en Belgique ?", "fr", "return-in-shop", "delivery-"),
        ("combien coûte un retour ?", "return-cost", "en Belgique ?", "fr", "return-in-shop", "delivery-"),
        ("how do I return an item?", "return-an-item", "what about Luxembourg?", "en", "return-in-shop", "delivery-"),
        ("how long does delivery take?", "delivery-times", "and in a shop?", "en", "click-and-collect", "find-a-shop"),
    ],
)
def test_a_circumstance_is_one_of_what_was_talked_of(
    shop: Served, before: str, shown: str, asked: str, locale: str, meant: str, alone: str
) -> None:
    unasked = shop.search(asked, locale=locale)
    assert (unasked["decision"], unasked["results"][0]["article_id"][: len(alone)]) == ("answer", alone)
    found = shop.search(asked, locale=locale, history=[{"question": before, "article_id": shown}])
    assert (found["decision"], found["follow_up"]) == ("clarify", True)
    ids = [result["article_id"] for result in found["results"]]
    assert ids[0] == meant
    assert unasked["results"][0]["article_id"] in ids


@pytest.mark.parametrize(
    ("asked", "locale", "article"),
    [
        ("et le code promo ?", "fr", "promo-codes-cumulative"),
        ("et en 3 fois ?", "fr", "pay-in-instalments"),
        ("mais où est mon colis ?", "fr", "track-my-parcel"),
        ("and how about gift cards?", "en", "gift-card-use"),
    ],
)
def test_another_subject_is_none(shop: Served, asked: str, locale: str, article: str) -> None:
    before = {"question": "comment retourner un article ?", "article_id": "return-an-item"}
    found = shop.search(asked, locale=locale, history=[before])
    assert (found["decision"], found["results"][0]["article_id"]) == ("answer", article)


def test_whether_a_word_is_a_subject_is_read_from_the_titles_of_who_says_it(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "fr", tmp_path / "fr")
    knowledge = KnowledgeBase(tmp_path, JointEncoder([Encoder(Counted(), {})]), None, 0.05)
    knowledge.refresh()
    assert knowledge.snapshot is not None
    assert knowledge.snapshot.engine is not None
    index = knowledge.snapshot.engine.index
    stems, holders = index.lexicon.stems, index.lexical["fr"].stems
    titles = [(one["fr"].topic, set(stems.count(one["fr"].title, "fr")[0].tolist())) for one in index.by_locale]
    stems.counted = looked = Looked(stems.counted)
    found = set()
    for term in range(len(stems.numbers)):
        looked.times = 0
        told = _names_a_subject(index, np.array([term]), "fr", "delivery")
        assert told == (sum(topic != "delivery" and term in title for topic, title in titles) >= TITLES_OF_A_SUBJECT)
        assert looked.times <= len(holders.holding(np.array([term])))
        found.add(told)
    assert found == {True, False}


class Looked(dict[Any, Any]):
    """How often something was taken from it."""

    times = 0

    def __getitem__(self, key: Any) -> Any:
        self.times += 1
        return super().__getitem__(key)


@pytest.mark.parametrize("asked", ["combien de planètes ?", "et la météo demain ?", "c'est n'importe quoi"])
def test_the_question_before_does_not_answer_what_has_no_answer(shop: Served, asked: str) -> None:
    before = {"question": "comment retourner un article ?", "article_id": "return-an-item"}
    assert shop.search(before["question"], locale="fr")["decision"] == "answer"
    assert shop.search(asked, locale="fr", history=[before])["decision"] == "abstain"


def test_the_question_before_does_not_hide_another(shop: Served) -> None:
    before = {"question": "comment retourner un article ?", "article_id": "return-an-item"}
    for asked, article in (("où est mon colis ?", "track-my-parcel"), ("comment payer ?", "payment-methods")):
        found = shop.search(asked, locale="fr", history=[before])
        assert found["results"][0]["article_id"] == article
        assert not found["follow_up"]


@pytest.mark.parametrize("locale", ["fr-FR", "FR", "xx"])
def test_a_locale_is_understood_whatever_its_form(shop: Served, locale: str) -> None:
    found = shop.search("comment retourner un article ?", locale=locale)
    assert (found["decision"], found["results"][0]["locale"]) == ("answer", "fr")


def test_an_article_in_two_languages_shows_only_what_is_meant_for_the_customer(small: Served) -> None:
    (small.folder / "fr" / "suivre.md").write_text(PARCEL.replace("topic:", "audience: [or]\ntopic:"), "utf-8")
    small.until(
        lambda: small.search("où est mon colis", locale="fr", audience="standard")["results"][0]["locale"] == "en"
    )
    assert small.search("où est mon colis", locale="fr", audience="or")["results"][0]["locale"] == "fr"


def test_what_did_not_help_is_not_offered_first_again(shop: Served) -> None:
    question = "comment payer en plusieurs fois ?"
    first, second = (result["article_id"] for result in shop.search(question, locale="fr", limit=2)["results"])
    past = {"question": question, "article_id": first}
    assert shop.search(question, locale="fr", history=[past])["results"][0]["article_id"] == first
    again = shop.search(question, locale="fr", history=[{**past, "helped": False}], limit=20)["results"]
    assert again[0]["article_id"] == second
    assert first not in [result["article_id"] for result in again]


def test_history_that_is_not_understood_is_refused(shop: Served) -> None:
    body = {"question": "et en Belgique ?", "history": [{"article_id": "x"}]}
    status, answer = shop.call("/search", body)
    assert status == 400
    assert "history.0.question" in answer["error"]["message"]


def test_the_sentence_that_answers_is_marked(shop: Served) -> None:
    found = shop.search("combien coûte la livraison à domicile ?", locale="fr")["results"]
    assert found[0]["sentence"]
    assert found[0]["sentence"] in found[0]["passage"]
    assert len(found[0]["sentence"]) < len(found[0]["passage"])
    assert found[1]["sentence"] is None
