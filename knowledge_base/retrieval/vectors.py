"""Vectors and tokens kept on disk, so that a text is encoded once by one encoder: a warm start encodes nothing."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from encoder import Kind
from encoder.joint import JointEncoder
from encoder.model import Vectors
from knowledge_base.retrieval.tokens import DIRECTIONS, Codes, Lens
from knowledge_base.retrieval.unrelated import unrelated_questions

CHUNK = 128
NO_TOKENS: Codes = np.zeros((0, DIRECTIONS), dtype=np.int8)
Progress = Callable[[int, int], None]
_Row = tuple[bytes, bytes]  # of a vector and of its tokens


@dataclass(frozen=True)
class Encoded:
    """(n, dimension) vectors and each text's coded tokens (none when the encoder does not tell them)."""

    vectors: Vectors
    tokens: list[Codes]


class VectorCache:
    """encode() with a memory: one SQLite file for each encoder, named by its fingerprint; no folder, no file."""

    def __init__(self, encoder: JointEncoder, folder: Path | None) -> None:
        self.encoder = encoder
        self._lock = threading.Lock()
        self._lens: Lens | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        name = str(folder / f"{encoder.fingerprint}.sqlite3") if folder is not None else ":memory:"
        self._database = sqlite3.connect(name, timeout=30, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        columns = "key BLOB PRIMARY KEY, vector BLOB NOT NULL, tokens BLOB NOT NULL"
        self._database.execute(f"CREATE TABLE IF NOT EXISTS encoded ({columns}) WITHOUT ROWID")
        self._database.execute("CREATE TABLE IF NOT EXISTS lens (arrays BLOB NOT NULL)")

    def encode(self, texts: Sequence[str], kind: Kind, progress: Progress | None = None) -> Encoded:
        """Encode what is not kept yet. Stored as it goes on, so an interrupted run is taken up again."""
        keys = [hashlib.sha256(f"{kind}\0{text}".encode("utf-8", "replace")).digest()[:16] for text in texts]
        known = self._stored(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        pending = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(pending), CHUNK):
            chunk = pending[start : start + CHUNK]
            made = self.encode_now([text for _, text in chunk], kind)
            parts = zip(chunk, made.vectors, made.tokens, strict=True)
            rows = {key: (vector.tobytes(), tokens.tobytes()) for (key, _), vector, tokens in parts}
            known.update(rows)
            self._store(rows)
            if progress:
                progress(min(start + CHUNK, len(pending)), len(pending))
        vectors = np.frombuffer(b"".join(known[key][0] for key in keys), dtype=np.float32)
        tokens = [np.frombuffer(known[key][1], dtype=np.int8).reshape(-1, DIRECTIONS) for key in keys]
        return Encoded(vectors.reshape(len(keys), self.encoder.dimension), tokens)

    def encode_now(self, texts: Sequence[str], kind: Kind) -> Encoded:
        """Encode without asking or telling the file."""
        vectors, states = self.encoder.encode_whole(texts, kind)
        if states is None:
            return Encoded(vectors, [NO_TOKENS] * len(texts))
        lens = self._lens or self._learnt()
        return Encoded(vectors, [lens.codes(rows, kind) for rows in states])

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _learnt(self) -> Lens:
        """The lens kept in the file, or a new one learnt from questions that are the same for everybody."""
        with self._lock:
            row = self._database.execute("SELECT arrays FROM lens").fetchone()
            if row is None:
                questions = [question for _, question in unrelated_questions()]
                kinds: tuple[Kind, ...] = ("query", "passage")
                lens = Lens.of({kind: self.encoder.encode_whole(questions, kind)[1] or [] for kind in kinds})
                stream = io.BytesIO()
                means = {"query": lens.means["query"], "passage": lens.means["passage"]}
                np.savez(stream, allow_pickle=False, directions=lens.directions, **means)
                with self._database:
                    self._database.execute("INSERT INTO lens VALUES (?)", (stream.getvalue(),))
            else:
                arrays = np.load(io.BytesIO(row[0]), allow_pickle=False)
                lens = Lens({"query": arrays["query"], "passage": arrays["passage"]}, arrays["directions"])
            self._lens = lens
        return lens

    def _stored(self, keys: list[bytes]) -> dict[bytes, _Row]:
        found: dict[bytes, _Row] = {}
        with self._lock:
            for start in range(0, len(keys), 500):
                part = keys[start : start + 500]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, vector, tokens FROM encoded WHERE key IN ({marks})"  # noqa: S608 - question marks
                found.update((key, (vector, tokens)) for key, vector, tokens in self._database.execute(query, part))
        return found

    def _store(self, rows: dict[bytes, _Row]) -> None:
        with self._lock, self._database:
            values = [(key, *row) for key, row in rows.items()]
            self._database.executemany("INSERT OR REPLACE INTO encoded VALUES (?, ?, ?)", values)
