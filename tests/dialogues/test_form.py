"""A mistake in a file is told by file and line, in words that help whoever wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogues.form import FormError, load

GOOD = """\
- conversation: says hello
  language: en
  signed_in: visitor
  steps:
    - customer: yes
    - assistant: [Hello, "No, thanks"]
"""


def problems(folder: Path, text: str) -> list[str]:
    (folder / "small.yml").write_text(text, "utf-8")
    with pytest.raises(FormError) as caught:
        load(folder)
    return caught.value.problems


def test_words_stay_words(tmp_path: Path) -> None:
    (tmp_path / "small.yml").write_text(GOOD.replace("Hello", "104233"), "utf-8")
    (conversation,) = load(tmp_path)
    assert [step.words for step in conversation.steps] == [("yes",), ("104233", "No, thanks")]
    assert (conversation.id, conversation.signed_in) == ("small: says hello (en)", None)
    assert [step.line for step in conversation.steps] == [5, 6]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("language: en", "language: de", "small.yml:2: language “de” is not one of fr, en"),
        ("language: en", "langage: en", "small.yml:2: there is no “langage:”; did you mean “language:”?"),
        (
            "signed_in: visitor",
            "signed_in: Camille",
            "small.yml:3: signed_in is “visitor” or a customer",
        ),
        ("- customer: yes", "- client: yes", "small.yml:5: there is no “client:”; there are customer, presses"),
        ("- customer: yes", "- customer:", "small.yml:5: “customer:” has no words"),
        ("- customer: yes", "- customer: [yes, no]", "small.yml:5: “customer:” takes one thing, not a list"),
        ("- customer: yes", "- task: find_shop great", "small.yml:5: “find_shop great” should be a task and how it"),
        ("    - customer: yes\n", "", "small.yml:5: “assistant:” comes before the customer has said anything"),
        ('    - assistant: [Hello, "No, thanks"]\n', "", "small.yml:1: nothing is checked"),
        ("- assistant", "  assistant", "small.yml:5: one thing a line: begin each with a dash of its own"),
        ('thanks"', "thanks", "small.yml:"),
        (GOOD, "hello: you\n", "small.yml:1: a file is a list of conversations"),
        (GOOD, GOOD + GOOD, "small.yml:7: the name “says hello” is taken since line 1"),
    ],
)
def test_what_is_wrong_is_told_by_its_line(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    assert right in GOOD
    assert any(problem.startswith(told) for problem in problems(tmp_path, GOOD.replace(right, wrong)))


@pytest.mark.parametrize("done", ["cancellation", "MA-104233", "cancellation of 104233", "contact of MA-104233", "all"])
def test_a_change_that_the_shop_does_not_know(tmp_path: Path, done: str) -> None:
    found = problems(tmp_path, GOOD + f"    - done: {done}\n")
    assert found[0].startswith(f"small.yml:7: “{done}” is no change: write one of cancellation")


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("language: en", "language: de").replace("- customer", "- client")
    assert len(problems(tmp_path, text)) == 2


def test_a_conversation_lacks_what_it_needs(tmp_path: Path) -> None:
    found = problems(tmp_path, "- conversation: says hello\n")
    assert found == [f"small.yml:1: “{key}:” is missing" for key in ("language", "signed_in", "steps")]
