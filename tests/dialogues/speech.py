"""Words compared as people hear them, and the language of what the assistant says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from launch.config import ROOT

PLACE = re.compile(r"\{\w+\}")
LETTERS_THAT_TELL = 6


def plain(text: str) -> str:
    """Without accents, case, kinds of spaces and of apostrophes."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.replace("’", "'").replace("œ", "oe").split())


def other_language(text: str, language: str) -> bool:
    """Whether the text is one of the assistant's sentences in the other language, and none in this one."""
    other = "en" if language == "fr" else "fr"
    return _is_said_in(text, other) and not _is_said_in(text, language)


def _is_said_in(text: str, language: str) -> bool:
    return any(pattern.fullmatch(text.strip()) for pattern in _sentences()[language])


@cache
def _sentences() -> dict[str, list[re.Pattern[str]]]:
    """Every response of the domain and every line of a diagnosis, by language."""
    found: dict[str, list[re.Pattern[str]]] = {"fr": [], "en": []}
    for language, text in (*_responses(), *_trees()):
        literal = PLACE.sub("", text)
        if sum(letter.isalpha() for letter in literal) >= LETTERS_THAT_TELL:
            parts = (re.escape(part) for part in PLACE.split(text.strip()))
            found[language].append(re.compile("(?s:.*)".join(parts)))
    return found


def _responses() -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "domain").glob("*.yml")):
        for variants in (yaml.safe_load(file.read_text("utf-8")).get("responses") or {}).values():
            for variant in variants:
                english = any(each.get("value") == "en" for each in variant.get("condition") or [])
                yield "en" if english else "fr", str(variant.get("text") or "")


def _trees() -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "knowledge_base" / "trees").glob("*.yml")):
        yield from _said(yaml.safe_load(file.read_text("utf-8")))


def _said(part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("fr", "en") and isinstance(value, str):
                yield key, value
            else:
                yield from _said(value)
    elif isinstance(part, list):
        for each in part:
            yield from _said(each)
