"""Guided diagnosis: a writer's tree led through, and its file checked with sentences a writer understands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from launch.config import ROOT
from service import fold
from service.trees import Folder, TreeError, Words, load, read
from service.trees.walking import Heard, understood
from tests.actions.task_chat import Shop

TREES = ROOT / "knowledge_base" / "trees"


async def test_a_fix_that_helps(shop: Shop) -> None:
    chat = shop.chat(None)
    asked = await chat.say("ma lampe ne s'allume plus", "diagnose")
    assert "odeur de brûlé" in asked.texts[0]
    await chat.say("non rien de cela", "deny")
    await chat.press("plug")
    fix = await chat.say("elle clignote", "nlu_fallback")
    assert "variateur" in fix.texts[0]
    assert fix.names == ["utter_ask_diagnose_fixed"]
    done = await chat.say("oui !", "affirm")
    assert done.names == ["utter_diagnose_fixed"]
    assert done.custom("task")["detail"] == "lamp: fixed by dimmer"


async def test_it_ends_in_a_repair_that_knows_what_was_tried(shop: Shop) -> None:
    chat = shop.chat("C-1012", "en")
    await chat.say("my lamp stopped working", "diagnose")
    for answer in ("bulb", "plug", "workshop"):
        told = await chat.press(answer)
    assert "workshop" in told.texts[0]
    assert chat.task == "repair"
    assert chat.slots["task_values"]["diagnosis"] == "lamp: no light with another bulb and another socket"
    if chat.step == "order":
        await chat.say("104099", "give_order_number")
    done = await chat.yes()
    assert done.names == ["utter_repair_done_alder_atelier"]


async def test_danger_ends_with_a_person(shop: Shop) -> None:
    chat = shop.chat(None)
    await chat.say("ma bouilloire ne démarre pas", "diagnose")
    told = await chat.say("oui il y a de la fumée", "affirm")
    assert told.names == ["utter_offer_human_task"]
    assert "Débranchez" in told.texts[0]
    assert chat.slots["human_offered"] is True


async def test_which_tree_is_asked_and_a_step_back_stays_in_it(shop: Shop) -> None:
    chat = shop.chat(None, "en")
    asked = await chat.say("troubleshooting", "diagnose")
    assert len(asked.buttons) == 2
    first = await chat.press("lamp")
    await chat.press("bulb")
    back = await chat.say("go back", "go_back")
    assert back.texts == first.texts
    again = await chat.say("go back", "go_back")
    assert again.names == ["utter_ask_diagnose_tree"]


def test_our_trees_are_sound() -> None:
    assert set(load(TREES)) == {"lamp", "kitchen-appliance"}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("next: dimmer", "next: dimer", "node “plug” leads to “dimer”, and there is no such node."),
        ("start: safety", "start: begin", "“start” names “begin”, and there is no such node."),
        ("otherwise: plug", "otherwise: bulb", "leads back to itself"),
        ("end: human", "end: person", "“nodes.danger.end” must be fix, repair or human."),
        ("start: safety", "start: plug", "node “safety” is never reached."),
        ("id: lamp", "id: lamps", "its id is “lamps”, it must be the name of the file, “lamp”."),
        ("fr: Ma lampe ne s’allume plus", "de: Meine Lampe", "“title.fr” is missing."),
        ("question:", "qestion:", "is not known; look for a typing error."),
        ("nodes:", "nodes", "this is not YAML."),
        ("[lamp, lamps", "[]#[lamp, lamps", "one in English"),
        ("{fr: \"Non\", en: \"No\"}", "{fr: \"elle  clignote \", en: \"No\"}", "two choices have the same label (fr)."),
        ("{fr: \"Non\", en: \"No\"}", "{fr: Non, en: No}", "label.en” is not read as text: put quotes"),
        ("danger", "no", "a name in “nodes” is not read as text: put quotes around it."),
        ("en: \"It flickers\"", "en: \"\u200b\"", "“nodes.plug.choices.1.label.en” is missing."),
        ("dimmer", "works", "node “works”: its name is a word by which the walk itself ends"),
        ("dimmer", "does_not", "node “does_not”: its name is a word by which the walk itself ends"),
        ("  bulb:", "  danger:", "“danger” stands there a second time in the same place."),
        ("signs of overheating", "x" * 1001, "“nodes.danger.diagnosis” is longer than 1000 characters."),
        ("It flickers", "It flickers " * 8, "“nodes.plug.choices.1.label.en” is longer than 80 characters."),
    ],
)  # fmt: skip
def test_a_broken_tree_is_told_in_a_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    file = tmp_path / "lamp.yml"
    written = (TREES / "lamp.yml").read_text("utf-8")
    assert old in written
    file.write_text(written.replace(old, new), "utf-8")
    with pytest.raises(TreeError) as caught:
        read(file)
    assert any(sentence in problem for problem in caught.value.problems), caught.value.problems
    assert all(problem.startswith("lamp.yml") for problem in caught.value.problems)
    (tmp_path / "kitchen-appliance.yml").write_text((TREES / "kitchen-appliance.yml").read_text("utf-8"), "utf-8")
    assert set(load(tmp_path)) == {"kitchen-appliance"}  # the others go on working


def checked(folder: Path) -> tuple[int, str]:
    """How `python -m actions.trees` ends, and what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "actions.trees", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_what_customers_see_cut_or_is_not_heard_is_a_warning(tmp_path: Path) -> None:
    written = (TREES / "lamp.yml").read_text("utf-8")
    label, heard = "Elle clignote, ou sa lumière baisse et remonte au bout d’un moment", "toujours pas, rien, pareil"
    assert 64 < len(label) <= 80
    assert heard in written
    (tmp_path / "lamp.yml").write_text(written.replace('"Elle clignote"', f'"{label}"'), "utf-8")
    status, told = checked(tmp_path)
    assert status == 0
    cut = "“nodes.plug.choices.1.label.fr” is a button: Telegram shows the first 64 characters of it."
    assert told.splitlines() == [f"lamp.yml: warning: {cut}", "1 trees, they can be used as they are."]
    # Within the words of “no” stand those of “yes”; which of the two languages does not count.
    (tmp_path / "lamp.yml").write_text(written.replace(heard, f"{heard}, 'No, it works not'"), "utf-8")
    status, told = checked(tmp_path)
    assert status == 0
    assert "node “plug”: “No, it works not” stands for two choices" in told
    assert checked(TREES) == (0, "2 trees, no problem found.\n")


async def test_the_words_of_a_button_mean_it(shop: Shop) -> None:
    """Also where the writer gave none, and where they begin with a no that another one is."""
    chat = shop.chat(None)
    await chat.say("ma lampe ne s'allume plus", "diagnose")
    await chat.press("bulb")
    told = await chat.say("Oui, elle s'allume", "affirm")
    assert "C’était l’ampoule" in told.texts[0]
    tree = read(TREES / "lamp.yml")
    at = tree.nodes["plug"]
    bare = [each.model_copy(update={"words": Words()}) for each in at.choices]
    tree = tree.model_copy(update={"nodes": tree.nodes | {"plug": at.model_copy(update={"choices": bare})}})
    for words, target in (("elle CLIGNOTE !", "dimmer"), ("It flickers", None), ("", None)):
        found = understood(tree, "plug", Heard(words=fold(words)), "fr")
        assert (found.target if found else None) == target, words


def test_what_is_published_is_followed_and_a_broken_file_keeps_the_last_good_one(tmp_path: Path) -> None:
    file = tmp_path / "lamp.yml"
    written = (TREES / "lamp.yml").read_text("utf-8")
    trees = Folder(tmp_path)
    assert dict(trees.look()) == {}
    file.write_text(written, "utf-8")
    assert trees.look()["lamp"].start == "safety"
    file.write_text("nodes", "utf-8")
    assert trees.look()["lamp"].start == "safety"
    assert set(trees.broken) == {"lamp.yml"}
    file.write_text(written.replace("Ma lampe ne s’allume plus", "Ma lampe reste éteinte"), "utf-8")
    assert trees.look()["lamp"].title.fr == "Ma lampe reste éteinte"
    assert trees.broken == {}
    file.unlink()
    assert dict(trees.look()) == {}


def test_an_end_without_words_and_a_question_without_choices(tmp_path: Path) -> None:
    tree = yaml.safe_load((TREES / "lamp.yml").read_text("utf-8"))
    del tree["nodes"]["workshop"]["say"]
    tree["nodes"]["bulb"]["choices"] = tree["nodes"]["bulb"]["choices"][:1]
    file = tmp_path / "lamp.yml"
    file.write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")
    status, told = checked(tmp_path)
    assert status == 1
    assert "node “workshop”: an end needs “say”" in told
    assert "node “bulb”: a question needs 2 to 6 choices." in told
