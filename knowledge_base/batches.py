"""Questions that arrive while others are being encoded are encoded together, in one thread beside the event loop.

A question alone waits for nobody: there is no timer. One thread only, so that two encodings do not fight for one core.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge_base.knowledge import KnowledgeBase, Prepared
from knowledge_base.retrieval.engine import Question

MOST = 16  # questions in one batch: beyond it the first waits long and encoding gets no faster
Answer = dict[str, object]
Search = Callable[[Sequence[Question]], Answer]


@dataclass(frozen=True)
class _Asked:
    texts: Sequence[Prepared]  # to be encoded; none when no vector is needed
    search: Search
    answer: asyncio.Future[Answer]


class Batches:
    """Takes searches from the event loop that made it, and gives each a future."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._knowledge = knowledge
        self._loop = asyncio.get_running_loop()
        self._waiting: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="search", daemon=True)
        self._thread.start()

    async def ask(self, texts: Sequence[Prepared], search: Search) -> Answer:
        """What `search` returns for `texts` encoded; raises what it raises."""
        asked = _Asked(texts, search, self._loop.create_future())
        self._waiting.put(asked)
        return await asked.answer

    async def close(self) -> None:
        """Answer what is waiting, then end the thread."""
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            while len(batch) < MOST and not self._waiting.empty():
                following = self._waiting.get()
                if following is None:
                    self._waiting.put(None)
                    break
                batch.append(following)
            self._run([asked for asked in batch if not asked.answer.cancelled()])

    def _run(self, batch: list[_Asked]) -> None:
        try:
            questions = self._knowledge.encode([text for asked in batch for text in asked.texts])
        except Exception as error:  # noqa: BLE001 - the thread must live: what went wrong belongs to those who asked
            for asked in batch:
                self._tell(asked, asked.answer.set_exception, error)
            return
        for asked in batch:
            own, questions = questions[: len(asked.texts)], questions[len(asked.texts) :]
            try:
                self._tell(asked, asked.answer.set_result, asked.search(own))
            except Exception as error:  # noqa: BLE001 - the same
                self._tell(asked, asked.answer.set_exception, error)

    def _tell(self, asked: _Asked, tell: Callable[[Any], None], what: object) -> None:
        def unless_gone() -> None:
            if not asked.answer.done():
                tell(what)

        self._loop.call_soon_threadsafe(unless_gone)
