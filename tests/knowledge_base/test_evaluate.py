"""The figures mean what the field means by them."""

from __future__ import annotations

import gzip
import io
import json
import math
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge_base import progress
from knowledge_base.measuring.comparing import compare
from knowledge_base.measuring.evaluation import Outcome, Query, read_articles
from knowledge_base.measuring.figures import Scores, figures, interval, reliability, resampled

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


def sized(count: int, right: int) -> tuple[list[Query], list[Outcome]]:
    """`count` queries of which the first `right` find their article first."""
    return (
        [Query(str(number), frozenset("A")) for number in range(count)],
        [outcome("A" if number < right else "Z", 0.5, True) for number in range(count)],
    )


def test_the_interval_of_a_share_is_the_one_of_the_textbook() -> None:
    found = interval(resampled(Scores.of(*sized(400, 200)))["hit@1"])
    assert found is not None
    half = 1.96 * math.sqrt(0.5 * 0.5 / 400)
    assert found == pytest.approx([0.5 - half, 0.5 + half], abs=0.006)
    assert interval(resampled(Scores.of(*sized(50, 50)))["hit@1"]) == [1, 1]
    assert interval(resampled(Scores.of(*sized(50, 50)))["oos_auroc"]) is None


def test_the_same_resamples_serve_every_engine() -> None:
    """Two engines that differ in 20 of 400 questions: apart their intervals overlap, paired the difference is sure."""
    queries, worse = sized(400, 200)
    _, better = sized(400, 220)
    found = compare(queries, {"plain": worse, "bm25": sized(400, 100)[1], "hybrid": better})
    low, high = (found["engines"][name]["intervals"]["hit@1"] for name in ("hybrid", "plain"))
    assert low[0] < high[1]
    row = found["differences"]["hit@1"]
    assert row["baseline"] == "plain"
    assert row["difference"] == pytest.approx(0.05)
    half = 1.96 * math.sqrt(0.05 * 0.95 / 400)
    assert row["interval"] == pytest.approx([0.05 - half, 0.05 + half], abs=0.004)
    same = compare(queries, {"plain": worse, "hybrid": worse})
    assert same["differences"]["mrr@10"] == {"baseline": "plain", "difference": 0, "interval": [0, 0]}


def test_reliability_by_hand() -> None:
    queries = [Query("a", frozenset("A"))] * 3 + [Query("x", frozenset())]
    outcomes = [outcome("A", 0.95, True), outcome("Z", 0.91, True), outcome("A", 0.05, False), outcome("A", 1.0, True)]
    found = reliability(Scores.of(queries, outcomes))
    assert [row["n"] for row in found["bins"]] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    assert found["bins"][9] == {"from": 0.9, "to": 1.0, "n": 3, "confidence": 0.9533, "right": 0.3333}
    assert found["bins"][1]["right"] is None
    assert found["expected_calibration_error"] == pytest.approx(3 / 4 * 0.62 + 1 / 4 * 0.95, abs=1e-4)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("engine", ["hybrid", "plain", "bm25"])
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_a_set_is_measured(run: Run, tmp_path: Path, engine: str, suffix: str) -> None:
    articles = write(tmp_path / f"articles{suffix}", ARTICLES)
    queries = write(tmp_path / f"queries{suffix}", QUERIES)
    done = run("evaluate", "--articles", articles, "--queries", queries, "--engine", engine, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == NAMES | {"answers", "intervals"} | ({"reliability"} if engine == "hybrid" else set())
    assert found["n"] == 3
    assert found["hit@1"] == 1
    assert found["intervals"]["hit@1"] == [1, 1]
    assert found["answers"]["out_of_scope"] == 1
    assert found["latency_ms"]["p50"] > 0
    if engine == "hybrid":
        assert found["oos_auroc"] == 1
        assert sum(row["n"] for row in found["reliability"]["bins"]) == 3


def test_engines_are_compared_in_one_run(run: Run, tmp_path: Path) -> None:
    named = [query | {"locale": "fr"} for query in QUERIES] + [
        {"query": "how long does delivery take", "relevant": ["1"], "locale": "en"}
    ]
    queries = write(tmp_path / "queries.jsonl", named)
    command = ("evaluate", "--articles", write(tmp_path / "articles.jsonl", ARTICLES), "--queries", queries)
    shown = run(*command, "--engine", "all")
    assert shown.returncode == 0, shown.stderr
    for said in ("3 articles; 4 questions: 3 with an answer here, 1 without", "bm25", "AUROC", "in en: 1 questions"):
        assert said in shown.stdout
    assert "expected calibration error" in shown.stdout
    assert "Traceback" not in shown.stderr
    found = json.loads(run(*command, "--engine", "plain,hybrid", "--json").stdout)
    assert list(found["engines"]) == ["plain", "hybrid"]
    assert found["engines"]["hybrid"]["by_locale"]["fr"]["n"] == 3
    assert found["differences"]["hit@1"]["baseline"] == "plain"
    unknown = run(*command, "--engine", "plain,best")
    assert unknown.returncode != 0
    assert 'there is no engine "best"' in unknown.stderr


@pytest.mark.parametrize("engine", ["plain", "bm25"])
def test_articles_without_a_word_are_measured(run: Run, tmp_path: Path, engine: str) -> None:
    queries = write(
        tmp_path / "queries.jsonl", [{"query": "🙂", "relevant": []}, {"query": "", "relevant": ["1", "9"]}]
    )
    articles = write(tmp_path / "articles.jsonl", [{"id": 1}, {"id": "2", "title": "", "questions": [], "body": ""}])
    done = run("evaluate", "--articles", articles, "--queries", queries, "--engine", engine, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["hit@1"] == 1


def test_a_folder_of_articles_is_measured_and_languages_belong_together(run: Run, folder: Path, tmp_path: Path) -> None:
    rows = [{"query": "où est mon colis", "relevant": ["track-my-parcel"]}]
    rows += [{"query": "where is my parcel", "relevant": ["track-my-parcel"]}]
    queries = write(tmp_path / "queries.jsonl", rows)
    done = run("evaluate", "--articles", folder, "--queries", queries, "--engine", "bm25", "--json")
    assert json.loads(done.stdout)["hit@1"] == 1
    (folder / "fr" / "suivre.md").write_text("---\nid: [\n---\n", "utf-8")
    broken = run("evaluate", "--articles", folder, "--queries", queries)
    assert broken.returncode == 1
    assert "suivre.md:" in broken.stderr


def test_identical_articles_are_one_and_languages_of_an_id_stay(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "a", "locale": "fr", "body": "Oui."},
        {"id": "b", "locale": "en", "body": "Yes, always."},
        {"id": "b", "locale": "fr", "body": "Oui."},
        {"id": "b", "locale": "fr", "body": "Oui."},
        {"id": "c", "locale": "en", "body": "Oui."},
    ]
    articles, merged = read_articles(write(tmp_path / "articles.jsonl", rows))
    assert merged == {"a": "a", "b": "a", "c": "c"}
    assert [(article.id, article.locale) for article in articles] == [("a", "fr"), ("a", "en"), ("c", "en")]


@pytest.mark.parametrize(
    ("articles", "queries", "says"),
    [
        ("{\n", "", "articles.jsonl:1: is not JSON"),
        ('{"title": "x"}\n', "", "articles.jsonl:1: an article needs"),
        ('{"id": "1", "body": 5}\n', "", 'articles.jsonl:1: "body" must be a text'),
        ('{"id": "1", "questions": "x"}\n', "", 'articles.jsonl:1: "questions" must be a list'),
        ('{"id": 1}\n', '{"query": "x"}\n', "queries.jsonl:1: a query needs"),
        ('{"id": 1}\n', '\n{"query": "x", "relevant": ["9"]}\n', 'queries.jsonl:2: no article has the id "9"'),
        ('{"id": 1}\n', "", "queries.jsonl:1: there is nothing to measure"),
        ("", '{"query": "x", "relevant": []}\n', "articles.jsonl:1: there is nothing to measure"),
    ],
)
def test_a_faulty_set_is_told(run: Run, tmp_path: Path, articles: str, queries: str, says: str) -> None:
    (tmp_path / "articles.jsonl").write_text(articles, "utf-8")
    (tmp_path / "queries.jsonl").write_text(queries, "utf-8")
    done = run("evaluate", "--articles", tmp_path / "articles.jsonl", "--queries", tmp_path / "queries.jsonl")
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "data",
    [b"not packed", gzip.compress(b'{"id": 1}\n')[:-9], b"\x1f\x8b\x08\x00" + b"\0" * 20],
    ids=["not packed", "cut short", "empty"],
)
def test_a_damaged_gzip_file_is_told(run: Run, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "articles.jsonl.gz").write_bytes(data)
    done = run("evaluate", "--articles", tmp_path / "articles.jsonl.gz", "--queries", tmp_path / "articles.jsonl.gz")
    assert done.returncode == 1
    assert "articles.jsonl.gz is not a whole gzip file" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_on_a_terminal_and_now_and_then_a_line_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, log = Terminal(), io.StringIO()
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    for out in (screen, log):
        with progress.shown("asking", out) as report:
            for done in range(1, 5):
                report(done, 4)
    assert "asking:   0%|" in screen.getvalue()
    assert log.getvalue().splitlines()[1].startswith("asking: 2 of 4, about ")


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
