"""The encoder as the rest of the product sees it, and the choice of the engine that runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from encoder.errors import EncoderError

Kind = Literal["query", "passage"]
Vectors = npt.NDArray[np.float32]

ONNX_FILE = "onnx/transformer_int8.onnx"
WORDS_FILE = "onnx/words_int8.bin"
VOCABULARY_FILE = "onnx/vocabulary.npz"
FAST_FILES = (ONNX_FILE, WORDS_FILE, VOCABULARY_FILE)
PROMPTS_FILE = "config_sentence_transformers.json"
UNIVERSAL = "universal-sentence-encoder-multilingual-3"
E5_PROMPTS = {"query": "query: ", "passage": "passage: "}


class Engine(Protocol):
    """Runs a model on texts that already carry their prefix."""

    dimension: int
    fingerprint: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension), rows of length 1."""


@runtime_checkable
class TokenEngine(Protocol):
    """An engine that also tells the states of the tokens."""

    def encode_whole(self, texts: Sequence[str], prefix: str, *, together: bool) -> tuple[Vectors, list[Vectors]]:
        """(n, dimension) unit rows, and for each text the (tokens, dimension) states, prefix left out."""


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

    @property
    def tells_tokens(self) -> bool:
        """Whether `encode_whole` works."""
        return isinstance(self.engine, TokenEngine)

    def encode_whole(self, texts: Sequence[str], kind: Kind) -> tuple[Vectors, list[Vectors]]:
        """What `encode` returns, and the (tokens, dimension) states of each text's tokens. Raises EncoderError."""
        if not isinstance(self.engine, TokenEngine):
            raise EncoderError("This encoder does not tell the states of tokens.")
        prefix = self.prompts.get(kind, "")
        return self.engine.encode_whole([_encodable(text) for text in texts], prefix, together=kind == "query")


def load(model: str | Path, *, threads: int = 1) -> Encoder:
    """Load a model folder or a sentence-transformers name.

    A folder that holds the files of the fast engine runs by onnxruntime alone, UNIVERSAL by numpy, anything else by
    sentence-transformers.
    `threads` bounds the cores one call uses. Raises EncoderError with a sentence when the model is not there.
    """
    if str(model) == UNIVERSAL:
        from encoder.universal import UniversalEngine

        return Encoder(UniversalEngine(threads=threads), {})
    folder = Path(model)
    if any((folder / name).is_file() for name in FAST_FILES):
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
