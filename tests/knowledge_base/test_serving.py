"""The process follows its folder, and stays up whatever is put there."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

import encoder
from encoder import Kind
from encoder.joint import JointEncoder
from encoder.model import UNIVERSAL, Vectors
from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.retrieval.following import Asked
from knowledge_base.retrieval.recent import RecentQuestions
from knowledge_base.retrieval.vectors import VectorCache
from tests.knowledge_base.conftest import GIFT_CARD, PARCEL, Served, own_var, serving


def test_health_says_no_until_the_articles_are_read(shop: Served) -> None:
    assert shop.seen_before_ready
    assert set(shop.seen_before_ready) == {503}
    status, health = shop.call("/healthz")
    assert status == 200
    assert health["status"] == "ok"
    assert health["articles"] >= 140
    assert health["broken"] == []


def test_articles_are_listed_and_read(shop: Served) -> None:
    _, listed = shop.call("/articles?locale=en")
    assert listed["revision"]
    assert {article["locale"] for article in listed["articles"]} == {"en"}
    _, same_list = shop.call(f"/articles?unless={listed['revision']}")
    assert same_list == {"revision": listed["revision"], "articles": None}
    assert shop.call("/articles?unless=another")[1]["articles"]
    _, article = shop.call("/articles/track-my-parcel?locale=en")
    assert article["locale"] == "en"
    assert article["locales"]["fr"].startswith("/aide/")
    assert article["body"]
    _, same = shop.call(f"/articles/by-slug/en/{article['slug']}")
    assert same == article
    for missing in ("/articles/no-such", "/articles/by-slug/en/no-such", "/nothing"):
        status, error = shop.call(missing)
        assert status == 404
        assert error["error"]["message"]


def test_a_new_article_is_found_a_changed_one_changes_a_deleted_one_goes(small: Served) -> None:
    question = "vos boutiques ouvrent à quelle heure ?"
    assert small.search(question, locale="fr")["results"][0]["article_id"] != "shop-hours"
    path = small.folder / "fr" / "horaires.md"
    text = "---\nid: shop-hours\ntitle: Horaires des boutiques\nquestions: [à quelle heure ouvrent les boutiques]\n"
    path.write_text(text + "answer: De 10 h à 19 h.\ntopic: shops\n---\nDu lundi au samedi.\n", "utf-8")
    small.until(lambda: small.search(question, locale="fr")["results"][0]["article_id"] == "shop-hours")
    first = small.search(question, locale="fr")["results"][0]
    path.write_text(text + "answer: De 9 h à 20 h.\ntopic: shops\n---\nDu lundi au samedi.\n", "utf-8")
    small.until(lambda: small.search(question, locale="fr")["results"][0]["answer"] == "De 9 h à 20 h.")
    assert small.search(question, locale="fr")["results"][0]["version"] != first["version"]
    path.unlink()
    small.until(lambda: small.search(question, locale="fr")["results"][0]["article_id"] != "shop-hours")


def test_a_broken_file_is_reported_and_keeps_its_last_good_version(small: Served) -> None:
    path = small.folder / "fr" / "suivre.md"
    path.write_text(PARCEL.replace("title: Comment", "titel: Comment"), "utf-8")
    (small.folder / "fr" / "neuf.md").write_text("# pas d’en-tête\n", "utf-8")
    small.until(lambda: len(small.call("/healthz")[1]["broken"]) >= 2)
    broken = {problem["file"].rsplit("/", 1)[-1]: problem for problem in small.call("/healthz")[1]["broken"]}
    assert broken["suivre.md"]["line"] in (2, 3)
    assert broken["neuf.md"]["line"] == 1
    assert small.search("où est mon colis", locale="fr")["results"][0]["article_id"] == "track-my-parcel"
    path.write_text(PARCEL, "utf-8")
    (small.folder / "fr" / "neuf.md").unlink()
    small.until(lambda: small.call("/healthz")[1]["broken"] == [])


def test_an_article_in_the_other_language_only_is_found(small: Served) -> None:
    found = small.search("how long is my gift card valid?", locale="en")["results"][0]
    assert found["article_id"] == "gift-card"
    assert found["locale"] == "fr"
    assert found["url"] == "/aide/carte-cadeau"


def test_an_empty_knowledge_base_abstains(tmp_path: Path, var: Path, environment: dict[str, str]) -> None:
    with serving(tmp_path / "none", own_var(tmp_path, var), environment) as served:
        found = served.search("où est mon colis ?")
        assert found == {"decision": "abstain", "confidence": 0.0, "follow_up": False, "results": []}
        assert served.call("/healthz")[1]["articles"] == 0
        (tmp_path / "none" / "fr").mkdir(parents=True)
        (tmp_path / "none" / "fr" / "carte.md").write_text(GIFT_CARD, "utf-8")
        served.until(lambda: bool(served.search("ma carte cadeau expire quand")["results"]))


def test_a_warm_start_encodes_nothing(small: Served, environment: dict[str, str]) -> None:
    def stored() -> int:
        count = 0
        for database in (small.var / "vectors").glob("*.sqlite3"):
            with closing(sqlite3.connect(database)) as connection:
                count += int(connection.execute("SELECT count(*) FROM encoded").fetchone()[0])
        return count

    before = stored()
    assert before > 0
    with serving(small.folder, small.var, environment) as again:
        assert again.search("où est mon colis")["results"]
    assert stored() == before


def test_what_could_not_be_taken_in_is_tried_again(folder: Path, model_folder: Path) -> None:
    class FailsOnce(JointEncoder):
        failed = False

        def encode_whole(self, texts: Sequence[str], kind: Kind) -> tuple[Vectors, list[Vectors] | None]:
            if not self.failed:
                self.failed = True
                raise sqlite3.OperationalError("database is locked")
            return super().encode_whole(texts, kind)

    knowledge = KnowledgeBase(folder, FailsOnce([encoder.load(model_folder)]), None, 0.05)
    with pytest.raises(sqlite3.OperationalError):
        knowledge.refresh()
    assert knowledge.snapshot is None
    assert knowledge.refresh()
    assert knowledge.search(Asked("où est mon colis", "fr")).results[0].article.id == "track-my-parcel"
    knowledge.close()


def test_a_question_asked_again_is_not_encoded_again_and_keeps_its_answer(folder: Path, model_folder: Path) -> None:
    class Counting(JointEncoder):
        def __init__(self) -> None:
            super().__init__([encoder.load(model_folder)])
            self.asked: list[str] = []

        def encode_whole(self, texts: Sequence[str], kind: Kind) -> tuple[Vectors, list[Vectors] | None]:
            self.asked += texts if kind == "query" else []
            return super().encode_whole(texts, kind)

    counting = Counting()
    knowledge = KnowledgeBase(folder, counting, None, 0.05)
    knowledge.refresh()
    counting.asked.clear()
    first = knowledge.search(Asked("où est mon colis", "fr"))
    other = encoder.load(model_folder).encode(["une carte cadeau"], "query")[0]
    knowledge.search(Asked("où est mon colis", "fr"), vector=other)  # a vector of the caller's own is not remembered
    again = knowledge.search(Asked("où est mon colis", "fr"))
    assert counting.asked == ["où est mon colis"]
    assert again.as_json() == first.as_json()
    knowledge.close()
    recent = RecentQuestions(VectorCache(counting, None), most=2)
    recent.encode(["un"])
    counting.asked.clear()
    for question in ("deux", "un", "trois", "un", "deux"):
        recent.encode([question])
    assert counting.asked == ["deux", "trois", "deux"]  # the one not asked for longest was forgotten


TOGETHER = [  # asked by no other test: what was asked before would not be encoded together
    "où se trouve mon colis en ce moment ?",
    "how could I return this lamp?",
    "il me faudrait une facture",
    "peut-on payer en plusieurs fois chez vous ?",
    "where would I find your shops?",
    "la livraison me coûtera combien",
    "mon fauteuil est arrivé tout cassé",
    "quelle est la capitale du Pérou ?",
]


def test_questions_at_the_same_time_each_get_their_own_answer(shop: Served) -> None:
    with ThreadPoolExecutor(16) as people:
        together = list(people.map(lambda question: (question, shop.search(question)), TOGETHER * 8))
    alone = {question: shop.search(question) for question in TOGETHER}
    for question, found in together:
        first, expected = found["results"][0], alone[question]["results"][0]
        assert first["article_id"] == expected["article_id"], question
        assert abs(first["score"] - expected["score"]) < 0.05, question


def test_questions_encoded_together_have_the_vectors_they_have_alone(model_folder: Path) -> None:
    cache = VectorCache(JointEncoder([encoder.load(model_folder), encoder.load(UNIVERSAL)]), None)
    together = cache.encode_now(TOGETHER, "query")
    for question, vector, tokens in zip(TOGETHER, together.vectors, together.tokens, strict=True):
        alone = cache.encode_now([question], "query")
        for part in cache.encoder.parts:
            assert float(vector[part] @ alone.vectors[0][part]) > 0.99, question
        assert tokens.shape == alone.tokens[0].shape
    cache.close()


def test_a_bad_question_among_others_harms_none(shop: Served, model_folder: Path) -> None:
    vector = encoder.load(model_folder).encode(["où est mon colis ?"], "query")[0].tolist()
    bodies: list[tuple[int, dict[str, object]]] = [
        (200, {"question": "où est mon colis ?"}),
        (200, {"question": "🙂🙂"}),
        (400, {"question": "   "}),
        (400, {"question": "où est mon colis ?", "vector": [1.0, 2.0]}),
        (200, {"question": "où est mon colis ?", "vector": vector}),
    ]
    with ThreadPoolExecutor(10) as people:
        seen = list(people.map(lambda pair: (pair, shop.call("/search", pair[1])), bodies * 6))
    for (expected, body), (status, found) in seen:
        assert status == expected, body
        if "colis" in str(body["question"]) and status == 200:
            assert found["results"][0]["topic"] in ("delivery", "orders")
