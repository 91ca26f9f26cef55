"""The studio at 5,000 articles: 2,000 questions replayed against a draft, beside asking `/search` one by one."""

from __future__ import annotations

import itertools
import json
import os
import random
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.figures import percentile
from bench.help_centre import ARTICLES, write
from bench.serving import Served, serving
from bench.talk import say
from knowledge_base.content.parsing import parse_article

Json = dict[str, Any]
QUESTIONS = 2_000
ONE_BY_ONE = 100  # of them; twice each, as a replay asks with the draft and without it
LISTED = 40
TRIED = 5
PATIENCE_SECONDS = 600.0
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
    """`{articles, replay, list, try, collisions_seconds}`, from one knowledge base at work."""
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as made:
        folder = Path(made, "articles")
        say(f"writing {ARTICLES} articles")
        write(folder)
        say("starting a knowledge base on them")
        with serving(folder, keep) as served:
            questions = _questions()
            say(f"a list of {ARTICLES} articles, {LISTED} times")
            lists = [_timed(served, f"/studio/articles{_LISTS[n % len(_LISTS)]}") for n in range(LISTED)]
            one_by_one = _one_by_one(served, questions)
            replay = _replayed(served, questions)
            tries = [
                _timed(served, "/studio/try", {"form": DRAFT, "question": one, "locale": "fr"})
                for one in questions[:TRIED]
            ]
            collisions = _timed(served, "/studio/collisions", {"form": DRAFT})
    alone = one_by_one * 2 * QUESTIONS
    return {
        "articles": ARTICLES,
        "list_ms": {"p50": round(percentile(lists, 0.5) * 1000), "p95": round(percentile(lists, 0.95) * 1000)},
        "replay": replay | {"one_by_one_seconds": round(alone, 1), "ratio": round(alone / replay["seconds"], 2)},
        "try_ms": round(percentile(tries, 0.5) * 1000),
        "collisions_seconds": round(collisions, 1),
        "load": round(os.getloadavg()[0], 1),
    }


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


def _one_by_one(served: Served, questions: Sequence[str]) -> float:
    """Seconds of one search, of questions that the replay does not hold in memory yet."""
    say(f"{ONE_BY_ONE} questions asked one by one")
    asked = [f"{question} merci" for question in questions[:ONE_BY_ONE]]
    return sum(_timed(served, "/search", {"question": one, "locale": "fr"}) for one in asked) / len(asked)


def _replayed(served: Served, questions: Sequence[str]) -> Json:
    say(f"{len(questions)} questions replayed")
    rows = [{"id": str(n), "question": one, "locale": "fr", "count": 1} for n, one in enumerate(questions)]
    started = time.perf_counter()
    job = _call(served, "/studio/replay", {"forms": [DRAFT], "questions": rows})["job"]
    while (told := _call(served, f"/studio/jobs/{job}"))["state"] == "running":
        if time.perf_counter() - started > PATIENCE_SECONDS:
            raise RuntimeError(f"not done within {PATIENCE_SECONDS:.0f} s: {told['done']} of {told['total']}")
        time.sleep(0.1)
    if told["state"] != "done":
        raise RuntimeError(f"the job ended as {told['state']}: {told['error']}")
    return {
        "questions": len(rows),
        "seconds": round(time.perf_counter() - started, 1),
        "changes": len(told["result"]["changes"]),
    }


def _timed(served: Served, path: str, body: Json | None = None) -> float:
    started = time.perf_counter()
    _call(served, path, body)
    return time.perf_counter() - started


def _call(served: Served, path: str, body: Json | None = None) -> Json:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(served.base + path, data, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310 - our own address
        found: Json = json.load(response)
    return found


def show(found: Json) -> str:
    """The figures as lines."""
    replay, lists = found["replay"], found["list_ms"]
    seconds = replay["one_by_one_seconds"]
    alone = f"/search one by one, with the draft and without it, {seconds} s, {replay['ratio']} times as long"
    return "\n".join(
        [
            f"{found['articles']} articles, load {found['load']}",
            f"  list: p50 {lists['p50']} ms, p95 {lists['p95']} ms",
            f"  replay of {replay['questions']} questions: {replay['seconds']} s; {alone}",
            f"  a question tried: {found['try_ms']} ms; collisions: {found['collisions_seconds']} s",
        ]
    )
