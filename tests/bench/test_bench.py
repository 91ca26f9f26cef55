"""The bench: the sets it makes, its command line, and a whole run on a small set."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.sets import public, read, shipped, write
from knowledge_base.retrieval.text import words

ROOT = Path(__file__).parents[2]


def bench(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of sets in the form of the public ones, small."""
    subjects = ("passeport", "permis", "mariage", "retraite", "emploi", "vaccin", "bail", "loyer", "dot", "divorce")
    articles = [
        {
            "id": subject,
            "locale": "fr",
            "title": f"Le {subject}",
            "questions": [],
            "body": f"Pour le {subject}, allez à la mairie.",
        }
        for subject in subjects
    ]
    queries = [{"query": f"comment faire pour le {subject} ?", "relevant": [subject]} for subject in subjects]
    for name in ("cnil_fr", "service_public_fr", "nosgestesclimat_fr_en"):
        (tmp_path / "data" / name).mkdir(parents=True)
    base = tmp_path / "data"
    write(base / "cnil_fr" / "articles.jsonl", articles)
    write(base / "cnil_fr" / "queries.jsonl", queries)
    write(base / "service_public_fr" / "queries.jsonl", queries)
    packed = gzip.compress("".join(json.dumps(row) + "\n" for row in articles).encode())
    (base / "service_public_fr" / "articles.jsonl.gz").write_bytes(packed)
    (base / "service_public_fr" / "all_articles.jsonl.gz").write_bytes(packed)
    for locale in ("fr", "en"):
        faq = [{"id": "co2", "question": f"Why? ({locale})", "answer": "Because."}]
        write(base / "nosgestesclimat_fr_en" / f"faq_{locale}.jsonl", faq)
    return base


def test_what_is_taken_away_leaves_questions_without_an_answer(data: Path, tmp_path: Path) -> None:
    sets = {each.name: each for each in public(data, tmp_path)}
    less = sets["cnil_fr_less_a_fifth"]
    kept = {row["id"] for row in read(less.articles)}
    queries = read(less.queries)
    assert 0 < len(kept) < 10 == len(queries)
    for row, whole in zip(queries, read(sets["cnil_fr"].queries), strict=True):
        assert row["query"] == whole["query"]
        assert set(row["relevant"]) == set(whole["relevant"]) & kept


def test_a_question_never_meets_itself_as_a_title(data: Path, tmp_path: Path) -> None:
    found = {each.name: each for each in public(data, tmp_path)}
    for asked, written in (("fr", "fr"), ("en", "en"), ("en", "fr"), ("fr", "en")):
        each = found[f"nosgestesclimat_{asked}_{written}"]
        (article,), (query,) = read(each.articles), read(each.queries)
        assert article["locale"] == written
        assert query["locale"] == asked
        assert article["title"] == ""


def test_no_measured_question_is_among_those_the_product_learns_from(tmp_path: Path) -> None:
    banks = sorted((ROOT / "knowledge_base" / "retrieval" / "negatives").glob("*.txt"))
    lines = [line for bank in banks for line in bank.read_text("utf-8").splitlines() if not line.startswith("#")]
    learnt = {tuple(words(line)) for line in lines} - {()}  # emoji hold no word
    assert len(learnt) > 300
    for each in shipped(tmp_path):
        asked = {tuple(words(row["query"])) for row in read(each.queries)}
        assert len(asked) > 50
        assert not asked & learnt, each.name


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--only", "all"], 'there is no part "all"'),
        (["--data", "nowhere"], "nowhere is not a folder"),
        (["--questions", "0"], "1 at least"),
    ],
)
def test_a_wrong_option_is_told(arguments: list[str], says: str) -> None:
    done = bench(*arguments)
    assert done.returncode == 2
    assert says in done.stderr


def test_search_without_data_is_left_out_and_said() -> None:
    done = bench("--only", "search", "--json")
    assert done.returncode == 0
    assert set(json.loads(done.stdout)) == {"machine"}
    assert "left out" in done.stderr


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_answers_and_search_are_measured_against_their_baselines(data: Path, tmp_path: Path) -> None:
    model = {"RELAIS_MODELS": os.environ.get("RELAIS_MODELS", "var/models")}
    command = ("--data", data, "--keep", tmp_path / "keep", "--questions", "20", "--json")
    done = bench("--only", "answers,search", *command, **model)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["answers"]) == 12
    for each in found["answers"].values():
        assert list(each["engines"]) == ["bm25", "plain", "hybrid"]
        assert each["differences"]["hit@1"]["interval"]
    assert found["answers"]["cnil_fr_less_a_fifth"]["engines"]["hybrid"]["oos_auroc"] is not None
    search = found["search"]
    assert search["size"] == {"articles": 10, "passages": 10}
    assert search["one_at_a_time"]["count"] == 20
    assert search["at_once"]["count"] == 160
    assert {each["threads"] for each in search["plain"]} >= {1}
    for figure in ("p50", "p95", "per_second_one_at_a_time", "per_second_8_at_once", "memory"):
        assert search["ratios"][figure] > 0
    assert search["publish"]["found_seconds"]["worst"] >= search["publish"]["found_seconds"]["p50"] > 0
    assert search["memory_mb"]["rss"] > 50


@pytest.mark.long
@pytest.mark.timeout(900)
def test_pages_of_the_help_centre_are_quicker_kept_than_drawn_anew(tmp_path: Path) -> None:
    model = {"RELAIS_MODELS": os.environ.get("RELAIS_MODELS", "var/models")}
    done = bench("--only", "help", "--keep", tmp_path / "keep", "--json", **model)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["help"]
    assert found["articles"] == 5000
    for kind in ("home", "topic", "article"):
        figures = found["pages"][kind]
        assert figures["ours"]["p50_ms"] < figures["drawn anew"]["p50_ms"], kind
    assert found["at_once"]["ours"]["per_second"] > found["at_once"]["drawn anew"]["per_second"]
    assert found["search"]["the_same_again"]["p50_ms"] < found["search"]["a_letter_more"]["p50_ms"]
