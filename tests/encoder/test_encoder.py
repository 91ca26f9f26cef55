from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import encoder
from encoder import EncoderError, weights
from encoder.model import FAST_FILES, ONNX_FILE, PROMPTS_FILE

ROOT = Path(__file__).parents[2]
QUESTIONS = ["Où est mon colis ?", "how do I return a lamp?", "jai pa recu ma comande", "🙂", ""]

# What another environment or process must agree with: it prints the vectors and the modules it needed.
PROBE = """
import json, sys
import encoder
made = encoder.load(sys.argv[1])
vectors = made.encode(json.loads(sys.argv[2]), "query")
print(json.dumps({"vectors": vectors.tolist(), "fingerprint": made.fingerprint, "torch": "torch" in sys.modules}))
"""


@pytest.fixture(scope="session")
def made(model_folder: Path) -> encoder.Encoder:
    return encoder.load(model_folder)


def probe(python: Path | str, folder: Path) -> dict[str, object]:
    done = subprocess.run(
        [str(python), "-c", PROBE, str(folder), json.dumps(QUESTIONS)],
        cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_vectors_are_unit_rows_in_the_order_of_the_texts_whatever_the_batch(made: encoder.Encoder) -> None:
    texts = ["court", "une phrase un peu plus longue que la première " * 8, "moyenne, celle-ci", *QUESTIONS]
    together = made.encode(texts, "query")
    assert together.shape == (len(texts), made.dimension)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-4)
    alone = np.stack([made.encode([text], "query")[0] for text in texts])
    # 8-bit activations are scaled over the batch, so the last digits differ.
    assert np.sum(together * alone, axis=1).min() > 0.98


def test_no_text_gives_no_row(made: encoder.Encoder) -> None:
    assert made.encode([], "passage").shape == (0, made.dimension)


def test_a_question_is_nearer_to_its_answer_than_to_another_across_languages(made: encoder.Encoder) -> None:
    asked = made.encode(["Where is my parcel?"], "query")[0]
    answer, other = made.encode(["Suivre mon colis", "Recette de la tarte aux pommes"], "passage")
    assert asked @ answer > asked @ other + 0.03


def test_questions_and_passages_get_different_prefixes(made: encoder.Encoder) -> None:
    assert made.prompts == {"query": "query: ", "passage": "passage: "}
    assert made.encode(["colis"], "query")[0] @ made.encode(["colis"], "passage")[0] < 0.999


def test_half_an_emoji_does_not_stop_it(made: encoder.Encoder) -> None:
    assert made.encode(["colis \ud83d"], "query").shape == (1, made.dimension)


def test_a_long_text_is_cut_not_refused(made: encoder.Encoder) -> None:
    assert made.encode(["mot " * 3000], "passage").shape == (1, made.dimension)


def test_it_runs_without_torch(model_folder: Path, made: encoder.Encoder) -> None:
    seen = probe(sys.executable, model_folder)
    assert seen["torch"] is False
    assert seen["fingerprint"] == made.fingerprint


def test_rasas_environment_gives_the_same_vectors(model_folder: Path, made: encoder.Encoder) -> None:
    python = ROOT / ".venv-rasa" / "bin" / "python"
    assert python.exists(), "the environment for Rasa is made by `make install`"
    seen = probe(python, model_folder)
    assert seen["fingerprint"] == made.fingerprint
    assert np.sum(np.array(seen["vectors"]) * made.encode(QUESTIONS, "query"), axis=1).min() > 0.98


def test_a_folder_without_onnx_file_runs_by_sentence_transformers_and_agrees_with_the_int8_file(
    model_folder: Path, made: encoder.Encoder, tmp_path: Path
) -> None:
    plain = tmp_path / "some-model"
    plain.mkdir()
    for entry in model_folder.iterdir():
        if entry.name != "onnx":
            (plain / entry.name).symlink_to(entry)
    seen = probe(sys.executable, plain)
    assert seen["torch"] is True
    assert seen["fingerprint"] != made.fingerprint
    assert np.sum(np.array(seen["vectors"]) * made.encode(QUESTIONS, "query"), axis=1).min() > 0.98


def test_the_folder_is_what_sentence_transformers_reads(model_folder: Path) -> None:
    assert {path.name for path in model_folder.iterdir()} >= {
        "config.json",
        "model.safetensors",
        "modules.json",
        "tokenizer.json",
        "sentence_bert_config.json",
        "1_Pooling",
        "2_Normalize",
        PROMPTS_FILE,
    }
    assert json.loads((model_folder / PROMPTS_FILE).read_text("utf-8"))["prompts"]["query"] == "query: "


def test_building_again_changes_nothing(model_folder: Path) -> None:
    before = (model_folder / ONNX_FILE).stat().st_mtime_ns
    done = subprocess.run(
        [sys.executable, "-m", "encoder", "build", "--into", str(model_folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "already" in done.stdout
    assert (model_folder / ONNX_FILE).stat().st_mtime_ns == before


@pytest.mark.parametrize("command", ["build", "check"])
def test_the_commands_explain_themselves(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "encoder", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "--into" in done.stdout


def test_checking_a_model_that_is_not_there_fails(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "encoder", "check", "--into", str(tmp_path / "none")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No model in" in done.stderr


def test_other_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    content = bytearray(weights.locate().read_bytes()[:4096])
    content[100] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(EncoderError, match="sha256"):
        weights.read(path)


@pytest.mark.parametrize("missing", ["/nowhere/at/all", "./var/no-such-model"])
def test_a_missing_folder_is_told_in_a_sentence(missing: str) -> None:
    with pytest.raises(EncoderError, match=r"No model in .*encoder build"):
        encoder.load(missing)


@pytest.mark.parametrize("broken", FAST_FILES)
@pytest.mark.parametrize("how", ["missing", "cut short", "empty"])
def test_a_broken_file_is_told_in_a_sentence_that_names_it(
    model_folder: Path, tmp_path: Path, broken: str, how: str
) -> None:
    (tmp_path / "onnx").mkdir()
    for name in FAST_FILES:
        if name != broken:
            (tmp_path / name).symlink_to(model_folder / name)
    if how != "missing":
        (tmp_path / broken).write_bytes((model_folder / broken).read_bytes()[:1000] if how == "cut short" else b"")
    with pytest.raises(EncoderError, match=r"build the model again") as told:
        encoder.load(tmp_path)
    assert str(tmp_path / broken) in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.long
def test_a_folder_of_an_earlier_version_is_built_anew(model_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "multilingual-e5-small"
    (folder / "onnx").mkdir(parents=True)
    (folder / "onnx" / "model_int8.onnx").write_bytes(b"what an earlier version made")
    (folder / "model.safetensors").symlink_to(model_folder / "model.safetensors")
    command = [sys.executable, "-m", "encoder", "build", "--into", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert sorted(path.name for path in (folder / "onnx").iterdir()) == sorted(Path(name).name for name in FAST_FILES)
    assert encoder.load(folder).fingerprint == encoder.load(model_folder).fingerprint
    assert list(tmp_path.iterdir()) == [folder]
