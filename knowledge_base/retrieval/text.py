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
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_STOP_WORDS = Path(__file__).parent / "stop_words"
_BULLET = r"(?:[-*+]|\d+[.)])"
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\s\u00a0\u202f]+(?=[\w«“\"'(])")
PASSAGE_CHARACTERS = 600
LONGEST_BLOCK = 900
SHORTEST_SENTENCE = 25


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


def forms(text: str, _locale: str) -> list[str]:
    """Words of letters as they are written, in small letters: what spelling is mended towards."""
    return _LETTERS.findall(text.lower())


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
    """Markdown without its marks: links keep their words, headings and bullets lose their signs, rules go."""
    # Bounded, and a line at a time: what never ends must not be read to its end from each of its places.
    text = re.sub(r"!?\[([^\]]{0,1000})\]\([^)]*\)", r"\1", markdown)
    text = re.sub(r"<[^>\n]{1,200}>", " ", text)
    text = re.sub(r"^(?=[ \t|:-]*---)[ \t|:-]+$", "", text, flags=re.MULTILINE)
    text = re.sub(rf"^\s{{0,3}}(?:#{{1,6}}|{_BULLET}|>)\s+", "", text, flags=re.MULTILINE)
    text = re.sub(r"(?<=\S)[ \t]*\|[ \t]*(?=\S)", " – ", text)  # cells of a table
    return re.sub(r"[*_`|]{1,3}", "", text)


def passages(body: str) -> list[str]:
    """The body in passages of about 600 characters, one line for a paragraph, heading or point of a list.

    Blocks stay whole unless one is very long; a heading goes with what follows it.
    """
    found: list[str] = []
    current = heading = ""
    for block, is_heading in _blocks(body):
        if is_heading:
            heading = f"{heading}\n{block}".strip()
            continue
        added = f"{heading}\n{block}".strip()
        if current and len(current) + len(added) > PASSAGE_CHARACTERS:
            found.append(current)
            current = ""
        current, heading = f"{current}\n{added}".strip(), ""
    return [*found, current] if current else found


def sentences(passage: str) -> list[str]:
    """A passage's sentences, each a part of it as it stands; a very short one goes with the next on its line."""
    found: list[str] = []
    for line in passage.split("\n"):
        start = 0
        for match in [*_SENTENCE_END.finditer(line), None]:
            end = match.start() if match else len(line)
            if match is None or end - start >= SHORTEST_SENTENCE:
                found.append(line[start:end].strip())
                start = match.end() if match else end
    return [sentence for sentence in found if sentence]


def _blocks(body: str) -> list[tuple[str, bool]]:
    """(text, whether it is a heading), in their order."""
    blocks: list[tuple[str, bool]] = []
    apart = re.sub(r"^(\s{0,3}#{1,6}\s.*)$", r"\n\1\n", body, flags=re.MULTILINE)
    for block in re.split(r"\n\s*\n", apart):
        lines = re.split(rf"\n(?=\s{{0,3}}(?:{_BULLET}|\|))", block)
        text = "\n".join(line for line in (" ".join(plain(line).split()).removeprefix("– ") for line in lines) if line)
        if len(text) <= LONGEST_BLOCK:
            blocks.extend([(text, block.lstrip().startswith("#"))] if text else [])
        else:
            blocks.extend((part, False) for part in _cut(text))
    return blocks


def _cut(text: str) -> list[str]:
    """Sentences of a long block, the ones without an end cut by length."""
    parts = re.split(r"(?<=[.!?;:])\s+|\n", text)
    return [part[i : i + LONGEST_BLOCK] for part in parts for i in range(0, len(part), LONGEST_BLOCK)]
