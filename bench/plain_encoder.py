"""The yardstick, in a process of its own: sentence-transformers encoding the same questions, nothing around it.

``python -m bench.plain_encoder MODEL THREADS``: a JSON list of questions in, one JSON object out. THREADS 0: as it
comes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter

import torch
from sentence_transformers import SentenceTransformer

from bench.figures import summarise
from bench.memory import resident

WARM_UP = 10
BATCH = 8


def main() -> None:
    """Encodes one at a time, then in batches."""
    model, threads = sys.argv[1], int(sys.argv[2])
    if threads:
        torch.set_num_threads(threads)
    questions = [f"query: {question}" for question in json.load(sys.stdin)]
    encoder = SentenceTransformer(model, device="cpu")
    for question in questions[:WARM_UP]:
        encoder.encode([question], show_progress_bar=False)
    taken = []
    for question in questions:
        started = perf_counter()
        encoder.encode([question], show_progress_bar=False)
        taken.append(perf_counter() - started)
    started = perf_counter()
    for start in range(0, len(questions), BATCH):
        encoder.encode(questions[start : start + BATCH], batch_size=BATCH, show_progress_bar=False)
    batched = len(questions) / (perf_counter() - started)
    found = summarise(taken, sum(taken)).shown() | {"threads": torch.get_num_threads(), "batched": round(batched, 1)}
    sys.stdout.write(json.dumps(found | {"rss_mb": resident(Path("/proc/self/status"))}) + "\n")


if __name__ == "__main__":
    main()
