"""Vectors kept on disk, so that a text is encoded once by one encoder: a warm start encodes nothing."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from encoder import Encoder, Kind
from encoder.model import Vectors

CHUNK = 128
Progress = Callable[[int, int], None]


class VectorCache:
    """encode() with a memory: one SQLite file for each encoder, named by its fingerprint; no folder, no file."""

    def __init__(self, encoder: Encoder, folder: Path | None) -> None:
        self.encoder = encoder
        self._lock = threading.Lock()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        name = str(folder / f"{encoder.fingerprint}.sqlite3") if folder is not None else ":memory:"
        self._database = sqlite3.connect(name, timeout=30, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    def encode(self, texts: Sequence[str], kind: Kind, progress: Progress | None = None) -> Vectors:
        """float32 (len(texts), dimension), unit rows. Stored as it goes on, so an interrupted run is taken up again."""
        keys = [hashlib.sha256(f"{kind}\0{text}".encode("utf-8", "replace")).digest()[:16] for text in texts]
        vectors = self._stored(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in vectors}
        pending = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(pending), CHUNK):
            chunk = pending[start : start + CHUNK]
            made = self.encoder.encode([text for _, text in chunk], kind)
            vectors.update(zip((key for key, _ in chunk), made, strict=True))
            self._store([(key, row.tobytes()) for (key, _), row in zip(chunk, made, strict=True)])
            if progress:
                progress(min(start + CHUNK, len(pending)), len(pending))
        if not keys:
            return np.zeros((0, self.encoder.dimension), dtype=np.float32)
        return np.stack([vectors[key] for key in keys])

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _stored(self, keys: list[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        with self._lock:
            for start in range(0, len(keys), 500):
                part = keys[start : start + 500]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608 - question marks only
                rows = self._database.execute(query, part)
                found.update((key, np.frombuffer(blob, dtype=np.float32)) for key, blob in rows)
        return found

    def _store(self, rows: list[tuple[bytes, bytes]]) -> None:
        with self._lock, self._database:
            self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
