"""Files of trees as a hand may leave them: whatever is in one, it is told in sentences and takes nothing down."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from service.trees import Folder, TreeError, parse

DRAWER = """\
id: drawer
title: {fr: Mon tiroir coince, en: My drawer sticks}
words: {fr: [tiroir], en: [drawer]}
start: full
nodes:
  full:
    question: {fr: "Est-il plein ?", en: "Is it full?"}
    choices:
      - {label: {fr: "Oui", en: "Yes"}, next: empty_it, words: {fr: [plein], en: [full]}}
      - {label: {fr: "Non", en: "No"}, next: workshop}
  empty_it: {end: fix, say: {fr: Videz-le., en: Empty it.}, otherwise: workshop}
  workshop: &x {end: repair, say: {fr: L’atelier s’en charge., en: Our workshop will do it.}}
"""
# What PyYAML does not take as bad YAML but raises something else at, and what may stand anywhere in a file.
ODD = [
    "2024-02-30",
    "2024-01-01T00:00:00+99:99",
    "0x_",
    "9" * 5000,
    ":".join("1" * 400) + ".0",
    "!!timestamp soon",
    "!!bool maybe",
    "!!int ''",
    "!!map [1]",
]
SIGNS = '&x ¦*x¦*x¦{<<: *x}¦\n¦  ¦- ¦{¦}¦[¦]¦: ¦? ¦#¦"¦é¦\0¦no¦1¦[a]¦{a: b}¦"\\ud800"'
BITS = [*ODD, *SIGNS.split("¦")]


def test_the_file_is_sound_to_begin_with() -> None:
    assert parse(DRAWER.encode(), "drawer.yml").start == "full"


@pytest.mark.parametrize("odd", ODD)
def test_a_value_that_python_cannot_read(odd: str) -> None:
    with pytest.raises(TreeError) as caught:
        parse(f"{DRAWER}checked: {odd}\n".encode(), "drawer.yml")
    assert caught.value.problems == ["drawer.yml: this is not YAML."]


def test_a_node_that_stands_in_two_places_with_a_typing_error() -> None:
    written = DRAWER.replace("&x {", "&x {sya: 1, ") + "  again: *x\n"
    with pytest.raises(TreeError) as caught:
        parse(written.encode(), "drawer.yml")
    assert caught.value.problems == [
        "drawer.yml: “nodes.workshop.sya” is not known; look for a typing error.",
        "drawer.yml: “nodes.again.sya” is not known; look for a typing error.",
        "drawer.yml: node “again” is never reached.",
    ]


def test_half_a_character_is_told_as_well(tmp_path: Path) -> None:
    (tmp_path / "halves.yml").write_text('"\\ud800": 1\n"\\ud800": 2\n', "ascii")
    (tmp_path / "latin-\udce9.yml").write_text(DRAWER, "utf-8")
    (tmp_path / "drawer.yml").write_text(DRAWER, "utf-8")
    trees = Folder(tmp_path)
    assert set(trees.look()) == {"drawer"}
    told = [sentence for found in trees.broken.values() for sentence in found]
    assert len(told) == 2
    assert "\n".join(told).encode()  # it can be written down


def mutated(text: str, chance: random.Random) -> str:
    """A word of it is another thing, or something stands where nobody would put it."""
    if chance.random() < 0.7:
        word = chance.choice(list(re.finditer(r"[^\s:,{}\[\]]+", text)))
        start, end = word.span()
    else:
        start = chance.randrange(len(text))
        end = start + chance.choice([0, 1, 5, 40])
    return text[:start] + chance.choice(BITS) + text[end:]


def test_whatever_a_file_holds_it_is_a_tree_or_told_in_sentences() -> None:
    chance = random.Random(20261123)
    sound, told = 0, list[str]()
    for number in range(300):
        text = DRAWER
        for _ in range(chance.randint(1, 3)):
            text = mutated(text, chance)
        try:
            sound += parse(text.encode(), "drawer.yml").id == "drawer"
        except TreeError as error:
            told += error.problems
        except Exception as error:
            raise AssertionError(f"{number}: {error!r}\n{text[:2000]}") from error
    assert sound  # both kinds were met
    assert len({problem.partition("“")[0] for problem in told}) > 3
    assert [problem for problem in told if not problem.startswith("drawer.yml")] == []
