"""One knowledge_base process with 5,000 passages: how fast it answers, publishes, and how large it is."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp

from bench.figures import percentile, summarise
from bench.memory import megabytes, resident
from bench.plain_encoder import Yardstick, yardstick
from bench.serving import Served, serving
from bench.sets import read, write
from bench.talk import say
from knowledge_base.retrieval.text import passages
from knowledge_base.settings import load_settings

Json = dict[str, Any]
PASSAGES = 5_000
AT_ONCE = 8
ROUNDS = 4
PUBLISHED = 5
WARM_UP = 20
AFTER_SECONDS = 2.0  # searches go on being timed after an article is found: what follows it in the background counts
PATIENCE_SECONDS = 120.0
ARTICLE = """---
id: bench-{number}
title: Régler le {word} du modèle {number}
questions: ["comment régler le {word} du modèle {number}"]
answer: "Tournez le {word} d’un quart de tour."
topic: products
---
Le {word} du modèle {number} se règle à la main, d’un quart de tour.
"""


def measure(data: Path, keep: Path, count: int) -> Json:
    """All figures of one run; `count` questions one at a time, and as many for each client at once."""
    questions = [row["query"] for row in read(data / "service_public_fr" / "queries.jsonl")]
    random.Random(5).shuffle(questions)  # noqa: S311 - the same questions each time
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as made:
        source, size = _five_thousand(data, Path(made))
        folder = Path(made, "articles")
        say(f"importing {size['articles']} articles, {size['passages']} passages")
        command = [sys.executable, "-m", "knowledge_base", "import", str(source), "--into", str(folder), "--json"]
        environment = os.environ | {"RELAIS_VAR": str(keep)}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own
        imported = json.loads(done.stdout)
        say("starting a knowledge base on them, and plain sentence-transformers")
        model = load_settings().model
        with (
            serving(folder, keep) as served,
            yardstick(model, 1, questions) as single,
            yardstick(model, 0, questions) as free,
        ):
            found = asyncio.run(_measured(served, folder, questions, count, (single, free)))
    best = min(found["plain"], key=lambda each: float(each["p50_ms"]))
    ratios = {
        "p50": round(best["p50_ms"] / found["one_at_a_time"]["p50_ms"], 2),
        "p95": round(best["p95_ms"] / found["one_at_a_time"]["p95_ms"], 2),
        "per_second_one_at_a_time": round(found["one_at_a_time"]["per_second"] / best["per_second"], 2),
        f"per_second_{AT_ONCE}_at_once": round(found["at_once"]["per_second"] / best["per_second"], 2),
        "memory": round(found["memory_mb"]["rss"] / best["rss_mb"], 2),
    }
    return {"size": size, "import_seconds": imported["seconds"], **found, "ratios": ratios}


def _five_thousand(data: Path, folder: Path) -> tuple[Path, Json]:
    rows, held = [], 0
    for row in read(data / "service_public_fr" / "all_articles.jsonl.gz"):
        rows.append(row)
        held += len(passages(row["body"]))
        if held >= PASSAGES:
            break
    return write(folder / "articles.jsonl", rows), {"articles": len(rows), "passages": held}


async def _measured(
    served: Served, folder: Path, questions: Sequence[str], count: int, plain: Sequence[Yardstick]
) -> Json:
    """In rounds that take turns with the yardsticks: what else the machine does falls on all alike."""
    one, again, many, elapsed = list[float](), list[float](), list[float](), 0.0
    fresh = itertools.cycle(questions)  # hundreds in a row that differ: what is remembered of them does not count
    single: list[list[float]] = [[] for _ in plain]
    batched: list[list[float]] = [[] for _ in plain]
    each = max(1, count // ROUNDS)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await _clients(session, served, questions[-WARM_UP:], 1)
        for number in range(ROUNDS):
            say(f"questions, round {number + 1} of {ROUNDS}")
            part = list(itertools.islice(fresh, each))
            one += (await _clients(session, served, part, 1))[0]
            again += (await _clients(session, served, part, 1))[0]
            for place, yard in enumerate(plain):
                single[place] += yard.seconds(part)
                batched[place] += yard.seconds(part, AT_ONCE)
            taken, lasted = await _clients(session, served, list(itertools.islice(fresh, AT_ONCE * each)), AT_ONCE)
            many, elapsed = many + taken, elapsed + lasted
        published = await _publish(session, served, folder, questions)
    memory = {"rss": resident(Path(f"/proc/{served.pid}/status")), "pss": megabytes(served.pid)}
    rows = zip(plain, single, batched, strict=True)
    return {
        "ready_seconds": served.ready_seconds,
        "one_at_a_time": summarise(one, sum(one)).shown(),
        "asked_again": summarise(again, sum(again)).shown(),
        "at_once": summarise(many, elapsed).shown(),
        "plain": [_yardstick(yard, seconds, together) for yard, seconds, together in rows],
        "publish": published,
        "memory_mb": memory,
    }


def _yardstick(yard: Yardstick, seconds: Sequence[float], together: Sequence[float]) -> Json:
    batched = round(len(seconds) / sum(together), 1)
    return summarise(seconds, sum(seconds)).shown() | {
        "threads": yard.threads,
        "batched_per_second": batched,
        "rss_mb": yard.rss_mb,
    }


async def _ask(session: aiohttp.ClientSession, served: Served, question: str) -> tuple[Json, float]:
    """The answer, and the seconds until it was read."""
    started = perf_counter()
    async with session.post(f"{served.base}/search", json={"question": question, "locale": "fr"}) as response:
        response.raise_for_status()
        found: Json = await response.json()
    return found, perf_counter() - started


async def _clients(
    session: aiohttp.ClientSession, served: Served, questions: Sequence[str], clients: int
) -> tuple[list[float], float]:
    """The seconds of each question, and of all of it; the clients share the questions out."""

    async def ask(number: int) -> list[float]:
        return [(await _ask(session, served, question))[1] for question in questions[number::clients]]

    started = perf_counter()
    taken = await asyncio.gather(*(ask(number) for number in range(clients)))
    return [seconds for part in taken for seconds in part], perf_counter() - started


async def _publish(session: aiohttp.ClientSession, served: Served, folder: Path, questions: Sequence[str]) -> Json:
    """Publish some articles one after the other, while somebody goes on searching."""
    found: list[float] = []
    longest: list[float] = []
    for number, word in zip(range(PUBLISHED), ("zibulon", "trachou", "vérolet", "quinquart", "boustrin"), strict=True):
        say(f"publishing an article ({number + 1} of {PUBLISHED})")
        stop = asyncio.Event()
        searching = asyncio.create_task(_search_until(session, served, questions, stop))
        await asyncio.sleep(0.37 * (number + 1))  # anywhere in the rhythm in which the folder is looked at
        hidden = folder / "fr" / f".bench-{number}"
        hidden.write_text(ARTICLE.format(number=number, word=word), "utf-8")
        published = perf_counter()
        hidden.rename(folder / "fr" / f"bench-{number}.md")
        question = f"comment régler le {word} du modèle {number}"
        while True:
            answer, _ = await _ask(session, served, question)
            if answer["results"] and answer["results"][0]["article_id"] == f"bench-{number}":
                break
            if perf_counter() - published > PATIENCE_SECONDS:
                raise RuntimeError(f"the article was not found within {PATIENCE_SECONDS:.0f} s")
            await asyncio.sleep(0.02)
        found.append(perf_counter() - published)
        await asyncio.sleep(AFTER_SECONDS)
        stop.set()
        longest.append(max(await searching))
    return {
        "found_seconds": {"p50": round(percentile(found, 0.5), 2), "worst": round(max(found), 2)},
        "longest_search_ms": {"p50": round(percentile(longest, 0.5) * 1000, 1), "worst": round(max(longest) * 1000, 1)},
        "articles": PUBLISHED,
    }


async def _search_until(
    session: aiohttp.ClientSession, served: Served, questions: Sequence[str], stop: asyncio.Event
) -> list[float]:
    taken: list[float] = []
    for question in itertools.cycle(questions):
        taken.append((await _ask(session, served, question))[1])
        if stop.is_set():
            break
        await asyncio.sleep(0.01)
    return taken


def show(found: Json) -> str:
    """The figures as a table."""
    size, plain = found["size"], found["plain"]
    rows = [("POST /search, one at a time", found["one_at_a_time"])]
    rows += [("  the same questions asked again", found["asked_again"])]
    rows += [(f"POST /search, {AT_ONCE} at once", found["at_once"])]
    rows += [(f"plain sentence-transformers, {each['threads']} thread(s)", each) for each in plain]
    lines = [f"{size['articles']} articles, {size['passages']} passages; ready in {found['ready_seconds']} s"]
    lines += [f"{'':<42}{'p50 ms':>8}{'p95 ms':>8}{'per second':>12}"]
    lines += [f"{name:<42}{row['p50_ms']:>8}{row['p95_ms']:>8}{row['per_second']:>12}" for name, row in rows]
    lines += [f"{'  in batches of 8':<42}{'':>16}{max(each['batched_per_second'] for each in plain):>12}"]
    ratios = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in found["ratios"].items())
    lines += [f"ratios to plain sentence-transformers, the quicker of the two: {ratios}", ""]
    publish, memory = found["publish"], found["memory_mb"]
    lines += [f"publish one article → found: {_pair(publish['found_seconds'])} s ({publish['articles']} articles)"]
    lines += [f"longest search meanwhile: {_pair(publish['longest_search_ms'])} ms"]
    lines += [f"memory: {memory['rss']} MB resident, {memory['pss']} MB proportional; plain {plain[0]['rss_mb']} MB"]
    return "\n".join(lines)


def _pair(row: Json) -> str:
    return f"p50 {row['p50']}, worst {row['worst']}"
