"""The encoder as the rest of the product sees it, and the choice of the engine that runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from encoder.errors import EncoderError

Kind = Literal["query", "passage"]
Vectors = npt.NDArray[np.float32]
Offsets = list[tuple[int, int]]

ONNX_FILE = "onnx/model_int8.onnx"
PROMPTS_FILE = "config_sentence_transformers.json"
E5_PROMPTS = {"query": "query: ", "passage": "passage: "}


class Engine(Protocol):
    """Runs a model on texts that already carry their prefix."""

    dimension: int
    fingerprint: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension), rows of length 1."""

    def encode_tokens(self, text: str) -> tuple[Offsets, Vectors]:
        """Character spans of the tokens (no special ones) and their (n_tokens, dimension) states."""


@dataclass(frozen=True)
class Encoder:
    """Turns texts into unit vectors; questions and passages get the prefixes the model was trained with."""

    engine: Engine
    prompts: dict[str, str]

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.engine.dimension

    @property
    def fingerprint(self) -> str:
        """Hash of what decides the vectors; two encoders with the same one give the same vectors."""
        return self.engine.fingerprint

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Unit vectors as float32 (len(texts), dimension), in the order of `texts`."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        prefix = self.prompts.get(kind, "")
        return self.engine.encode([prefix + _encodable(text) for text in texts])

    def encode_tokens(self, text: str, kind: Kind = "query") -> tuple[Offsets, Vectors]:
        """Spans into `text` of its tokens and their contextual states, float32 (n_tokens, dimension), not unit rows."""
        prefix = self.prompts.get(kind, "")
        offsets, states = self.engine.encode_tokens(prefix + _encodable(text))
        kept = [i for i, (start, end) in enumerate(offsets) if end > max(start, len(prefix))]
        shifted = [(max(offsets[i][0] - len(prefix), 0), offsets[i][1] - len(prefix)) for i in kept]
        return shifted, states[kept]


def load(model: str | Path, *, threads: int = 1) -> Encoder:
    """Load a model folder or a sentence-transformers name.

    A folder that holds the exported ONNX file runs by onnxruntime alone; anything else runs by sentence-transformers.
    `threads` bounds the cores one call uses. Raises EncoderError with a sentence when the model is not there.
    """
    folder = Path(model)
    if (folder / ONNX_FILE).is_file():
        from encoder.onnx import OnnxEngine

        return Encoder(OnnxEngine(folder, threads=threads), _prompts(folder))
    if _looks_like_a_path(model) and not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise EncoderError(
            f"No model in {model}: build the default one with 'python -m encoder build', "
            "or set EMBEDDING_MODEL to a sentence-transformers name or folder."
        )
    from encoder.reference import ReferenceEngine

    engine = ReferenceEngine(str(model), threads=threads)
    return Encoder(engine, engine.prompts or _prompts_by_name(str(model)))


def _looks_like_a_path(model: str | Path) -> bool:
    text = str(model)
    return isinstance(model, Path) or Path(text).exists() or text.startswith((".", "/", "~")) or text.count("/") > 1


def _prompts(folder: Path) -> dict[str, str]:
    """The prefixes that the folder declares; an e5 model that declares none gets e5's."""
    path = folder / PROMPTS_FILE
    declared: dict[str, str] = {}
    if path.is_file():
        declared = {k: v for k, v in (json.loads(path.read_text("utf-8")).get("prompts") or {}).items() if v}
    return normalised_prompts(declared) or _prompts_by_name(folder.name)


def normalised_prompts(declared: Mapping[str, str | None]) -> dict[str, str]:
    """sentence-transformers says `document` where e5 says `passage`; we say `passage`."""
    prompts = {key: text for key, text in declared.items() if key in ("query", "passage") and text}
    document = declared.get("document")
    if document and "passage" not in prompts:
        prompts["passage"] = document
    return prompts


def _prompts_by_name(name: str) -> dict[str, str]:
    last = name.rstrip("/").rsplit("/", 1)[-1].lower()
    return dict(E5_PROMPTS) if "e5" in last.replace("_", "-").split("-") else {}


def _encodable(text: str) -> str:
    """Lone surrogates (half an emoji cut by a client) cannot be encoded; they become a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
