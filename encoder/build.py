"""Builds the default model: weights of a registry package → sentence-transformers folder → int8 ONNX file."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from encoder import folder, graph, unigram, weights, words
from encoder.errors import EncoderError
from encoder.model import E5_PROMPTS, FAST_FILES, ONNX_FILE, VOCABULARY_FILE, WORDS_FILE

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
    if all((into / name).is_file() for name in (*FAST_FILES, "model.safetensors")):
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
    say("3/4 writing the 8-bit files …")
    graph.write(content, partial / ONNX_FILE)
    words.write(partial / WORDS_FILE, content.tensors["emb.word"].reshape(-1, content.architecture.hidden))
    removed, spaced = (folder.beyond_nfkc(content.normalisation, output) for output in ("", " "))
    unigram.write(partial / VOCABULARY_FILE, content.pieces, removed, spaced)
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
