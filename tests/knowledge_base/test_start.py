"""A start that cannot work ends at once, with one sentence and not with a traceback."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from encoder import load
from encoder.joint import JointEncoder
from encoder.model import FAST_FILES, ONNX_FILE, UNIVERSAL

Run = Callable[..., subprocess.CompletedProcess[str]]


def refused(run: Run, **environment: str) -> str:
    done = run(**{"KNOWLEDGE_BASE_PORT": "0", **environment})
    assert done.returncode == 1
    sentences = done.stderr.strip().splitlines()
    assert len(sentences) == 1, done.stderr
    return sentences[0]


def test_a_model_folder_that_is_not_there(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "no" / "model"
    told = refused(run, EMBEDDING_MODEL=str(missing))
    assert str(missing) in told
    assert "encoder build" in told


def test_a_model_folder_with_a_broken_file(run: Run, tmp_path: Path, model_folder: Path) -> None:
    (tmp_path / "onnx").mkdir()
    for name in FAST_FILES:
        (tmp_path / name).symlink_to(model_folder / name)
    (tmp_path / ONNX_FILE).unlink()
    (tmp_path / ONNX_FILE).write_bytes(b"half a file")
    told = refused(run, EMBEDDING_MODEL=str(tmp_path))
    assert str(tmp_path / ONNX_FILE) in told
    assert "build the model again" in told


def test_a_file_of_vectors_that_is_none(run: Run, tmp_path: Path, model_folder: Path) -> None:
    made = JointEncoder([load(model_folder), load(UNIVERSAL)])
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / f"{made.fingerprint}.sqlite3").write_bytes(b"not a database, whatever its name says" * 100)
    assert str(tmp_path / "vectors") in refused(run, RELAIS_VAR=str(tmp_path))


def test_a_port_that_is_taken(run: Run, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = refused(run, KNOWLEDGE_BASE_PORT=port, KNOWLEDGE_BASE_ARTICLES=str(tmp_path))
    assert port in told
