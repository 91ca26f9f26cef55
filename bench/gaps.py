"""Questions grouped by meaning: how well, how many groups, how long; and 10,000 of them as the studio's job."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench.memory import resident
from bench.serving import Served, serving
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
    return {"test": json.loads(done.stdout), "job": job}


def _job(served: Served, folder: Path) -> Json:
    rows = read(folder / "train.jsonl")
    random.Random(5).shuffle(rows)  # noqa: S311 - the same questions each time
    questions = [{"id": str(n), "text": row["text"], "locale": "en"} for n, row in enumerate(rows[:MANY])]
    status = Path(f"/proc/{served.pid}/status")
    before, highest, searches = resident(status), 0.0, list[float]()
    started = time.perf_counter()
    job = _call(served, "/studio/groups", {"questions": questions})["job"]
    while True:
        told = _call(served, f"/studio/jobs/{job}")
        highest = max(highest, resident(status))
        if told["state"] != "running":
            break
        asked = time.perf_counter()
        _call(served, "/search", {"question": SEARCHED, "locale": "en"})
        searches.append(time.perf_counter() - asked)
        time.sleep(0.2)
    if told["state"] != "done":
        raise RuntimeError(f"the job ended as {told['state']}: {told['error']}")
    return {
        "n": len(questions),
        "seconds": round(time.perf_counter() - started, 1),
        "groups": len(told["result"]["groups"]),
        "memory_added_mb": round(highest - before),
        "longest_search_ms": round(max(searches, default=0.0) * 1000),
        "load": round(os.getloadavg()[0], 1),
    }


def _call(served: Served, path: str, body: Json | None = None) -> Json:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(served.base + path, data, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - our own address
        found: Json = json.load(response)
    return found


def show(found: Json) -> str:
    """The figures as lines."""
    job = found["job"]
    return "\n".join(
        [
            shown(found["test"]),
            f"{job['n']} questions as a job: {job['groups']} groups in {job['seconds']} s at load {job['load']}",
            f"  memory added {job['memory_added_mb']} MB; longest search meanwhile {job['longest_search_ms']} ms",
        ]
    )
