"""Questions are grouped by meaning, in two languages, as a job that can be watched and stopped."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge_base.measuring.evaluation import EvaluationError
from knowledge_base.measuring.grouping import read_questions, show
from knowledge_base.studio.grouping import FEW, labels
from knowledge_base.studio.space import unit_rows
from tests.knowledge_base.conftest import Served

DEAD_LAMP = ["ma lampe ne s'allume plus", "la lampe ne marche plus", "lampe en panne que faire", "lampe cassée"]
GIFT_WRAP = [
    "faites-vous des emballages cadeaux",
    "un paquet cadeau c'est possible ?",
    "emballer ma commande en cadeau",
]
HIRING = ["are you hiring", "i want to work for you", "do you have any jobs open"]
ODD = "quelle est la capitale du Pérou"


def asked(texts: list[str], locale: str, mark: str) -> list[dict[str, str]]:
    return [{"id": f"{mark}{number}", "text": text, "locale": locale} for number, text in enumerate(texts)]


def grouped(served: Served, questions: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    status, body = served.call("/studio/groups", {"questions": questions, **more})
    assert status == 202, body
    told: dict[str, Any] = {}

    def over() -> bool:
        told.update(served.call(f"/studio/jobs/{body['job']}")[1])
        return bool(told["state"] != "running")

    served.until(over, 100)
    assert told["state"] == "done", told
    return dict(told["result"])


def test_what_means_the_same_is_one_group_and_an_odd_question_stays_alone(shop: Served) -> None:
    questions = [*asked(DEAD_LAMP, "fr", "lamp"), *asked(GIFT_WRAP, "fr", "gift"), *asked(HIRING, "en", "job")]
    found = grouped(shop, [*questions, *asked([ODD], "fr", "odd")])
    members = [sorted(group["members"]) for group in found["groups"]]
    assert members[0] == ["lamp0", "lamp1", "lamp2", "lamp3"], "the largest comes first"
    assert sorted(members[1:]) == [["gift0", "gift1", "gift2"], ["job0", "job1", "job2"]]
    assert found["alone"] == ["odd0"]
    for group in found["groups"]:
        assert group["typical"] in group["members"]


def test_new_questions_join_the_group_that_is_known_and_only_that(shop: Served) -> None:
    known = [{"id": "lamp", "examples": [{"text": text, "locale": "fr"} for text in DEAD_LAMP[:3]]}]
    new = [*asked(["ma lampe ne fonctionne plus du tout"], "fr", "new"), *asked(HIRING, "en", "job")]
    found = grouped(shop, new, known=known)
    assert found["joined"] == {"lamp": ["new0"]}
    assert [sorted(group["members"]) for group in found["groups"]] == [["job0", "job1", "job2"]]
    assert grouped(shop, [], known=known) == {"groups": [], "alone": [], "joined": {}, "wordless": []}


def test_what_is_no_question_is_refused_with_its_place(shop: Served) -> None:
    for body, place in (
        ({"questions": [{"id": "a", "text": "", "locale": "fr"}]}, "questions.0.text"),
        ({"questions": [], "known": [{"id": "a", "examples": []}]}, "known.0.examples"),
    ):
        status, told = shop.call("/studio/groups", body)
        assert (status, told["error"]["code"]) == (400, "bad_request")
        assert place in told["error"]["message"]


def test_what_asks_nothing_is_named_and_a_question_never_is(shop: Served) -> None:
    nothing = ["azerty", "????", "asdf jkl", "QSDF", "xptdr", "hahaha", "😀", "kjhkjh fdsq"]
    questions = [
        "RIB ?",
        "FAQ",
        "livrasion",
        "remboursemnt svp",
        "104233",
        "[nom]",
        "où est mon colis",
        "wardrobe",
        "ยกเลิก",
    ]
    found = grouped(shop, [*asked(nothing, "fr", "none"), *asked(questions, "fr", "some")])
    assert found["wordless"] == [f"none{n}" for n in range(len(nothing))]


def test_many_questions_fall_into_the_groups_that_are_there() -> None:
    """More of them than are compared pair by pair: Ward's method finds about how many groups there are."""
    chance = np.random.default_rng(7)
    middles = unit_rows(chance.normal(size=(12, 256)).astype(np.float32))
    truth = np.repeat(np.arange(12), FEW // 6)
    points = unit_rows((middles[truth] + 0.05 * chance.normal(size=(len(truth), 256))).astype(np.float32))
    assert len(points) > FEW
    found = labels(points)
    # The number is one whose neighbours do well too: two groups may be taken as one, none is torn apart.
    assert 11 <= len(set(found.tolist())) <= 12
    assert len(set(zip(truth.tolist(), found.tolist(), strict=True))) == 12


def test_the_command_measures_beside_k_means(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    rows = [
        {"text": text, "locale": locale, "label": label}
        for label, locale, texts in (("lamp", "fr", DEAD_LAMP), ("gift", "fr", GIFT_WRAP), ("job", "en", HIRING))
        for text in texts
    ]
    file = tmp_path / "asked.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    done = run("group", "--questions", file, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["n"], found["groups"], found["true_groups"], found["ami"]) == (10, 3, 3, 1.0)
    assert [each["groups"] for each in found["kmeans"]] == [3, 3]
    assert "adjusted mutual information 1.000" in show(found)


@pytest.mark.parametrize(("text", "told"), [("", "the file is empty"), ('{"text": " "}\n', ":1: has no text")])
def test_a_file_without_questions_is_told(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "asked.jsonl"
    file.write_text(text, "utf-8")
    with pytest.raises(EvaluationError, match=re.escape(told)):
        read_questions(file, "en")
