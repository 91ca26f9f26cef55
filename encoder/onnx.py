"""The fast engine: onnxruntime and tokenizers, no torch in the process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from encoder.errors import EncoderError
from encoder.model import ONNX_FILE, PROMPTS_FILE, Offsets, Vectors

BATCH_TOKENS = 1024  # padded tokens in one run: larger batches are slower on a CPU, their states leave the cache
DEFAULT_MAX_TOKENS = 512


class OnnxEngine:
    """Mean pooling over the states of an exported encoder, as e5 and most sentence encoders want."""

    def __init__(self, folder: Path, *, threads: int = 1, model_file: str = ONNX_FILE) -> None:
        self._tokenizer = _tokenizer(folder)
        self._session = _session(folder / model_file, threads)
        self.dimension: int = self._session.get_outputs()[0].shape[-1]
        files = [folder / model_file, folder / "tokenizer.json", folder / PROMPTS_FILE]
        self.fingerprint = fingerprint_of(path for path in files if path.is_file())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) unit rows, in the order of `texts`."""
        encodings = self._tokenizer.encode_batch(list(texts)) if len(texts) > 1 else [self._tokenizer.encode(texts[0])]
        vectors = np.empty((len(encodings), self.dimension), dtype=np.float32)
        for rows in _batches([len(encoding.ids) for encoding in encodings]):
            vectors[rows] = self._pooled([encodings[row] for row in rows])
        return vectors

    def encode_tokens(self, text: str) -> tuple[Offsets, Vectors]:
        """Spans and states of the tokens of one text, special tokens left out."""
        encoding = self._tokenizer.encode(text)
        states = self._states(*_padded([encoding]))[0]
        kept = [i for i, special in enumerate(encoding.special_tokens_mask) if not special]
        return [encoding.offsets[i] for i in kept], states[kept]

    def _pooled(self, encodings: list[Encoding]) -> Vectors:
        ids, mask = _padded(encodings)
        states = self._states(ids, mask)
        weights = mask[:, :, None].astype(np.float32)
        means: Vectors = (states * weights).sum(axis=1) / weights.sum(axis=1)
        unit: Vectors = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
        return unit

    def _states(self, ids: Any, mask: Any) -> Vectors:
        states: Vectors = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return states


def fingerprint_of(files: Iterable[Path]) -> str:
    """Hash over the contents of `files`, short enough for a log line."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:32]


def _tokenizer(folder: Path) -> Tokenizer:
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise EncoderError(f"{path} is missing: build the model again with 'python -m encoder build'.")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_max_tokens(folder))
    return tokenizer


def _max_tokens(folder: Path) -> int:
    path = folder / "sentence_bert_config.json"
    if not path.is_file():
        return DEFAULT_MAX_TOKENS
    return int(json.loads(path.read_text("utf-8")).get("max_seq_length") or DEFAULT_MAX_TOKENS)


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a dozen private types for one fact: the file is no good here
        raise EncoderError(
            f"{path} cannot be loaded ({str(error)[:200]}): delete it and build the model again."
        ) from error


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Rows grouped by length, so that padding wastes little, each group within BATCH_TOKENS."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[row] * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _padded(encodings: list[Encoding]) -> tuple[Any, Any]:
    """int64 ids and mask, (n, longest)."""
    width = max(len(encoding.ids) for encoding in encodings)
    ids = np.ones((len(encodings), width), dtype=np.int64)
    mask = np.zeros((len(encodings), width), dtype=np.int64)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = encoding.ids
        mask[row, : len(encoding.ids)] = 1
    return ids, mask
