"""The studio at 5,000 articles: its list and search through bot's door beside the engine's own, a replay of 2,000
questions, and duplicates by meaning, both beside `/search` asked one by one."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.figures import percentile
from bench.help_centre import ARTICLES, serving_bot, write
from bench.memory import processor_seconds, resident
from bench.serving import Served, call, serving
from bench.talk import say
from knowledge_base.content.parsing import parse_article

Json = dict[str, Any]
QUESTIONS = 2_000
ONE_BY_ONE = 100  # of them; twice each, as a replay asks with the draft and without it
LISTED = 40
WARM_UP = 5
TRIED = 5
PATIENCE_SECONDS = 300.0  # for a replay; it is cancelled then, and the run ends
TOLD_EVERY_SECONDS = 10.0
_EMAIL, _PASSWORD = "bench@maison-alder.test", "bench-of-the-studio"  # of a user who exists for this run alone
_SHIPPED = Path(__file__).parents[1] / "knowledge_base" / "articles" / "fr"
_LISTS = ("", "?q=colis", "?topic=delivery", "?state=published&offset=2000", "?q=carte%20cadeau&locale=fr")
DRAFT: Json = {
    "article_id": "bench-draft",
    "locale": "fr",
    "slug": "bench-draft",
    "title": "Puis-je faire graver un prénom ?",
    "questions": ["graver un prénom", "gravure sur un meuble"],
    "answer": "Oui, en trois jours.",
    "topic": "products",
    "body": "Le prénom est gravé au laser.",
}


def measure(keep: Path) -> Json:
    """`{articles, list_ms, duplicates, replay, try_ms, collisions_seconds, …}`, from one knowledge base and one bot."""
    reused = any((keep / "vectors").glob("*.sqlite3"))
    with _folders(keep) as (folder, var):
        say(f"starting a knowledge base on {ARTICLES} articles; vectors of an earlier run: {'yes' if reused else 'no'}")
        with serving(folder, var) as served:
            listed = _listed(served)
            questions = _questions()
            one_by_one, alone_cpu = _one_by_one(served, questions)
            duplicates = _duplicates(served, questions[0])
            first = _replayed(served, questions, DRAFT)
            again = _replayed(served, questions, DRAFT | {"title": "Gravez-vous les prénoms ?"})
            tries = [
                _timed(served.base, "/studio/try", {"form": DRAFT, "question": one, "locale": "fr"})
                for one in questions[:TRIED]
            ]
            collisions = _timed(served.base, "/studio/collisions", {"form": DRAFT})
    alone = {"seconds": round(one_by_one * 2 * QUESTIONS, 1), "cpu_seconds": round(alone_cpu * 2 * QUESTIONS, 1)}
    return {
        "articles": ARTICLES,
        "reused_vectors": reused,
        "ready_seconds": served.ready_seconds,
        "list_ms": listed,
        "duplicates": duplicates | {"one_by_one_seconds": round(one_by_one * ARTICLES, 1)},
        "replay": {"first": first, "another_draft": again, "one_by_one": alone},
        "try_ms": round(percentile(tries, 0.5) * 1000),
        "collisions_seconds": round(collisions, 1),
        "load": round(os.getloadavg()[0], 1),
    }


@contextmanager
def _folders(keep: Path) -> Iterator[tuple[Path, Path]]:
    """Articles, and a `var` of their own: drafts and history are this run's, vectors those of every run."""
    (keep / "vectors").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as made:
        say(f"writing {ARTICLES} articles")
        write(Path(made, "articles"))
        Path(made, "var").mkdir()
        Path(made, "var", "vectors").symlink_to(keep / "vectors")
        yield Path(made, "articles"), Path(made, "var")


def _listed(served: Served) -> Json:
    """The same pages in turns: through bot's door as a writer's browser asks, and the engine's own (the baseline)."""
    with serving_bot("bot", served.base) as bot:
        command = [sys.executable, "-m", "bot", "users", "add", _EMAIL, "--name", "Bench", "--role", "writer"]
        subprocess.run(  # noqa: S603 - our own command
            command, input=_PASSWORD, text=True, env=os.environ | bot.environment, check=True, capture_output=True
        )
        signed = call(bot.base, "/api/v1/desk/session", {"email": _EMAIL, "password": _PASSWORD})
        headers = {"Authorization": f"Bearer {signed['token']}"}
        say(f"a list of {ARTICLES} articles, {LISTED} times by each door")
        door, engine = list[float](), list[float]()
        for number in range(WARM_UP + LISTED):
            asked = _LISTS[number % len(_LISTS)]
            by_door = _timed(bot.base, f"/api/v1/studio/articles{asked}", headers=headers)
            by_engine = _timed(served.base, f"/studio/articles{asked}")
            if number >= WARM_UP:
                door.append(by_door)
                engine.append(by_engine)
    return {"door": _milliseconds(door), "engine": _milliseconds(engine)}


def _duplicates(served: Served, question: str) -> Json:
    """All pairs for the first time, then once more; what a customer waits for meanwhile, and what alone."""
    say("duplicates among all of them")
    asked = {"question": question, "locale": "fr"}
    alone = [_timed(served.base, "/search", asked) for _ in range(LISTED)]
    status = Path(f"/proc/{served.pid}/status")
    before, highest, meanwhile = resident(status), 0.0, list[float]()
    with ThreadPoolExecutor(1) as beside:
        first = beside.submit(_timed, served.base, "/studio/duplicates")
        while not first.done():
            meanwhile.append(_timed(served.base, "/search", asked))
            highest = max(highest, resident(status))
    again = _timed(served.base, "/studio/duplicates")
    return {
        "seconds": round(first.result(), 1),
        "again_ms": round(again * 1000),
        "memory_added_mb": round(highest - before),
        "search_ms": {"alone": _milliseconds(alone), "meanwhile": _milliseconds(meanwhile)},
    }


def _milliseconds(seconds: Sequence[float]) -> Json:
    return {f"p{share}": round(percentile(seconds, share / 100) * 1000) for share in (50, 95)}


def _questions() -> list[str]:
    """The shipped articles' own, each with another beginning, in an order of their own: all differ."""
    articles = [
        parse_article(p.read_text("utf-8"), locale="fr", slug=p.stem, path=None)[0]
        for p in sorted(_SHIPPED.glob("*.md"))
    ]
    own = [question for article in articles if article for question in article.questions]
    begun = ("", "bonjour ", "svp ", "dites-moi, ", "je demande : ", "s'il vous plaît ")
    made = [start + one for start, one in itertools.product(begun, own)]
    random.Random(5).shuffle(made)  # noqa: S311 - the same questions each time
    return list(dict.fromkeys(made))[:QUESTIONS]


def _one_by_one(served: Served, questions: Sequence[str]) -> tuple[float, float]:
    """Seconds, and processor seconds, of one search, of questions that the replay does not hold in memory yet."""
    say(f"{ONE_BY_ONE} questions asked one by one")
    asked, before = [f"{question} merci" for question in questions[:ONE_BY_ONE]], processor_seconds(served.pid)
    taken = sum(_timed(served.base, "/search", {"question": one, "locale": "fr"}) for one in asked)
    return taken / len(asked), (processor_seconds(served.pid) - before) / len(asked)


def _replayed(served: Served, questions: Sequence[str], draft: Json) -> Json:
    say(f"{len(questions)} questions replayed")
    rows = [{"id": str(n), "question": one, "locale": "fr", "count": 1} for n, one in enumerate(questions)]
    started, before, told_at = time.perf_counter(), processor_seconds(served.pid), time.perf_counter()
    job = call(served.base, "/studio/replay", {"forms": [draft], "questions": rows})["job"]
    while (told := call(served.base, f"/studio/jobs/{job}"))["state"] == "running":
        now = time.perf_counter()
        if now - started > PATIENCE_SECONDS:
            call(served.base, f"/studio/jobs/{job}", method="DELETE")
            break
        if now - told_at > TOLD_EVERY_SECONDS:
            say(f"  {told['done']} of {told['total']}")
            told_at = now
        time.sleep(0.1)
    if told["state"] not in ("done", "running"):
        raise RuntimeError(f"the job ended as {told['state']}: {told['error']}")
    return {
        "questions": told["done"],
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(processor_seconds(served.pid) - before, 1),
        "changes": len(told["result"]["changes"]) if told["result"] else None,
    }


def _timed(base: str, path: str, body: Json | None = None, headers: Mapping[str, str] | None = None) -> float:
    started = time.perf_counter()
    call(base, path, body, headers)
    return time.perf_counter() - started


def show(found: Json) -> str:
    """The figures as lines."""
    door, engine, replay = found["list_ms"]["door"], found["list_ms"]["engine"], found["replay"]
    alone = replay["one_by_one"]
    reused = "vectors of an earlier run" if found["reused_vectors"] else "everything encoded in this run"
    lines = [
        f"{found['articles']} articles, load {found['load']}; {reused}, ready in {found['ready_seconds']} s",
        f"  list and search by bot's door: p50 {door['p50']} ms, p95 {door['p95']} ms",
        f"    baseline, the engine's own door: p50 {engine['p50']} ms, p95 {engine['p95']} ms",
        f"    bot's p95 is {door['p95'] / max(engine['p95'], 1):.2f} times as long",
    ]
    for name, key in (("replay", "first"), ("the same questions, another draft", "another_draft")):
        one = replay[key]
        whole = f"{one['questions']} questions in {one['seconds']} s, {one['cpu_seconds']} s of processor"
        if one["changes"] is None:
            lines.append(f"  {name}: stopped after {whole}")
            continue
        ratios = (alone[kind] / max(one[kind], 0.1) for kind in ("seconds", "cpu_seconds"))
        lines.append(
            "  {}: {}; one by one {:.2f} times as long, {:.2f} times the processor".format(name, whole, *ratios)
        )
    lines.append(
        f"    baseline, /search one by one, with the draft and without it: {alone['seconds']} s, "
        f"{alone['cpu_seconds']} s of processor (from {ONE_BY_ONE} questions)"
    )
    lines += _shown(found["duplicates"])
    return "\n".join([*lines, f"  a question tried: {found['try_ms']} ms; collisions: {found['collisions_seconds']} s"])


def _shown(pairs: Json) -> list[str]:
    alone, meanwhile = (pairs["search_ms"][when]["p95"] for when in ("alone", "meanwhile"))
    took = f"{pairs['seconds']} s, once more {pairs['again_ms']} ms"
    return [
        f"  duplicates among them all: {took}; memory added {pairs['memory_added_mb']} MB",
        f"    baseline, /search asked for each article, one by one: {pairs['one_by_one_seconds']} s",
        f"    p95 of a search meanwhile {meanwhile} ms; baseline, nothing meanwhile: {alone} ms",
    ]
