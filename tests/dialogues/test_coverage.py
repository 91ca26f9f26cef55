"""Every task is there on the paths that matter, in both languages; and a path is what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from actions.tasks.registry import TASKS
from tests.dialogues.form import VISITOR, Conversation, Step, load
from tests.dialogues.report import coverage, missing, table

ALL = load()
# What a conversation on that path must hold.
MEANS: dict[str, Callable[[Conversation], bool]] = {
    "happy": lambda each: each.has("done") or each.has("task", f"{each.task} done"),
    "cancel": lambda each: each.has("task", f"{each.task} cancelled"),
    "interruption": lambda each: each.has("answer"),
    "not_verified": lambda each: each.signed_in is None,
}


def written(task: str, path: str, language: str) -> Conversation:
    steps = (Step("customer", ("oui",), 2), Step("assistant", ("oui",), 3))
    return Conversation(Path(f"{task}.yml"), 1, path, language, VISITOR, (path,), steps)


def test_every_task_has_its_happy_and_its_cancel_path_in_both_languages() -> None:
    assert missing(coverage(ALL, list(TASKS)), list(TASKS)) == []


def test_what_is_missing_is_told() -> None:
    some = [written("fly", "happy", "fr"), written("fly", "happy", "en"), written("fly", "cancel", "en")]
    assert missing(coverage(some, ["fly"]), ["fly"]) == ["fly has no conversation on the path “cancel” in fr"]
    assert len(missing(coverage([], ["fly"]), ["fly"])) == 4


def test_the_table_counts_french_and_english() -> None:
    rows = table(coverage([written("fly", "happy", "fr"), written("chat", "happy", "en")], ["fly", "swim"]))
    assert [line.split() for line in rows.splitlines()][1:] == [
        ["fly", "1/0", *["·"] * 5, "1/0"],
        ["swim", *["·"] * 7],
        ["chat", "0/1", *["·"] * 5, "0/1"],
        ["all", "1/1"],
    ]


@pytest.mark.parametrize("path", MEANS)
def test_a_path_is_what_it_says(path: str) -> None:
    wrong = [each.id for each in ALL if path in each.paths and not MEANS[path](each)]
    assert wrong == []


def test_both_languages_are_level() -> None:
    names = {language: {(e.task, e.name) for e in ALL if e.language == language} for language in ("fr", "en")}
    assert names["fr"] == names["en"]


def test_tasks_are_called_by_their_names() -> None:
    said = {step.word.split()[0] for each in ALL for step in each.steps if step.kind == "task"}
    assert said <= set(TASKS)
