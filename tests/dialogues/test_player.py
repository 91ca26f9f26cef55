"""What does not go as written is found, and told by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogues.form import load
from tests.dialogues.player import play_all
from tests.dialogues.speech import other_language, plain
from tests.dialogues.stage import Stage

CANCELS = """\
- conversation: cancels
  language: fr
  signed_in: C-1012
  steps:
    - customer: annulez la commande 104875
    - assistant: [MA-104875, Je continue]
    - customer: oui
"""
GREETS = """\
- conversation: greets
  language: fr
  signed_in: visitor
  steps:
    - customer: bonjour
"""


async def problems(stage: Stage, folder: Path, text: str) -> list[str]:
    (folder / "small.yml").write_text(text, "utf-8")
    (went,) = (await play_all(stage, load(folder))).values()
    return went.problems


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (CANCELS + "    - assistant: est perdue", "small.yml:8: not said: ['est perdue']"),
        (CANCELS + "    - not_said: [est ANNULEE]", "small.yml:8: said after all: ['est ANNULEE']"),
        (CANCELS + "    - not_done: anything", "small.yml:8: the shop did {'cancellation of MA-104875': 1}"),
        (CANCELS, "small.yml:7: in the end the shop did {'cancellation of MA-104875': 1}, written is {}"),
        (CANCELS + "    - done: return of MA-104099", "small.yml:8: the shop did it 0 times"),
        (
            CANCELS + "    - task: cancel_order failed",
            "small.yml:8: the record of cancel_order is “done”, not “failed”",
        ),
        (GREETS + "    - answer: delivery-times", "small.yml:6: the article delivery-times was not shown"),
        (GREETS + "    - handoff: customer_request", "small.yml:6: handed over for no reason"),
        (GREETS + "    - assistant: Alba\n    - presses: Oui", "small.yml:7: there is no button “Oui”"),
        (
            GREETS + "    - assistant: Alba\n    - customer: je veux parler à un conseiller",
            "small.yml:7: handed over for ['customer_request'], and no “handoff:” says so",
        ),
    ],
)
async def test_what_goes_otherwise_is_told(dialogue_stage: Stage, tmp_path: Path, written: str, told: str) -> None:

    (found,) = await problems(dialogue_stage, tmp_path, written)
    assert found.startswith(told)


async def test_what_goes_as_written_is_not(dialogue_stage: Stage, tmp_path: Path) -> None:
    done = CANCELS + "    - assistant: [est annulee]\n    - done: cancellation of MA-104875\n"
    assert await problems(dialogue_stage, tmp_path, done) == []
    assert await problems(dialogue_stage, tmp_path, done) == []  # the order is as it was, each time


def test_the_other_language_is_noticed() -> None:
    assert other_language("Your order MA-104871 is cancelled. You will get a confirmation by e-mail.", "fr")
    assert not other_language("Your order MA-104871 is cancelled. You will get a confirmation by e-mail.", "en")
    assert not other_language("Comptez 3 jours.", "en")


def test_words_are_compared_as_heard() -> None:
    assert plain("Là, l’œuvre\N{NARROW NO-BREAK SPACE}!") == plain("la,  L'OEUVRE !")
