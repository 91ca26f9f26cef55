"""The reference engine: sentence-transformers, for the build's check and for any model without an ONNX file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from encoder.errors import EncoderError
from encoder.model import Vectors, normalised_prompts


class ReferenceEngine:
    """Any sentence-transformers name or folder, on the CPU."""

    def __init__(self, model: str, *, threads: int = 1) -> None:
        try:
            import torch
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderError(
                f"{model} has no ONNX file and sentence-transformers is not installed in this environment."
            ) from error
        torch.set_num_threads(threads)
        try:
            self._model = SentenceTransformer(model, device="cpu")
        except (OSError, ValueError) as error:
            raise EncoderError(f"The model {model} cannot be loaded: {str(error).splitlines()[0]}") from error
        self.dimension: int = int(self._model.get_embedding_dimension() or 0)
        self.prompts = normalised_prompts(self._model.prompts)
        self.fingerprint = self._fingerprint()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) unit rows; prompts are ours, so the model's own are switched off."""
        vectors = self._model.encode(
            list(texts), prompt="", normalize_embeddings=True, show_progress_bar=False, batch_size=16
        )
        return np.asarray(vectors, dtype=np.float32)

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(repr(sorted(self.prompts.items())).encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().contiguous().numpy().tobytes())
        return digest.hexdigest()[:32]
