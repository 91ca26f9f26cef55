"""Encodes the texts of many articles ahead of their use, so that whoever needs their vectors finds them kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from knowledge_base.content.article import Article
from knowledge_base.retrieval.index import units_of
from knowledge_base.retrieval.vectors import Progress, VectorCache

CHUNK = 128  # texts; what an interruption loses at most, for each worker


def texts_of(articles: Iterable[Article]) -> list[str]:
    """Every distinct text that the index will ask a vector for."""
    return list(dict.fromkeys(full for article in articles for _, full, _ in units_of(article)))


def warm(cache: VectorCache, texts: Sequence[str], progress: Progress | None = None) -> None:
    """Encode what the cache does not hold, on all cores.

    Chunks run side by side on one-threaded encoding: on a busy machine that is faster than sharing each matrix product
    among the cores. What is done is kept at once, so that an interrupted run is taken up where it was.
    """
    cores = os.cpu_count() or 1
    chunks = iter([texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)])
    done = 0
    with ThreadPoolExecutor(cores, thread_name_prefix="encode") as pool:
        running = {_submitted(pool, cache, chunk) for chunk in _first(chunks, cores)}
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                done += future.result()
                running |= {_submitted(pool, cache, chunk) for chunk in _first(chunks, 1)}
            if progress:
                progress(done, len(texts))


def _submitted(pool: ThreadPoolExecutor, cache: VectorCache, chunk: Sequence[str]) -> Future[int]:
    def encode() -> int:
        return len(cache.encode(chunk, "passage").vectors)

    return pool.submit(encode)


def _first(chunks: Iterator[Sequence[str]], count: int) -> Iterator[Sequence[str]]:
    for _ in range(count):
        chunk = next(chunks, None)
        if chunk is not None:
            yield chunk
