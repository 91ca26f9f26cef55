"""The sets that answers are measured on, in the form that ``knowledge_base evaluate`` reads."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
_ROOT = Path(__file__).parents[1]
_ARTICLES = _ROOT / "knowledge_base" / "articles"
_DEVELOPMENT = _ROOT / "tests" / "knowledge_base" / "data"
_CUSTOMERS = _ROOT / "tests" / "evaluation"
_TAKEN_AWAY = 5  # one article in so many


@dataclass(frozen=True)
class Set:
    """Articles (a file or a folder) and queries, and what they measure."""

    name: str
    about: str
    articles: Path
    queries: Path


def shipped(folder: Path) -> list[Set]:
    """What the clone holds; query files are put together in `folder`."""
    asked = read(_DEVELOPMENT / "dev_fr.jsonl") + read(_DEVELOPMENT / "dev_en.jsonl")
    near, far = read(_DEVELOPMENT / "near_domain.jsonl"), read(_DEVELOPMENT / "off_topic.jsonl")
    customers, elsewhere, next_door = (
        [
            {"query": row["text"], "locale": row["locale"], "relevant": row.get("relevant", [])}
            for row in read(_CUSTOMERS / f"{name}.jsonl")
        ]
        for name in ("customers", "off_topic", "near_domain")
    )
    blind = "Maison Alder: customers' questions, written without sight of the articles"
    made = {
        "alder": ("Maison Alder: development questions, off-topic and near-domain ones", asked + far + near),
        "alder_near": ("the same against the near-domain ones alone", asked + near),
        "alder_customers": (f"{blind}, and off-topic ones", customers + elsewhere),
        "alder_customers_near": (f"{blind}, against near-domain ones alone", customers + next_door),
    }
    return [Set(name, about, _ARTICLES, write(folder / f"{name}.jsonl", rows)) for name, (about, rows) in made.items()]


def public(data: Path, folder: Path) -> list[Set]:
    """Those of the public sets that `data` holds."""
    made: list[Set] = []
    for name, articles in (("cnil_fr", "articles.jsonl"), ("service_public_fr", "articles.jsonl.gz")):
        base = data / name
        if (base / articles).is_file() and (base / "queries.jsonl").is_file():
            made.append(Set(name, "a public French set", base / articles, base / "queries.jsonl"))
            made.append(_taken_away(made[-1], folder))
    if (data / "nosgestesclimat_fr_en" / "faq_fr.jsonl").is_file():
        made += _two_languages(data / "nosgestesclimat_fr_en", folder)
    return made


def _taken_away(whole: Set, folder: Path) -> Set:
    """The same set without a fifth of its articles: their questions are near the domain and have no answer."""
    articles = read(whole.articles)
    gone = {row["id"] for row in articles if hashlib.sha256(row["id"].encode()).digest()[0] % _TAKEN_AWAY == 0}
    texts = {(row["title"], row["body"]) for row in articles if row["id"] in gone}
    gone |= {row["id"] for row in articles if (row["title"], row["body"]) in texts}
    kept = [row for row in articles if row["id"] not in gone]
    queries = [row | {"relevant": [i for i in row["relevant"] if i not in gone]} for row in read(whole.queries)]
    name = f"{whole.name}_less_a_fifth"
    return Set(
        name,
        "a fifth of the articles taken away: their questions are near-domain without an answer",
        write(folder / f"{name}_articles.jsonl", kept),
        write(folder / f"{name}_queries.jsonl", queries),
    )


def _two_languages(base: Path, folder: Path) -> list[Set]:
    """Questions in one language, articles in one. Titles go: they are the questions, also in the other language."""
    rows = {locale: read(base / f"faq_{locale}.jsonl") for locale in ("fr", "en")}
    made: list[Set] = []
    for asked, written in (("fr", "fr"), ("en", "en"), ("en", "fr"), ("fr", "en")):
        name = f"nosgestesclimat_{asked}_{written}"
        articles = [
            {"id": row["id"], "locale": written, "title": "", "questions": [], "body": row["answer"]}
            for row in rows[written]
        ]
        known = {row["id"] for row in rows[written]}
        queries = [
            {"query": row["question"], "locale": asked, "relevant": [row["id"]]}
            for row in rows[asked]
            if row["id"] in known
        ]
        about = f"questions in {asked}, articles in {written}, without titles"
        paths = (write(folder / f"{name}_{kind}.jsonl", part) for kind, part in (("a", articles), ("q", queries)))
        made.append(Set(name, about, *paths))
    return made


def read(path: Path) -> list[Json]:
    """The rows of a file of JSON Lines, also .gz."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def write(path: Path, rows: Iterable[Json]) -> Path:
    """JSON Lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path
