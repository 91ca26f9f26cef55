"""The figures mean what the field means by them."""

from __future__ import annotations

import gzip
import json
import math
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.evaluation import Outcome, Query, figures

Run = Callable[..., subprocess.CompletedProcess[str]]
NAMES = {"n", "hit@1", "hit@3", "mrr@10", "ndcg@10", "oos_auroc", "coverage", "false_answer_rate", "latency_ms"}
ARTICLES = [
    {
        "id": "1",
        "locale": "fr",
        "title": "Livraison",
        "questions": ["délai de livraison"],
        "body": "Trois à cinq jours.",
    },
    {"id": "2", "locale": "fr", "title": "", "questions": [], "body": "La carte cadeau est valable deux ans."},
    {"id": "2 bis", "locale": "fr", "title": "", "questions": [], "body": "La carte cadeau est valable deux ans."},
    {"id": "3", "locale": "fr", "title": "Rien", "questions": [], "body": ""},
    {"id": "3", "locale": "fr", "title": "Rien", "questions": [], "body": ""},
]
QUERIES = [
    {"query": "délai de livraison", "relevant": ["1"]},
    {"query": "validité de la carte cadeau", "relevant": ["2 bis"]},
    {"query": "quelle est la capitale du Pérou", "relevant": []},
]


def outcome(ranked: str, confidence: float, answered: bool) -> Outcome:
    return Outcome(list(ranked), confidence, answered, 10.0 * confidence)


def test_each_figure_by_hand() -> None:
    queries = [
        Query("a", frozenset("A")),
        Query("b", frozenset("XB")),
        Query("c", frozenset("C")),
        Query("d", frozenset()),
    ]
    outcomes = [outcome("AB", 0.9, True), outcome("ZBX", 0.8, True), outcome("Z", 0.3, False), outcome("A", 0.5, True)]
    found = figures(queries, outcomes)
    assert set(found) == NAMES
    assert found["n"] == 4
    assert found["hit@1"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["hit@3"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["mrr@10"] == pytest.approx((1 + 1 / 2) / 3, abs=1e-4)
    two_of_two = (1 / math.log2(3) + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    assert found["ndcg@10"] == pytest.approx((1 + two_of_two) / 3, abs=1e-4)
    assert found["oos_auroc"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["coverage"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["false_answer_rate"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["latency_ms"] == {"p50": 6.5, "p95": 8.85}


def test_without_both_kinds_of_questions_there_is_no_auroc() -> None:
    found = figures([Query("a", frozenset("A"))], [outcome("A", 0.9, False)])
    assert found["oos_auroc"] is None
    assert found["false_answer_rate"] is None
    assert found["coverage"] == 0


@pytest.mark.parametrize("engine", ["hybrid", "plain", "bm25"])
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_a_set_is_measured(run: Run, tmp_path: Path, engine: str, suffix: str) -> None:
    articles, queries = tmp_path / f"articles{suffix}", tmp_path / f"queries{suffix}"
    for path, rows in ((articles, ARTICLES), (queries, QUERIES)):
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
    done = run("evaluate", "--articles", articles, "--queries", queries, "--engine", engine, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == NAMES
    assert found["n"] == 3
    assert found["hit@1"] == 1
    assert found["latency_ms"]["p50"] > 0
    if engine == "hybrid":
        assert found["oos_auroc"] == 1


@pytest.mark.parametrize(
    ("articles", "queries", "says"),
    [
        ("{\n", "", "articles.jsonl:1: is not JSON"),
        ('{"title": "x"}\n', "", "articles.jsonl:1: an article needs"),
        ('{"id": 1}\n', '{"query": "x"}\n', "queries.jsonl:1: a query needs"),
        ('{"id": 1}\n', "", "nothing to measure"),
    ],
)
def test_a_faulty_set_is_told(run: Run, tmp_path: Path, articles: str, queries: str, says: str) -> None:
    (tmp_path / "articles.jsonl").write_text(articles, "utf-8")
    (tmp_path / "queries.jsonl").write_text(queries, "utf-8")
    done = run("evaluate", "--articles", tmp_path / "articles.jsonl", "--queries", tmp_path / "queries.jsonl")
    assert done.returncode == 1
    assert says in done.stderr


@pytest.mark.parametrize("command", [[], ["search"], ["lint"], ["import"], ["evaluate"], ["seed"], ["serve"]])
def test_every_command_has_help(run: Run, command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert "usage: python -m knowledge_base" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "many", "PORT is wrong"),
        ("EMBEDDING_MODEL", "./no/such/folder", "No model in"),
        ("SERVICE_FILE", "no-such.yml", "no-such.yml"),
    ],
)
def test_a_bad_setting_stops_the_start_with_a_sentence(run: Run, name: str, value: str, says: str) -> None:
    done = run("serve", **{name: value})
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
