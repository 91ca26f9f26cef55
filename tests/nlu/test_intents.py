"""How sure the classifier is, on vectors made up for it, and what the articles add to the training data."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from rasa_ext.intent_model import IntentModel
from rasa_ext.intent_space import Floats

ROOT = Path(__file__).parents[2]
WORDS = {"open": "hours open close", "pay": "card pay invoice", "send": "parcel deliver courier", "lost": "lost forgot"}


def talk(seed: int, each: int) -> tuple[list[Floats], list[str], list[str]]:
    """Vectors of two encoders, texts and intents: a direction for each intent, and noise."""
    chance = np.random.default_rng(seed)
    places = np.random.default_rng(0).normal(size=(len(WORDS), 24))
    intents = [name for name in WORDS for _ in range(each)]
    numbers = np.repeat(np.arange(len(WORDS)), each)
    vectors = places[numbers] + chance.normal(scale=0.5, size=(len(intents), 24))
    texts = [f"{chance.choice(WORDS[name].split())} {number % 3}" for number, name in enumerate(intents)]
    return [half.astype(np.float32) for half in np.split(vectors, 2, axis=1)], texts, intents


def strangers(count: int) -> tuple[list[Floats], list[str]]:
    vectors = np.random.default_rng(99).normal(size=(count, 24))
    return [half.astype(np.float32) for half in np.split(vectors, 2, axis=1)], ["who painted it"] * count


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return IntentModel.learnt(*talk(1, 12))


def test_the_first_one_is_right_and_sure(model: IntentModel) -> None:
    vectors, texts, intents = talk(2, 10)
    told = model.told(vectors, texts)
    assert [model.intents[i] for i in told.argmax(axis=1)] == intents
    assert np.median(told.max(axis=1)) > 0.5
    assert (told >= 0).all()
    assert (told.max(axis=1) <= 1).all()


def test_what_is_like_nothing_is_doubted(model: IntentModel) -> None:
    inside = model.told(*talk(3, 10)[:2]).max(axis=1)
    outside = model.told(*strangers(40)).max(axis=1)
    assert np.median(outside) < 0.5 < np.median(inside)
    assert (outside[:, None] < inside[None, :]).mean() > 0.9


def test_the_same_training_gives_the_same_model(model: IntentModel) -> None:
    again = IntentModel.learnt(*talk(1, 12))
    assert np.array_equal(again.told(*strangers(5)), model.told(*strangers(5)))


def test_one_example_for_each_intent_is_enough_to_train() -> None:
    vectors, texts, intents = talk(4, 1)
    told = IntentModel.learnt(vectors, texts, intents).told(vectors, texts)
    assert np.isfinite(told).all()
    assert [sorted(WORDS)[i] for i in told.argmax(axis=1)] == intents


ASK = """
import json
from rasa.shared.importers.importer import TrainingDataImporter as I
data = I.load_from_config("config.yml", training_data_paths=["nlu.yml"]).get_nlu_data()
print(json.dumps([[m.get("text"), m.get("intent")] for m in data.intent_examples]))
"""


def test_articles_add_their_questions_and_data_wins(tmp_path: Path) -> None:
    folder = tmp_path / "articles" / "fr"
    folder.mkdir(parents=True)
    head = "---\nid: a\ntitle: Comment annuler ma commande ?\nquestions:\n  - annuler ma commande\n---\nCorps\n"
    (folder / "a.md").write_text(head, "utf-8")
    (folder / "broken.md").write_text("---\ntitle: [\n---\nCorps\n", "utf-8")
    (folder / "coded.md").write_bytes("---\ntitle: Café\n---\n".encode("latin-1"))
    (folder / "odd.md").write_text("---\ntitle: Combien vaut ${HOME} ?\nquestions: 5\n---\nCorps\n", "utf-8")
    (folder / "one.md").write_text("---\nid: b\nquestions: Comment faire ?\n---\nCorps\n", "utf-8")
    lines = "version: '3.1'\nnlu:\n- intent: cancel_order\n  examples: |\n    - Annuler ma commande\n    - annulez-la\n"
    (tmp_path / "nlu.yml").write_text(lines, "utf-8")
    importers = "importers:\n- name: rasa_ext.questions.ArticleQuestionsImporter\n  unrelated: null\n"
    (tmp_path / "config.yml").write_text("recipe: default.v1\n" + importers, "utf-8")
    env = {**os.environ, "KNOWLEDGE_BASE_ARTICLES": str(tmp_path / "articles"), "PYTHONPATH": str(ROOT)}
    command = [str(ROOT / ".venv-rasa" / "bin" / "python"), "-c", ASK]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert sorted(map(tuple, json.loads(done.stdout.splitlines()[-1]))) == [
        ("Annuler ma commande", "cancel_order"),
        ("Combien vaut ${HOME} ?", "ask_question"),
        ("Comment annuler ma commande ?", "ask_question"),
        ("annulez-la", "cancel_order"),
    ]
