"""Words as the lexical part sees them: folded, elisions cut, stemmed; and passages cut out of a body."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import Stemmer

LANGUAGES = {"fr": "french", "en": "english"}
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'", "ʼ": "'", "`": "'", "´": "'"})
_ELISION = re.compile(r"\b(?:qu|jusqu|lorsqu|puisqu|quoiqu|[cdjlmnst])'(?=\w)")
_WORD = re.compile(r"[^\W_]+")
_STOP_WORDS = Path(__file__).parent / "stop_words"
PASSAGE_CHARACTERS = 600
LONGEST_BLOCK = 900


def fold(text: str) -> str:
    """Lower case, no accents, straight apostrophes, ligatures undone."""
    bare = unicodedata.normalize("NFKD", text.translate(_LIGATURES).casefold())
    return "".join(character for character in bare if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    """Folded words, elisions cut off ("l'adresse" → adresse)."""
    return _WORD.findall(_ELISION.sub(" ", fold(text)))


@lru_cache(maxsize=8)
def _stemmer(locale: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(LANGUAGES.get(locale, "english"))


@lru_cache(maxsize=8)
def stop_words(locale: str) -> frozenset[str]:
    """Words that carry no subject; a question is made of them for half, and they must not count as evidence."""
    path = _STOP_WORDS / f"{locale}.txt"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def content_words(text: str, locale: str) -> list[str]:
    """Folded words without those that carry no subject."""
    stop = stop_words(locale)
    return [word for word in words(text) if word not in stop]


def stems(text: str, locale: str) -> list[str]:
    """Stems of the content words, for BM25."""
    stemmed: list[str] = _stemmer(locale).stemWords(content_words(text, locale))
    return stemmed


def character_ngrams(text: str, locale: str, sizes: tuple[int, ...] = (3, 4)) -> list[str]:
    """n-grams inside each content word with its borders, so that a misspelt word keeps most of them."""
    found: list[str] = []
    for word in content_words(text, locale):
        bordered = f"<{word}>"
        for size in sizes:
            found.extend(bordered[i : i + size] for i in range(max(1, len(bordered) - size + 1)))
    return found


def plain(markdown: str) -> str:
    """Markdown without its marks: links keep their words, headings and bullets lose their signs."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    text = re.sub(r"<[^>\n]{1,200}>", " ", text)
    text = re.sub(r"^\s{0,3}(?:#{1,6}|[-*+]|\d+[.)]|>)\s+", "", text, flags=re.MULTILINE)
    return re.sub(r"[*_`|]{1,3}", "", text)


def passages(body: str) -> list[str]:
    """The body in passages of about 600 characters; blocks stay whole unless one is very long."""
    found: list[str] = []
    current = ""
    for block in _blocks(body):
        if current and len(current) + len(block) > PASSAGE_CHARACTERS:
            found.append(current)
            current = ""
        current = f"{current} {block}".strip()
    if current:
        found.append(current)
    return found


def _blocks(body: str) -> list[str]:
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n", plain(body)):
        text = " ".join(block.split())
        if len(text) <= LONGEST_BLOCK:
            blocks.extend([text] if text else [])
        else:
            blocks.extend(_sentences(text))
    return blocks


def _sentences(text: str) -> list[str]:
    """Sentences, the ones without an end cut by length."""
    parts = re.split(r"(?<=[.!?;:])\s+", text)
    return [part[i : i + LONGEST_BLOCK] for part in parts for i in range(0, len(part), LONGEST_BLOCK)]
