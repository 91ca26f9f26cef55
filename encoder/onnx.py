"""The fast engine: onnxruntime and numpy, no torch and no tokenizers in the process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from encoder.errors import EncoderError
from encoder.graph import INPUTS
from encoder.model import FAST_FILES, ONNX_FILE, PROMPTS_FILE, VOCABULARY_FILE, WORDS_FILE, Vectors
from encoder.unigram import Unigram
from encoder.words import Words

BATCH_TOKENS = 512  # padded tokens in one run: larger batches are no faster on a CPU and take more memory
RUN_TOKENS = 8  # what beginning another run costs, as the tokens that it could have encoded
DEFAULT_MAX_TOKENS = 512


class OnnxEngine:
    """Mean pooling over the states of an exported encoder, as e5 and most sentence encoders want."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        for name in FAST_FILES:
            if not (folder / name).is_file():
                raise EncoderError(f"{folder / name} is missing: build the model again with 'python -m encoder build'.")
        self._session = _session(folder / ONNX_FILE, threads)
        self.dimension: int = self._session.get_inputs()[0].shape[-1]
        self._tokenizer = Unigram(folder / VOCABULARY_FILE, max_tokens=_max_tokens(folder))
        self._words = Words(folder / WORDS_FILE, self.dimension, at_least=len(self._tokenizer))
        files = [folder / name for name in (*FAST_FILES, PROMPTS_FILE)]
        self.fingerprint = fingerprint_of(path for path in files if path.is_file())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) unit rows, in the order of `texts`."""
        numbers = [self._tokenizer.numbers(text) for text in texts]
        vectors = np.empty((len(numbers), self.dimension), dtype=np.float32)
        for rows in _batches([len(row) for row in numbers]):
            vectors[rows] = _pooled(*self._states([numbers[row] for row in rows]))
        return vectors

    def encode_whole(self, texts: Sequence[str], prefix: str, *, together: bool) -> tuple[Vectors, list[Vectors]]:
        """What `encode` returns for prefix + text, and the (tokens, dimension) states of each text without its prefix.

        8-bit arithmetic scales a batch as a whole: not `together`, a text gets the same states whatever its neighbours.
        """
        skipped = len(self._tokenizer.numbers(prefix)) - 1
        numbers = [self._tokenizer.numbers(prefix + text) for text in texts]
        batches = _batches([len(row) for row in numbers]) if together else ([row] for row in range(len(numbers)))
        vectors = np.empty((len(numbers), self.dimension), dtype=np.float32)
        states: list[Vectors] = [vectors[:0]] * len(numbers)
        for rows in batches:
            found, mask = self._states([numbers[row] for row in rows])
            vectors[rows] = _pooled(found, mask)
            for place, row in enumerate(rows):
                states[row] = found[place, skipped : len(numbers[row]) - 1]
        return vectors, states

    def _states(self, numbers: list[list[int]]) -> tuple[Vectors, npt.NDArray[np.int32]]:
        ids, mask = _padded(numbers)
        inputs = (self._words.vectors(ids), mask)
        return self._session.run(None, dict(zip(INPUTS, inputs, strict=True)))[0], mask


def _pooled(states: Vectors, mask: npt.NDArray[np.int32]) -> Vectors:
    weights = mask[:, :, None].astype(np.float32)
    means: Vectors = (states * weights).sum(axis=1) / weights.sum(axis=1)
    unit: Vectors = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    return unit


def fingerprint_of(files: Iterable[Path]) -> str:
    """Hash over the contents of `files`, short enough for a log line."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:32]


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
    # The graph is as it should run (see graph.py). An arena never gives back what one long passage took.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.enable_cpu_mem_arena = False
    # A thread that waits for work in a loop takes the core from the process that has some.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a dozen private types for one fact: the file is no good here
        raise EncoderError(
            f"{path} cannot be loaded ({str(error)[:200]}): delete it and build the model again."
        ) from error


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Rows grouped by length, each group within BATCH_TOKENS; a new group where padding would cost more than a run."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch:
            padding = (lengths[row] - lengths[batch[-1]]) * len(batch)
            if padding > RUN_TOKENS or lengths[row] * (len(batch) + 1) > BATCH_TOKENS:
                yield batch
                batch = []
        batch.append(row)
    if batch:
        yield batch


def _padded(numbers: list[list[int]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Token numbers and mask, (n, longest)."""
    width = max(map(len, numbers))
    ids = np.ones((len(numbers), width), dtype=np.int64)
    mask = np.zeros((len(numbers), width), dtype=np.int32)
    for row, found in enumerate(numbers):
        ids[row, : len(found)] = found
        mask[row, : len(found)] = 1
    return ids, mask
