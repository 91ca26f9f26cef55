"""Questions grouped by meaning: how well, how many groups, how long; and 10,000 of them as the studio's job."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.figures import percentile
from bench.memory import processor_seconds, resident
from bench.serving import Served, call, serving
from bench.sets import read
from bench.talk import say
from knowledge_base.measuring.grouping import show as shown

Json = dict[str, Any]
_ARTICLES = Path(__file__).parents[1] / "knowledge_base" / "articles"
MANY = 10_000
SEARCHED = "how do i change my address"


def measure(data: Path, keep: Path) -> Json:
    """`{test: figures of the command line, job: {n, seconds, groups, …}}`."""
    folder = data / "clinc150_en"
    say("4,500 questions nobody tuned on, beside k-means on the plain encoder")
    command = [sys.executable, "-m", "knowledge_base", "group", "--questions", str(folder / "test.jsonl"), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own command
    say("10,000 questions as a job of a running knowledge base, searches meanwhile")
    with serving(_ARTICLES, keep) as served:
        job = _job(served, folder)
        say("the same 10,000 again: nothing is to be encoded")
        again = _job(served, folder)
    return {"test": json.loads(done.stdout), "job": job, "again": again}


def _job(served: Served, folder: Path) -> Json:
    rows = read(folder / "train.jsonl")
    random.Random(5).shuffle(rows)  # noqa: S311 - the same questions each time
    questions = [{"id": str(n), "text": row["text"], "locale": "en"} for n, row in enumerate(rows[:MANY])]
    status = Path(f"/proc/{served.pid}/status")
    before, highest, searches = resident(status), 0.0, list[float]()
    started, processor = time.perf_counter(), processor_seconds(served.pid)
    job = call(served.base, "/studio/groups", {"questions": questions})["job"]
    while True:
        told = call(served.base, f"/studio/jobs/{job}")
        highest = max(highest, resident(status))
        if told["state"] != "running":
            break
        asked = time.perf_counter()
        call(served.base, "/search", {"question": SEARCHED, "locale": "en"})
        searches.append(time.perf_counter() - asked)
        time.sleep(0.2)
    if told["state"] != "done":
        raise RuntimeError(f"the job ended as {told['state']}: {told['error']}")
    return {
        "n": len(questions),
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(processor_seconds(served.pid) - processor, 1),
        "groups": len(told["result"]["groups"]),
        "memory_added_mb": round(highest - before),
        "search_ms": {
            "p95": round(percentile(searches or [0.0], 0.95) * 1000),
            "longest": round(max(searches, default=0.0) * 1000),
        },
        "load": round(os.getloadavg()[0], 1),
    }


def show(found: Json) -> str:
    """The figures as lines."""
    job, again = found["job"], found["again"]
    share = again["cpu_seconds"] / max(job["cpu_seconds"], 0.1)
    return "\n".join(
        [
            shown(found["test"]),
            f"{job['n']} questions as a job: {job['groups']} groups in {job['seconds']} s at load {job['load']}",
            f"  of the processor, with the searches meanwhile: {job['cpu_seconds']} s",
            f"  the same once more: {again['seconds']} s, of the processor {again['cpu_seconds']} s",
            f"    that is {share:.2f} of the first time, the baseline",
            f"  memory added {job['memory_added_mb']} MB",
            f"  searches meanwhile: p95 {job['search_ms']['p95']} ms, the longest {job['search_ms']['longest']} ms",
        ]
    )
