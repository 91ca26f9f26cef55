"""Reads articles from JSON Lines, CSV, HTML or a folder of Markdown and checks each; `placing` puts them in place."""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.content import importing_html, jsonlines
from knowledge_base.content.article import Article, Fault, Problem
from knowledge_base.content.columns import columns, folded, language
from knowledge_base.content.parsing import parse_article
from knowledge_base.retrieval.text import fold, passages, plain
from knowledge_base.retrieval.vectors import Progress

FORMS = "a .jsonl, .csv or .html file (also as .gz), or a folder of Markdown files"
ANSWER_CHARACTERS = 320
_READERS = {
    ".jsonl": jsonlines.rows,
    ".ndjson": jsonlines.rows,
    ".html": importing_html.rows,
    ".htm": importing_html.rows,
}


class ImportingError(ValueError):
    """The source cannot be read at all; the message is one sentence."""


@dataclass(frozen=True)
class Row:
    """Where a row stands, and what it holds: fields, or a sentence when it cannot be read."""

    file: str
    line: int
    fields: dict[str, Any] | str


@dataclass(frozen=True)
class Entry:
    """An article to be written: its text as a file, as it will be read again, and the row it comes from."""

    text: str
    article: Article
    file: str
    line: int


@dataclass
class Import:
    """The articles by relative path (`fr/slug.md`), and the problems by row."""

    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(
    source: Path,
    *,
    locale: str = "fr",
    topic: str = "",
    topics: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Import:
    """Read and check the source; nothing is written. `topics`: what people call each. Raises ImportingError."""
    found = Import()
    called = {folded(name): key for name, key in (topics or {}).items()}
    ids: dict[tuple[str, str], int] = {}
    rows = list(_rows(source, locale))
    for number, row in enumerate(rows, 1):
        if isinstance(row.fields, str):
            found.problems.append(Problem(row.file, row.line, row.fields))
        else:
            filled = {"locale": locale, "topic": topic} | {k: v for k, v in row.fields.items() if v}
            filled["locale"] = language(str(filled["locale"]))
            filled["topic"] = called.get(folded(str(filled["topic"])), filled["topic"])
            _take(found, Row(row.file, row.line, filled), filled, ids)
        if progress:
            progress(number, len(rows))
    if not found.entries and not found.problems:
        found.problems.append(Problem(str(source), 1, Fault("holds no article.", "nothing_found")))
    return found


def _rows(source: Path, locale: str) -> Iterator[Row]:
    if source.is_dir():
        yield from _markdown_rows(source, locale)
        return
    form = Path(source.stem if source.suffix == ".gz" else source.name).suffix
    if form not in (*_READERS, ".csv"):
        raise ImportingError(f"{source} is none of the known forms: give {FORMS}.")
    try:
        text = jsonlines.text_of(source)
    except jsonlines.UnreadableError as error:
        raise ImportingError(f"{str(error).rstrip('.')}: give {FORMS}.") from error
    for line, fields in _csv_rows(source, text) if form == ".csv" else _READERS[form](text):
        yield Row(str(source), line, fields)


def _csv_rows(source: Path, text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    sample = text.partition("\n")[0]
    reader = csv.DictReader(
        text.splitlines(keepends=True), delimiter=";" if sample.count(";") > sample.count(",") else ","
    )
    names = columns(reader.fieldnames or [])
    reader.fieldnames = names
    if "title" not in names:
        raise ImportingError(f'{source}:1: the first line must name the columns, "title" and "body" among them.')
    try:
        for row in reader:
            if None in row:
                told = "has more cells than the first line: put texts with commas in quotes."
                yield reader.line_num, Fault(told, "too_many_cells")
                continue
            lists = {"questions": _parts(row.get("questions"), r"[\n|]")}
            lists |= {name: _parts(row.get(name), r"[\n|,;]") for name in ("related", "audience")}
            yield reader.line_num, {**row, **lists}
    except csv.Error as error:
        yield reader.line_num, Fault(f"cannot be read as CSV ({error}).", "not_csv", message=str(error))


def _parts(cell: str | None, signs: str) -> list[str]:
    return [part.strip() for part in re.split(signs, cell or "") if part.strip()]


def _markdown_rows(source: Path, locale: str) -> Iterator[Row]:
    for path in sorted(source.rglob("*.md")):
        if any(part.startswith(".") for part in path.relative_to(source).parts):
            continue
        language = path.parent.name if re.fullmatch("[a-z]{2}", path.parent.name) else locale
        try:
            text = jsonlines.text_of(path)
        except jsonlines.UnreadableError as error:
            yield Row(str(path), 1, str(error))
            continue
        if text.startswith("---"):
            article, problems = parse_article(text, locale=language, slug=path.stem, path=path)
            line = 1 if article else problems[0].line
            yield Row(str(path), line, _as_row(article) if article else problems[0].message)
            continue
        heading = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
        body = text.replace(heading.group(0), "", 1) if heading else text
        title = heading.group(1).strip() if heading else path.stem.replace("-", " ").capitalize()
        slug = slug_of(path.stem)
        yield Row(str(path), 1, {"id": slug, "slug": slug, "title": title, "body": body, "locale": language})


def _as_row(article: Article) -> dict[str, Any]:
    names = ("id", "slug", "locale", "title", "answer", "topic", "body")
    lists = {name: list(getattr(article, name)) for name in ("questions", "related", "audience")}
    return {name: getattr(article, name) for name in names} | lists | {"review_by": article.review_by}


def _take(found: Import, at: Row, row: dict[str, Any], ids: dict[tuple[str, str], int]) -> None:
    """Turn one row into a file, parsed once as it will be read later, or into a problem."""
    title, body, locale = str(row.get("title", "")).strip(), str(row.get("body", "")).strip(), str(row["locale"])
    fault = _fault(row, title, body, locale)
    identity = str(row.get("id") or slug_of(title))
    if not fault and (locale, identity) in ids:
        before = ids[locale, identity]
        fault = Fault(f'the id "{identity}" is that of line {before} already.', "id_twice", id=identity, line=before)
    if fault:
        found.problems.append(Problem(at.file, at.line, fault, title=title))
        return
    ids[locale, identity] = at.line
    front: dict[str, Any] = {"id": identity, "title": title, "questions": list(row.get("questions") or [])}
    front |= {"answer": str(row.get("answer") or "").strip() or first_sentences(body) or title}
    front |= {key: row[key] for key in ("topic", "audience", "review_by", "related") if row.get(key)}
    if isinstance(front.get("review_by"), str):
        with suppress(ValueError):  # one that is no date is told when it is read again
            front["review_by"] = date.fromisoformat(front["review_by"].strip())
    name = free_name(f"{locale}/{row.get('slug') or slug_of(title)}.md", identity, found.entries)
    header = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)
    text = f"---\n{header}---\n{body}\n"
    article, problems = parse_article(text, locale=locale, slug=Path(name).stem, path=None)
    if article is None or problems:
        found.problems.append(Problem(at.file, at.line, problems[0].message, title=title))
        return
    found.entries[name] = Entry(text, article, at.file, at.line)


def _fault(row: dict[str, Any], title: str, body: str, locale: str) -> Fault | None:
    questions = row.get("questions") or []
    if not title:
        return Fault('"title" is missing or empty.', "title_missing")
    if not body and not row.get("answer"):
        return Fault('"body" and "answer" are both empty: there is nothing to answer with.', "no_answer")
    if not re.fullmatch("[a-z]{2}", locale):
        return Fault(f'the locale "{locale}" must be two letters such as fr or en.', "locale", locale=locale)
    if not re.fullmatch(r"[\w-]+", str(row.get("slug") or "-")):
        told = f'the slug "{row["slug"]}" may hold letters, digits, hyphens and underscores only.'
        return Fault(told, "slug_invalid")
    if not isinstance(questions, list) or not all(isinstance(question, str) for question in questions):
        return Fault('"questions" must be a list of texts.', "questions_list")
    return None


def free_name(name: str, identity: str, taken: Container[str]) -> str:
    """Two articles may have one title: the second one's address carries its id, and a number if need be."""
    stem = name.removesuffix(".md")
    tries = (f"{stem}-{slug_of(identity)}{f'-{number}' if number > 1 else ''}.md" for number in count(1))
    return name if name not in taken else next(other for other in tries if other not in taken)


def slug_of(text: str) -> str:
    """Letters, digits and hyphens, at most 80."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:80].strip("-") or "article"


def first_sentences(body: str) -> str:
    """The beginning of a body, for an article that brings no short answer: at most three sentences."""
    first = passages(body)
    text = " ".join(re.sub(r"\\(?!\w)", "", plain(first[0])).split()) if first else ""
    short = ""
    for sentence in re.split(r"(?<=[.!?])\s+", text)[:3]:
        if short and len(short) + len(sentence) > ANSWER_CHARACTERS:
            break
        short = f"{short} {sentence}".strip()
    return short
