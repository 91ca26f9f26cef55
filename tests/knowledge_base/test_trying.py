"""A draft is tried before it is published: one question, last month's, and what it would take from other articles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.knowledge_base.conftest import Served, queries

Json = dict[str, Any]
ENGRAVING: Json = {
    "article_id": "engraving",
    "locale": "fr",
    "slug": "gravure",
    "title": "Puis-je faire graver une théière ?",
    "questions": ["gravure d'un prénom sur une théière", "graver un message", "vous gravez les théières"],
    "answer": "Oui : la gravure d’une théière coûte 12 € et prend trois jours.",
    "topic": "products",
    "audience": [],
    "review_by": None,
    "related": [],
    "body": "Le prénom est gravé au laser sous la théière, en trente caractères au plus.",
}
QUESTION = "est-ce que vous pouvez graver un prénom sur ma théière"
TRACK = "où est mon colis"


def tried(served: Served, form: Json, question: str, **more: Any) -> Json:
    status, body = served.call("/studio/try", {"form": form, "question": question, "locale": "fr", **more})
    assert status == 200, body
    return dict(body)


def finished(served: Served, job: str) -> Json:
    told: Json = {}

    def over() -> bool:
        told.update(served.call(f"/studio/jobs/{job}")[1])
        return bool(told["state"] != "running")

    served.until(over, 60)
    return told


def replayed(served: Served, forms: list[Json], asked: list[tuple[str, int]]) -> Json:
    questions = [{"id": str(n), "question": q, "locale": "fr", "count": count} for n, (q, count) in enumerate(asked)]
    status, body = served.call("/studio/replay", {"forms": forms, "questions": questions})
    assert status == 202, body
    told = finished(served, body["job"])
    assert (told["state"], told["done"]) == ("done", len(asked)), told
    return dict(told["result"])


def test_what_the_assistant_says_with_the_draft_and_without_it(shop: Served) -> None:
    before = shop.search(QUESTION, locale="fr", limit=5)
    found = tried(shop, ENGRAVING, QUESTION)
    assert found["with"]["decision"] == "answer"
    assert found["without"]["decision"] != "answer"
    first = found["with"]["results"][0]
    assert (first["article_id"], first["draft"]) == ("engraving", True)
    assert first["matched"]["field"] in ("question", "body")
    assert {"graver", "prenom", "theiere"} <= set(first["shared"])
    assert set(first["signals"]) == {"meaning", "nearest", "words", "letters", "wording"}
    assert first["signals"]["meaning"] > found["with"]["results"][1]["signals"]["meaning"]
    assert not any(one["draft"] for one in found["without"]["results"])
    # The draft is nowhere but in its trial.
    assert shop.search(QUESTION, locale="fr", limit=5) == before
    by_question = tried(shop, ENGRAVING, "gravure d'un prénom sur une théière")["with"]["results"][0]["matched"]
    assert by_question == {"field": "question", "text": "gravure d’un prénom sur une théière", "locale": "fr"}
    named = {**ENGRAVING, "article_id": "", "body": "", "questions": []}
    by_title = tried(shop, named, "Puis-je faire graver une théière ?")["with"]["results"][0]
    assert (by_title["article_id"], by_title["matched"]["field"]) == ("draft", "title")


def test_a_draft_stands_in_the_place_of_its_published_version(shop: Served) -> None:
    first = shop.search(TRACK, locale="fr")["results"][0]
    emptied = {**ENGRAVING, "article_id": first["article_id"]}
    found = tried(shop, emptied, TRACK)
    assert found["without"]["results"][0]["article_id"] == first["article_id"]
    assert all(one["title"] != first["title"] for one in found["with"]["results"])


def test_a_wording_of_the_draft_is_answered_but_not_one_that_another_article_has_too(shop: Served) -> None:
    wording = "elle est ou ma commande svp"
    assert shop.search(wording, locale="fr")["confidence"] == 0.99
    found = tried(shop, {**ENGRAVING, "questions": [wording, "c'est pour ma mère"]}, wording)
    assert found["with"]["confidence"] < 0.99, "two articles hold it"
    found = tried(shop, {**ENGRAVING, "questions": ["c'est pour ma mère"]}, "C’est pour ma mère !")
    assert (found["with"]["decision"], found["with"]["results"][0]["article_id"]) == ("answer", "engraving")
    found = tried(shop, {**ENGRAVING, "questions": ["gravure à -20 %"]}, "Gravure à - 20 % !")
    assert found["with"]["confidence"] < 0.99, "another number"
    found = tried(shop, {**ENGRAVING, "questions": ["gravure à -20 %"]}, "Gravure à -20% !")
    assert found["with"]["confidence"] >= 0.99


def test_last_months_questions_tell_gains_and_losses_by_how_often_they_were_asked(shop: Served) -> None:
    owner = shop.search(TRACK, locale="fr")["results"][0]["article_id"]
    result = replayed(shop, [ENGRAVING], [(QUESTION, 7), (TRACK, 30)])
    assert [(one["id"], one["change"], one["count"]) for one in result["changes"]] == [("0", "gain", 7)]
    assert result["changes"][0]["after"]["article_id"] == "engraving"
    totals = result["totals"]
    assert (totals["asked"], totals["gain"], totals["loss"], totals["other"]) == (37, 7, 0, 0)
    assert (totals["answered"], totals["by_draft"]) == ({"before": 30, "after": 37}, {"before": 0, "after": 7})
    # The same draft over the article that answered the other question takes that answer away.
    result = replayed(shop, [{**ENGRAVING, "article_id": owner}], [(TRACK, 30), ("?", 2)])
    assert result["totals"]["answered"]["before"] == 30
    lost = result["changes"][0]
    assert lost["before"]["article_id"] == owner
    assert lost["change"] in ("loss", "other")


def test_a_replay_says_what_each_question_asked_alone_is_told(shop: Served) -> None:
    """Questions are encoded and compared together, and what is published is remembered: the answers stay the same."""
    asked = [row["query"] for row in queries("dev_fr")][:70]
    asked += [QUESTION, "gravure d'un prénom sur une théière", "tu vends des voitures"]
    assert len(asked) > 64  # more than are compared at once
    weighted = [(question, 1) for question in asked]
    result = replayed(shop, [ENGRAVING], weighted)
    assert replayed(shop, [ENGRAVING], weighted) == result
    alone = [tried(shop, ENGRAVING, question) for question in asked]
    changed = {one["question"]: one for one in result["changes"]}
    assert QUESTION in changed
    for question, one in zip(asked, alone, strict=True):
        with_it, without = (
            (found["decision"], found["results"][0]["article_id"] if found["decision"] != "abstain" else None)
            for found in (one["with"], one["without"])
        )
        assert (with_it != without) == (question in changed), question
        if question in changed:
            told = changed[question]
            assert with_it == (told["after"]["decision"], told["after"]["article_id"])
            assert without == (told["before"]["decision"], told["before"]["article_id"])
            assert told["after"]["confidence"] == pytest.approx(one["with"]["confidence"], abs=0.02)
    said = [found["decision"] == "answer" for one in alone for found in (one["without"], one["with"])]
    assert result["totals"]["answered"] == {"before": sum(said[::2]), "after": sum(said[1::2])}


def test_a_replay_is_stopped_when_asked_to(shop: Served) -> None:
    many = [{"id": str(n), "question": f"question {n} sur le colis {n}", "locale": "fr"} for n in range(3_000)]
    _, body = shop.call("/studio/replay", {"forms": [ENGRAVING], "questions": many})
    assert shop.call(f"/studio/jobs/{body['job']}", method="DELETE")[0] == 200
    told = finished(shop, body["job"])
    assert (told["state"], told["result"]) == ("cancelled", None)
    assert told["done"] < told["total"] == 3_000


def test_a_draft_that_says_what_another_article_says_takes_its_questions(shop: Served) -> None:
    status, found = shop.call("/studio/collisions", {"form": ENGRAVING})
    assert (status, found["collisions"]) == (200, [])
    assert found["asked"] > 50
    owner = shop.search(TRACK, locale="fr")["results"][0]["article_id"]
    same = shop.call(f"/articles/{owner}?locale=fr")[1]
    copied = ["où est mon colis", "suivre mon colis", "je veux suivre ma livraison", "où en est ma commande"]
    copy = {**ENGRAVING, **{name: same[name] for name in ("title", "answer", "body")}, "questions": copied}
    _, found = shop.call("/studio/collisions", {"form": copy})
    worst = found["collisions"][0]
    assert (worst["article_id"], worst["locale"]) == (owner, "fr")
    assert 0 < len(worst["stolen"]) <= worst["of"]
    assert {"field", "text", "exact"} == set(worst["stolen"][0])


def test_what_cannot_be_tried_is_told_with_its_place(shop: Served) -> None:
    for path, body, place in (
        ("try", {"form": ENGRAVING, "question": "", "locale": "fr"}, "question"),
        ("try", {"form": ENGRAVING, "question": " ", "locale": "fr"}, "question"),
        ("replay", {"forms": [], "questions": []}, "forms"),
        (
            "replay",
            {"forms": [ENGRAVING], "questions": [{"id": "1", "question": "a", "locale": "fr", "count": 0}]},
            "questions.0.count",
        ),
        ("collisions", {"form": {"title": 3}}, "form.title"),
    ):
        status, told = shop.call(f"/studio/{path}", body)
        assert (status, told["error"]["code"]) == (400, "bad_request"), path
        assert place in told["error"]["message"]
