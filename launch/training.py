"""Rasa's model: trained when what it is made of changed, and not otherwise."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from launch.config import Config
from launch.fingerprint import encoder_fingerprint
from launch.say import run_logged

NAME = "relais"
KEPT_MODELS = 3


def model_hash(root: Path, encoder: str, published: Path | None = None) -> str:
    """A hash over everything that goes into the model: data, domain, pipeline, our components, Rasa's lock, the
    articles with their questions, and the fingerprint of the encoder.
    """
    digest = hashlib.sha256(encoder.encode())
    for file in _ingredients(root):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    for file in _articles(root, published):
        digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _ingredients(root: Path) -> Iterator[Path]:
    yield root / "config.yml"
    yield root / "requirements" / "rasa.lock"
    for folder, pattern in (("domain", "**/*.yml"), ("data", "**/*.yml"), ("rasa_ext", "**/*.py")):
        yield from sorted((root / folder).glob(pattern))


def _articles(root: Path, published: Path | None) -> Iterator[Path]:
    """Those whose questions Rasa learns (see rasa_ext/questions.py): the published ones, else the shipped ones."""
    folder = published if published and any(published.glob("**/*.md")) else root / "knowledge_base" / "articles"
    yield from sorted(folder.glob("**/*.md"))
    yield from sorted((root / "knowledge_base" / "retrieval" / "negatives").glob("*.txt"))


def model_file(config: Config) -> Path:
    """Where the model of the present data is, or would be."""
    return config.models / "rasa" / _hash_of(config) / f"{NAME}.tar.gz"


def _hash_of(config: Config) -> str:
    published = Path(config.env["KNOWLEDGE_BASE_ARTICLES"])
    return model_hash(config.root, encoder_fingerprint(config), published)


def train(config: Config, *, force: bool = False) -> Path:
    """The model file, trained first if it is not there. Raises Trouble."""
    target = model_file(config)
    if target.is_file() and not force:
        os.utime(target.parent)
        return target
    models = target.parent.parent
    models.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=models, prefix=".training-"))
    try:
        command = [
            str(config.root / ".venv-rasa" / "bin" / "python"), "-m", "rasa", "train", "--fixed-model-name", NAME,
            "--config", "config.yml", "--domain", "domain", "--data", "data", "--out", str(made),
        ]  # fmt: skip
        log = config.var / "log" / "setup-training.log"
        run_logged("Training Rasa", command, log, env=config.env, cwd=config.root)
        # Whole or not at all: another start may look for the model at any moment.
        shutil.rmtree(target.parent, ignore_errors=True)
        made.replace(target.parent)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    _forget_old(models)
    return target


def _forget_old(models: Path) -> None:
    trained = [folder for folder in models.iterdir() if (folder / f"{NAME}.tar.gz").is_file()]
    for folder in sorted(trained, key=lambda each: each.stat().st_mtime, reverse=True)[KEPT_MODELS:]:
        shutil.rmtree(folder, ignore_errors=True)
