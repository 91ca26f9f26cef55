"""Long work with progress: started, watched, cancelled; what it found is kept for an hour."""

from __future__ import annotations

import asyncio
import inspect
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog

from knowledge_base.studio.errors import StudioError
from knowledge_base.studio.giving_way import give_way

log = structlog.get_logger()
State = Literal["running", "done", "failed", "cancelled"]
KEPT_SECONDS = 3600.0
MOST_RUNNING = 8
THREADS = 2


class Cancelled(Exception):  # noqa: N818 - it is no error
    """Raised inside a job by its report when somebody has cancelled it."""


@dataclass
class Job:
    """One piece of work; `total` may be learnt on the way."""

    id: str
    kind: str
    total: int
    done: int = 0
    state: State = "running"
    result: Any = None
    error: dict[str, str] | None = None
    ended: float | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    def as_json(self) -> dict[str, Any]:
        """As `GET /studio/jobs/{id}` tells it."""
        names = ("kind", "state", "done", "total", "result", "error")
        return {"job": self.id, **{name: getattr(self, name) for name in names}}


class Report:
    """Given to a job, which tells by it how far it is."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def __call__(self, done: int, total: int | None = None) -> None:
        """So many steps are done, of so many if that is known better now. Raises Cancelled if it is to stop."""
        if self._job.stop.is_set():
            raise Cancelled
        self._job.done = done
        self._job.total = self._job.total if total is None else total


Run = Callable[[Report], Any]  # or a coroutine function


class Jobs:
    """An ordinary function runs in a thread that gives way, a coroutine function on the event loop.

    Both are given a Report.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(THREADS, "job", give_way)

    def start(self, kind: str, total: int, run: Run) -> str:
        """Begin; returns the job's id. `total`: how many steps there are, 0 when not known yet."""
        self._forget()
        if sum(job.state == "running" for job in self._jobs.values()) >= MOST_RUNNING:
            raise StudioError("too_many_jobs", 429, "Too much is being worked on already: try again in a minute.")
        job = Job(secrets.token_urlsafe(9), kind, total)
        self._jobs[job.id] = job
        task = asyncio.get_running_loop().create_task(self._run(job, run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job.id

    def get(self, job_id: str) -> Job | None:
        """The job, None when there is none, or none any more."""
        self._forget()
        return self._jobs.get(job_id)

    def cancel(self, job_id: str) -> Job | None:
        """Ask it to stop: it does at its next report. One that has ended stays as it is."""
        job = self.get(job_id)
        if job is not None:
            job.stop.set()
        return job

    async def close(self) -> None:
        """Stop what runs, and wait for it."""
        for job in self._jobs.values():
            job.stop.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown()

    async def _run(self, job: Job, run: Run) -> None:
        report = Report(job)
        try:
            if inspect.iscoroutinefunction(run):
                job.result = await run(report)
            else:
                job.result = await asyncio.get_running_loop().run_in_executor(self._threads, run, report)
            job.done, job.state = max(job.done, job.total), "done"
        except Cancelled:
            job.state = "cancelled"
        except StudioError as error:
            job.state, job.error = "failed", {"code": error.code, "message": error.message}
        except Exception:
            log.exception("job_failed", kind=job.kind)
            job.state, job.error = "failed", {"code": "internal_error", "message": "The work met an unexpected error."}
        finally:
            job.ended = self._clock()

    def _forget(self) -> None:
        now = self._clock()
        self._jobs = {k: j for k, j in self._jobs.items() if j.ended is None or now - j.ended < KEPT_SECONDS}
