"""Brings articles in from JSON Lines, CSV or a folder of Markdown: all of them, or none when one is faulty."""

from __future__ import annotations

import csv
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from knowledge_base import history
from knowledge_base.article import Article, Problem
from knowledge_base.parsing import parse_article
from knowledge_base.store import ArticleStore
from knowledge_base.text import fold, passages, plain

FORMS = "a .jsonl file, a .csv file, or a folder of Markdown files"
ANSWER_CHARACTERS = 320


class ImportingError(ValueError):
    """The source cannot be read at all; the message is one sentence."""


@dataclass
class Import:
    """The articles to be written, as (relative path, text), and the problems by row."""

    files: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(source: Path, *, locale: str = "fr", topic: str = "") -> Import:
    """Read and check the source; nothing is written. Raises ImportingError."""
    found = Import()
    ids: dict[tuple[str, str], int] = {}
    for line, row in _rows(source, locale):
        if isinstance(row, str):
            found.problems.append(Problem(str(source), line, row))
            continue
        _take(found, source, line, {"locale": locale, "topic": topic} | {k: v for k, v in row.items() if v}, ids)
    if not found.files and not found.problems:
        found.problems.append(Problem(str(source), 1, "holds no article."))
    return found


def write(found: Import, folder: Path, *, replace: bool = False) -> list[str]:
    """Put the files in place and commit them; a failure on the way takes back what was placed. The paths written.

    Raises ImportingError when a file or an id is there already and `replace` is off.
    """
    if not replace:
        _refuse_taken(found, folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=folder) as staging:
        for name, text in found.files.items():
            target = Path(staging, "new", name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        _place(list(found.files), Path(staging), folder)
    history.commit(folder, list(found.files), f"Import {len(found.files)} articles")
    return list(found.files)


def _place(names: list[str], staging: Path, folder: Path) -> None:
    placed: list[str] = []
    try:
        for name in names:
            target, kept = folder / name, staging / "old" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(target, kept)
            placed.append(name)
            (staging / "new" / name).replace(target)
    except BaseException:
        for name in placed:
            kept = staging / "old" / name
            if kept.exists():
                kept.replace(folder / name)
            elif not (staging / "new" / name).exists():
                (folder / name).unlink(missing_ok=True)
        raise


def _refuse_taken(found: Import, folder: Path) -> None:
    contents = ArticleStore(folder).scan()
    taken = {(article.locale, article.id) for article in contents.articles} if contents else set()
    for name, text in found.files.items():
        locale, slug = name.removesuffix(".md").split("/")
        article, _ = parse_article(text, locale=locale, slug=slug, path=None)
        if (folder / name).exists() or (article and (locale, article.id) in taken):
            raise ImportingError(f"{name} is there already: use --replace to put the imported one in its place.")


def _rows(source: Path, locale: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """(line, row) pairs; a row that cannot be read is a sentence instead."""
    if source.is_dir():
        yield from _markdown_rows(source, locale)
        return
    try:
        text = source.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ImportingError(f"{source} cannot be read ({error.strerror}): give {FORMS}.") from error
    except UnicodeDecodeError as error:
        raise ImportingError(f"{source} is not UTF-8 text (byte {error.start}): save it again as UTF-8.") from error
    if source.suffix in (".jsonl", ".ndjson"):
        yield from _json_rows(text)
    elif source.suffix == ".csv":
        yield from _csv_rows(text)
    else:
        raise ImportingError(f"{source} is none of the known forms: give {FORMS}.")


def _json_rows(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            yield number, f"is not JSON ({getattr(error, 'msg', 'nested too deeply')}): one object a line."
            continue
        yield number, row if isinstance(row, dict) else "is not a JSON object: one {…} a line."


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    sample = text.partition("\n")[0]
    reader = csv.DictReader(
        text.splitlines(keepends=True), delimiter=";" if sample.count(";") > sample.count(",") else ","
    )
    if "title" not in (reader.fieldnames or []):
        raise ImportingError('The first line of the CSV must name the columns, "title" and "body" among them.')
    try:
        for row in reader:
            if None in row:
                yield reader.line_num, "has more cells than the first line: put texts with commas in quotes."
                continue
            questions = [part.strip() for part in re.split(r"[\n|]", row.get("questions") or "") if part.strip()]
            yield reader.line_num, {**row, "questions": questions}
    except csv.Error as error:
        yield reader.line_num, f"cannot be read as CSV ({error})."


def _markdown_rows(source: Path, locale: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    for path in sorted(source.rglob("*.md")):
        if any(part.startswith(".") for part in path.relative_to(source).parts):
            continue
        name = path.relative_to(source).as_posix()
        language = path.parent.name if re.fullmatch("[a-z]{2}", path.parent.name) else locale
        try:
            text = path.read_text("utf-8-sig")
        except UnicodeDecodeError:
            yield 1, f"{name} is not UTF-8 text: save it again as UTF-8."
            continue
        if text.startswith("---"):
            article, problems = parse_article(text, locale=language, slug=path.stem, path=path)
            yield (1, _as_row(article)) if article else (problems[0].line, f"{name}: {problems[0].message}")
            continue
        heading = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
        body = text.replace(heading.group(0), "", 1) if heading else text
        title = heading.group(1).strip() if heading else path.stem.replace("-", " ").capitalize()
        yield (
            1,
            {"id": slug_of(path.stem), "slug": slug_of(path.stem), "title": title, "body": body, "locale": language},
        )


def _as_row(article: Article) -> dict[str, Any]:
    names = ("id", "slug", "locale", "title", "answer", "topic", "body")
    lists = {name: list(getattr(article, name)) for name in ("questions", "related", "audience")}
    return {name: getattr(article, name) for name in names} | lists | {"review_by": article.review_by}


def _take(found: Import, source: Path, line: int, row: dict[str, Any], ids: dict[tuple[str, str], int]) -> None:
    """Turn one row into a file, parsed once as it will be read later, or into a problem."""
    title, body, locale = str(row.get("title", "")).strip(), str(row.get("body", "")).strip(), str(row["locale"])
    fault = _fault(row, title, body, locale)
    identity = str(row.get("id") or slug_of(title))
    if not fault and (locale, identity) in ids:
        fault = f'the id "{identity}" is that of line {ids[locale, identity]} already.'
    if fault:
        found.problems.append(Problem(str(source), line, fault))
        return
    ids[locale, identity] = line
    front: dict[str, Any] = {"id": identity, "title": title, "questions": list(row.get("questions") or [])}
    front |= {"answer": str(row.get("answer") or "").strip() or first_sentences(body) or title}
    front |= {key: row[key] for key in ("topic", "audience", "review_by", "related") if row.get(key)}
    slug = _free_slug(str(row.get("slug") or slug_of(title)), identity, locale, found)
    header = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)
    text = f"---\n{header}---\n{body}\n"
    _, problems = parse_article(text, locale=locale, slug=slug, path=None)
    if problems:
        found.problems.append(Problem(str(source), line, problems[0].message))
        return
    found.files[f"{locale}/{slug}.md"] = text


def _fault(row: dict[str, Any], title: str, body: str, locale: str) -> str | None:
    questions = row.get("questions") or []
    if not title:
        return '"title" is missing or empty.'
    if not body and not row.get("answer"):
        return '"body" and "answer" are both empty: there is nothing to answer with.'
    if not re.fullmatch("[a-z]{2}", locale):
        return f'the locale "{locale}" must be two letters such as fr or en.'
    if not isinstance(questions, list) or not all(isinstance(question, str) for question in questions):
        return '"questions" must be a list of texts.'
    return None


def _free_slug(slug: str, identity: str, locale: str, found: Import) -> str:
    """Two articles may have one title: the second one's address carries its id."""
    return slug if f"{locale}/{slug}.md" not in found.files else f"{slug}-{slug_of(identity)}"


def slug_of(text: str) -> str:
    """Letters, digits and hyphens, at most 80."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:80].strip("-") or "article"


def first_sentences(body: str) -> str:
    """The beginning of a body, for an article that brings no short answer: at most three sentences."""
    first = passages(body)
    text = " ".join(plain(first[0]).split()) if first else ""
    short = ""
    for sentence in re.split(r"(?<=[.!?])\s+", text)[:3]:
        if short and len(short) + len(sentence) > ANSWER_CHARACTERS:
            break
        short = f"{short} {sentence}".strip()
    return short
