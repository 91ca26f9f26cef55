"""Long work is started, watched, cancelled and forgotten."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from knowledge_base.studio import web as studio_web
from knowledge_base.studio.errors import StudioError
from knowledge_base.studio.jobs import KEPT_SECONDS, MOST_RUNNING, Jobs, Report

Client = TestClient[web.Request, web.Application]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def ended(jobs: Jobs, job_id: str) -> dict[str, object]:
    while (job := jobs.get(job_id)) is not None and job.state == "running":
        await asyncio.sleep(0.01)
    assert job is not None
    return job.as_json()


@pytest.fixture
async def jobs() -> AsyncIterator[Jobs]:
    made = Jobs(Clock())
    yield made
    await made.close()


async def test_a_thread_and_a_coroutine_tell_how_far_they_are(jobs: Jobs) -> None:
    waiting = threading.Event()

    def counting(report: Report) -> list[int]:
        report(1)
        waiting.wait(30)
        report(2, 3)
        return [1, 2]

    async def awaiting(report: Report) -> str:
        report(5, 5)
        return "found"

    first = jobs.start("counting", 2, counting)
    while (job := jobs.get(first)) and not job.done:
        await asyncio.sleep(0.01)
    assert job is not None
    assert job.as_json() == {
        "job": first, "kind": "counting", "state": "running", "done": 1, "total": 2, "result": None, "error": None
    }  # fmt: skip
    waiting.set()
    told = await ended(jobs, first)
    assert (told["state"], told["done"], told["total"], told["result"]) == ("done", 3, 3, [1, 2])
    assert (await ended(jobs, jobs.start("awaiting", 0, awaiting)))["result"] == "found"


async def test_a_cancelled_one_stops_at_its_next_report(jobs: Jobs) -> None:
    def endless(report: Report) -> None:
        while True:
            report(1)

    job_id = jobs.start("endless", 0, endless)
    assert jobs.cancel(job_id) is not None
    assert (await ended(jobs, job_id))["state"] == "cancelled"
    assert jobs.cancel("no-such") is None


async def test_what_failed_says_so_and_tells_nothing_it_should_not(jobs: Jobs) -> None:
    def refused(report: Report) -> None:
        raise StudioError("no_articles", 422, "There is no article.")

    def broken(report: Report) -> None:
        raise RuntimeError("a secret path")

    told = await ended(jobs, jobs.start("refused", 0, refused))
    assert (told["state"], told["error"]) == ("failed", {"code": "no_articles", "message": "There is no article."})
    told = await ended(jobs, jobs.start("broken", 0, broken))
    assert told["state"] == "failed"
    assert "secret" not in str(told)


async def test_a_result_is_kept_for_an_hour(jobs: Jobs) -> None:
    job_id = jobs.start("quick", 0, lambda report: "here")
    await ended(jobs, job_id)
    jobs._clock.now = KEPT_SECONDS - 1  # type: ignore[attr-defined]
    assert jobs.get(job_id)
    jobs._clock.now = KEPT_SECONDS + 1  # type: ignore[attr-defined]
    assert jobs.get(job_id) is None


async def test_so_many_at_once_and_no_more(jobs: Jobs) -> None:
    waiting = asyncio.Event()

    async def wait(report: Report) -> None:
        await waiting.wait()

    for _ in range(MOST_RUNNING):
        jobs.start("waiting", 0, wait)
    with pytest.raises(StudioError, match="Too much"):
        jobs.start("waiting", 0, wait)
    waiting.set()


async def test_jobs_over_http() -> None:
    app = web.Application(middlewares=[studio_web.refusals])
    studio_web.add_routes(app)
    async with TestClient(TestServer(app)) as client:
        job_id = app[studio_web.JOBS].start("quick", 1, lambda report: {"found": 1})
        await ended(app[studio_web.JOBS], job_id)
        answer = await client.get(f"/studio/jobs/{job_id}")
        assert (answer.status, (await answer.json())["result"]) == (200, {"found": 1})
        assert (await client.delete(f"/studio/jobs/{job_id}")).status == 200
        lost = await client.get("/studio/jobs/no-such")
        assert (lost.status, (await lost.json())["error"]["code"]) == (404, "not_found")
