"""Importing: what lands, what is refused, and what happens when it is interrupted."""

from __future__ import annotations

import contextlib
import gzip
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from dulwich.repo import Repo

from tests.knowledge_base.conftest import ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]


def rows(*more: Mapping[str, object]) -> str:
    first: Mapping[str, object] = {
        "id": "a1",
        "locale": "fr",
        "title": "Payer en Bitcoin",
        "questions": ["bitcoin ?"],
        "body": "Non. Jamais.",
    }
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in (first, *more))


def test_json_lines_are_imported_and_found(run: Run, folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "articles.jsonl"
    source.write_text(rows({"title": "Jours fériés", "body": "Nous sommes fermés.", "topic": "contact"}), "utf-8")
    dry = run("import", source, "--into", folder, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert not (folder / "fr" / "payer-en-bitcoin.md").exists()
    done = run("import", source, "--into", folder, "--topic", "payment")
    assert done.returncode == 0, done.stderr
    assert "topic: payment" in (folder / "fr" / "payer-en-bitcoin.md").read_text("utf-8")
    found = run("search", "peut-on payer en bitcoin ?", "--articles", folder, "--json", "--locale", "fr")
    assert json.loads(found.stdout)["results"][0]["article_id"] == "a1"
    with Repo(str(folder)) as repository:
        assert [entry.commit.message for entry in repository.get_walker()] == [b"Import 2 articles"]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (rows({"title": "", "body": "x"}), 2, '"title"'),
        (rows({"title": "Sans rien"}), 2, "nothing to answer with"),
        (rows() + "{oops\n", 2, "not JSON"),
        (rows() + "[]\n", 2, "not a JSON object"),
        (rows({"id": "a1", "title": "Encore", "body": "x"}), 2, "line 1 already"),
        (rows({"title": "T", "body": "x", "locale": "allemand"}), 2, "two letters"),
        (rows({"title": "T", "body": "x", "questions": "une"}), 2, "list of texts"),
    ],
)
def test_half_an_import_never_lands(run: Run, folder: Path, tmp_path: Path, text: str, line: int, says: str) -> None:
    before = sorted(path.name for path in folder.rglob("*"))
    source = tmp_path / "articles.jsonl"
    source.write_text(text, "utf-8")
    done = run("import", source, "--into", folder)
    assert done.returncode == 1
    assert f"articles.jsonl:{line}: error: " in done.stderr
    assert says in done.stderr
    assert sorted(path.name for path in folder.rglob("*")) == before


def test_what_can_be_imported_is_when_the_rest_may_be_left_out(run: Run, folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "articles.jsonl"
    source.write_text(rows({"title": "", "body": "x"}, {"title": "Jours fériés", "body": "Fermés."}), "utf-8")
    done = run("import", source, "--into", folder, "--skip-refused", "--no-encode")
    assert done.returncode == 0
    assert "articles.jsonl:2: error: " in done.stderr
    assert "2 new, 0 changed, 0 same, 1 refused" in done.stdout
    assert (folder / "fr" / "jours-feries.md").exists()


def test_an_import_begun_again_goes_on_and_says_what_was_there(run: Run, folder: Path, tmp_path: Path) -> None:
    source, table = tmp_path / "articles.jsonl.gz", ("--into", folder, "--no-encode", "--json")
    source.write_bytes(gzip.compress(rows({"title": "Jours fériés", "body": "Fermés."}).encode()))
    assert json.loads(run("import", source, *table).stdout)["new"] == 2
    left = folder / ".import-999999999"  # as a killed import leaves it
    left.mkdir()
    moved = folder / "fr" / "bitcoin.md"  # a writer gave it another address, which stays
    (folder / "fr" / "payer-en-bitcoin.md").rename(moved)
    more = {"title": "Payer en bitcoin", "id": "a2", "body": "Un autre article du même titre."}
    source.write_bytes(gzip.compress(rows({"title": "Jours fériés", "body": "Ouverts."}, more).encode()))
    refused = run("import", source, *table)
    assert refused.returncode == 1
    assert "articles.jsonl.gz:2: error: " in refused.stderr
    assert "--replace" in refused.stderr
    assert not (folder / "fr" / "payer-en-bitcoin.md").exists()
    found = json.loads(run("import", source, *table, "--replace").stdout)
    assert {name: found[name] for name in ("new", "changed", "same", "refused", "written")} == {
        "new": 1,
        "changed": 1,
        "same": 1,
        "refused": 0,
        "written": 2,
    }
    assert not left.exists()
    assert "id: a1" in moved.read_text("utf-8")
    assert "id: a2" in (folder / "fr" / "payer-en-bitcoin-a2.md").read_text("utf-8")
    assert "Ouverts." in (folder / "fr" / "jours-feries.md").read_text("utf-8")
    again = json.loads(run("import", source, *table).stdout)
    assert (again["same"], again["written"]) == (3, 0)


@pytest.mark.parametrize("blow", [pytest.param(signal.SIGINT, marks=pytest.mark.long), signal.SIGKILL])
def test_what_was_encoded_before_an_interruption_is_not_encoded_again(
    run: Run, environment: dict[str, str], tmp_path: Path, blow: signal.Signals
) -> None:
    source, into, var = tmp_path / "articles.jsonl", tmp_path / "articles", tmp_path / "var"
    lines = [json.dumps({"title": f"Le modèle {n}", "body": f"Il pèse {n} kg. " * 4}) for n in range(400)]
    source.write_text("\n".join(lines), "utf-8")
    command = [sys.executable, "-m", "knowledge_base", "import", str(source), "--into", str(into)]
    with subprocess.Popen(command, cwd=ROOT, env={**environment, "RELAIS_VAR": str(var)}, stderr=-1) as process:
        end = time.monotonic() + 60
        while not (kept := vectors(var)):
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(blow)
        said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == (130 if blow == signal.SIGINT else -signal.SIGKILL)
    assert ("what was encoded is kept" in said) == (blow == signal.SIGINT)
    assert "Traceback" not in said
    assert not into.exists()
    marked = next(iter(kept))
    changed = b"\0" * len(kept[marked])
    with sqlite3.connect(next(var.glob("vectors/*.sqlite3"))) as database:
        database.execute("UPDATE encoded SET vector = ? WHERE key = ?", (changed, marked))
    done = run("import", source, "--into", into, RELAIS_VAR=str(var))
    assert done.returncode == 0, done.stderr
    assert "400 new, 0 changed, 0 same, 0 refused" in done.stdout
    after = vectors(var)
    assert len(after) > len(kept)
    assert after[marked] == changed


def vectors(var: Path) -> dict[bytes, bytes]:
    for file in var.glob("vectors/*.sqlite3"):
        with contextlib.suppress(sqlite3.OperationalError), sqlite3.connect(file) as database:
            return dict(database.execute("SELECT key, vector FROM encoded"))
    return {}


def test_a_knowledge_base_finds_imported_articles_without_encoding_them(run: Run, var: Path, tmp_path: Path) -> None:
    source, into = tmp_path / "articles.jsonl", tmp_path / "articles"
    ask = ("search", "peut-on payer en bitcoin ?", "--articles", into, "--json")
    source.write_text(rows(), "utf-8")
    assert run("import", source, "--into", into).returncode == 0
    assert run(*ask).returncode == 0  # what belongs to no article is encoded by now
    before = vectors(var)
    source.write_text(rows({"title": "Horaires des jours fériés", "body": "Fermés à la Toussaint."}), "utf-8")
    assert run("import", source, "--into", into).returncode == 0
    imported = vectors(var)
    assert len(imported) > len(before)
    found = json.loads(run(*ask).stdout)
    assert found["results"][0]["article_id"] == "a1"
    assert vectors(var).keys() == imported.keys()


def test_a_file_cut_short_and_a_slug_that_leads_elsewhere_are_told(run: Run, folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "articles.jsonl.gz"
    source.write_bytes(gzip.compress(rows().encode())[:-9])
    cut = run("import", source, "--into", folder)
    assert cut.returncode == 1
    assert "is not a whole gzip file" in cut.stderr
    source.write_bytes(gzip.compress(rows({"title": "T", "body": "x", "slug": "../../t"}).encode()))
    led = run("import", source, "--into", folder)
    assert led.returncode == 1
    assert 'articles.jsonl.gz:2: error: the slug "../../t"' in led.stderr


def test_csv_and_a_folder_of_markdown_are_imported(run: Run, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text('title;body;questions\n"Un; deux";"Le corps.";"q1|q2"\n', "utf-8")
    assert run("import", table, "--into", folder).returncode == 0
    text = (folder / "fr" / "un-deux.md").read_text("utf-8")
    assert "- q1" in text
    assert "- q2" in text
    notes = tmp_path / "notes" / "en"
    notes.mkdir(parents=True)
    (notes / "opening.md").write_text("# Opening hours\n\nFrom nine to five.\n", "utf-8")
    assert run("import", tmp_path / "notes", "--into", folder).returncode == 0
    assert "title: Opening hours" in (folder / "en" / "opening.md").read_text("utf-8")
    (notes / "opening.md").write_bytes("# Horaires fériés\n\nDe neuf à cinq.\n".encode("latin-1"))
    told = run("import", tmp_path / "notes", "--into", folder)
    assert told.returncode == 1
    assert "opening.md:1: error: " in told.stderr


@pytest.mark.parametrize("source", ["nowhere.jsonl", "service.yml", "nowhere.csv.gz"])
def test_a_source_that_cannot_be_read_is_told(run: Run, folder: Path, source: str) -> None:
    done = run("import", source, "--into", folder)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
