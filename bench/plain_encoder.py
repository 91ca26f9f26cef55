"""The yardstick: plain sentence-transformers encoding questions, in a process of its own with nothing around it.

``python -m bench.plain_encoder MODEL THREADS`` (0: as it comes) answers each line ``{"questions", "batch"}`` on stdin
with a line ``{"seconds", "threads", "rss_mb"}``: the seconds of each call.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import IO, Any

from bench.memory import resident

Json = dict[str, Any]
WARM_UP = 10


class Yardstick:
    """Asks such a process; it waits, and takes no time of anybody's, in between."""

    def __init__(self, asked: IO[str], told: IO[str]) -> None:
        self._asked, self._told = asked, told
        self.threads = 0
        self.rss_mb = 0.0

    def seconds(self, questions: Sequence[str], batch: int = 1) -> list[float]:
        """How long each call took, `batch` questions to a call."""
        self._asked.write(json.dumps({"questions": list(questions), "batch": batch}) + "\n")
        self._asked.flush()
        line = self._told.readline()
        if not line:
            raise RuntimeError("plain sentence-transformers ended without an answer")
        answer: Json = json.loads(line)
        self.threads, self.rss_mb = answer["threads"], answer["rss_mb"]
        return [float(value) for value in answer["seconds"]]


@contextmanager
def yardstick(model: str, threads: int, questions: Sequence[str]) -> Iterator[Yardstick]:
    """Started and warm; `threads` 0 leaves the number to torch, whatever this environment says."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    command = [sys.executable, "-m", "bench.plain_encoder", model, str(threads)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=kept, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no way to talk to the yardstick")
        made = Yardstick(process.stdin, process.stdout)
        made.seconds(questions[:WARM_UP])
        yield made
        process.stdin.close()


def main() -> None:
    """Encodes what it is sent until there is nothing more."""
    import torch  # noqa: PLC0415 - in the yardstick's process alone
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    model, threads = sys.argv[1], int(sys.argv[2])
    if threads:
        torch.set_num_threads(threads)
    encoder = SentenceTransformer(model, device="cpu")
    for line in sys.stdin:
        asked = json.loads(line)
        texts, batch = [f"query: {question}" for question in asked["questions"]], asked["batch"]
        taken = []
        for start in range(0, len(texts), batch):
            started = perf_counter()
            encoder.encode(texts[start : start + batch], batch_size=batch, show_progress_bar=False)
            taken.append(perf_counter() - started)
        memory = resident(Path("/proc/self/status"))
        told = {"seconds": taken, "threads": torch.get_num_threads(), "rss_mb": memory}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
