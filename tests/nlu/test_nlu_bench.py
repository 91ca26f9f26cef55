"""The NLU bench: its figures, what it says to bad files, and a real run on a small bot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.nlu_figures import THRESHOLDS, auroc, figures

ROOT = Path(__file__).parents[2]
BOT = {
    "opening_hours": ["when do you open", "opening hours please", "what time do you close", "are you open on sunday"],
    "reset_password": ["i forgot my password", "reset my password", "my password is lost", "new password please"],
    "cancel_booking": ["cancel my booking", "i want to cancel my reservation", "please cancel it", "drop my booking"],
}
ASKED = {
    "opening_hours": ["at what time do you open", "your opening hours?"],
    "reset_password": ["i can't remember my password", "password forgotten"],
    "cancel_booking": ["i'd like to cancel the booking", "cancel the reservation"],
    "out_of_scope": ["who painted the mona lisa", "how tall is the eiffel tower", "play some jazz"],
}


def written(path: Path, intents: dict[str, list[str]]) -> Path:
    blocks = [
        f"- intent: {name}\n  examples: |\n" + "".join(f"    - {t}\n" for t in ts) for name, ts in intents.items()
    ]
    path.write_text('version: "3.1"\nnlu:\n' + "".join(blocks), "utf-8")
    return path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench.nlu", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)


def row(intent: str, predicted: str, confidence: float, fold: int = 0) -> dict[str, str | float]:
    return {"intent": intent, "predicted": predicted, "confidence": confidence, "fold": fold}


def test_figures() -> None:
    rows = [row("a", "a", 0.95), row("a", "b", 0.35), row("out_of_scope", "a", 0.55), row("b", "out_of_scope", 0.99)]
    found = figures(rows)
    assert [each["threshold"] for each in found["thresholds"]] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    at = {each["threshold"]: (each["in_scope_accuracy"], each["out_of_scope_recall"]) for each in found["thresholds"]}
    assert at[0.5] == (0.3333, 0.0)
    assert at[0.6] == (0.3333, 1.0)
    assert found["auroc"] == 0.3333
    assert set(found) == {"auroc", "thresholds"}


def test_what_cannot_be_measured_is_null() -> None:
    found = figures([row("a", "a", 0.9, 0), row("a", "b", 0.2, 1)], folds=2)
    assert found["auroc"] is None
    assert all(each["out_of_scope_recall"] is None for each in found["thresholds"])
    assert (found["accuracy"], found["accuracy_by_fold"]) == (0.5, [1.0, 0.0])


def test_auroc_counts_ties_by_halves() -> None:
    assert auroc([0.9, 0.8], [0.1]) == 1.0
    assert auroc([0.5, 0.5], [0.5]) == 0.5
    assert auroc([0.1, 0.5], [0.5]) == 0.25


@pytest.mark.timeout(300)
def test_a_small_bot_is_trained_and_measured(tmp_path: Path) -> None:
    done = run("--train", written(tmp_path / "a.yml", BOT), "--test", written(tmp_path / "b.yml", ASKED))
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert set(found) == {"auroc", "thresholds"}
    assert [each["threshold"] for each in found["thresholds"]] == list(THRESHOLDS)
    assert all(set(e) == {"threshold", "in_scope_accuracy", "out_of_scope_recall"} for e in found["thresholds"])
    assert found["auroc"] >= 0.9
    assert max(e["in_scope_accuracy"] + e["out_of_scope_recall"] for e in found["thresholds"]) >= 1.6
    assert "trained on 12 examples" in done.stderr


def test_a_bad_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text('version: "3.1"\nrules: []\n', "utf-8")
    done = run("--train", written(tmp_path / "a.yml", BOT), "--test", bad)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"{bad} cannot be read as Rasa NLU data" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_told_at_once(tmp_path: Path) -> None:
    done = run("--train", tmp_path / "none.yml", "--folds", "5")
    assert done.returncode == 2
    assert f"there is no {tmp_path / 'none.yml'}" in done.stderr


def test_a_test_file_or_folds_and_not_both(tmp_path: Path) -> None:
    file = written(tmp_path / "a.yml", BOT)
    assert run("--train", file).returncode == 2
    assert run("--train", file, "--test", file, "--folds", "2").returncode == 2
