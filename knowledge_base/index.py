"""The searchable form of a set of articles: immutable arrays, built anew and swapped when the articles change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from encoder.model import Vectors
from knowledge_base import text
from knowledge_base.article import Article
from knowledge_base.lexical import Bm25, Vocabulary
from knowledge_base.vectors import Progress, VectorCache

Field = Literal["title", "answer", "question", "passage"]
EXACT_SEARCH_LIMIT = 200_000  # vectors; beyond it an exact search takes longer than encoding the question
# Share of the plain identity in the covariance within articles. Between .6 and .95 every set measured was level.
SHRINKAGE = 0.85


@dataclass(frozen=True)
class Unit:
    """A text that stands for an article: it has a vector and lexical scores of its own."""

    article: int
    field: Field
    locale: str
    text: str
    shown: str


@dataclass(frozen=True)
class Space:
    """Vectors seen through the articles themselves: what varies inside one counts for little.

    The covariance within articles, shrunk towards the identity, is divided out, and the mean of the texts and of
    unrelated questions subtracted. That tames hubs and stretches compressed scores, learnt from the articles alone.
    """

    centre: Vectors
    question_centre: Vectors
    transform: Vectors

    def questions(self, vectors: Vectors) -> Vectors:
        """Unit rows (n, dimension) for questions."""
        return _unit((vectors - self.question_centre) @ self.transform)

    def texts(self, vectors: Vectors) -> Vectors:
        """Unit rows (n, dimension) for texts of articles."""
        return _unit((vectors - self.centre) @ self.transform)


@dataclass
class Lexicon:
    """The vocabularies that outlive an index, so that only new texts are cut up."""

    stems: Vocabulary = field(default_factory=lambda: Vocabulary(text.stems))
    ngrams: Vocabulary = field(default_factory=lambda: Vocabulary(text.character_ngrams))


@dataclass(frozen=True)
class LexicalPart:
    """Both lexical fields for the texts of one locale."""

    units: npt.NDArray[np.int64]  # row of ngrams → unit
    stems: Bm25  # one document an article
    ngrams: Bm25  # one document a unit


@dataclass(frozen=True)
class Index:
    """Articles by number, their units, vectors and lexical parts."""

    ids: list[str]
    by_locale: list[dict[str, Article]]
    units: list[Unit]
    owners: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    vectors: Vectors
    spaced: Vectors
    sums: Vectors
    counts: npt.NDArray[np.int64]
    centroids: Vectors
    space: Space
    lexical: dict[str, LexicalPart]
    lexicon: Lexicon

    @property
    def size(self) -> int:
        """Number of articles, languages of one article counted once."""
        return len(self.ids)


def build(
    articles: Sequence[Article],
    cache: VectorCache,
    unrelated: Vectors,
    lexicon: Lexicon | None = None,
    progress: Progress | None = None,
) -> Index:
    """Encode what is new and lay out the arrays. `unrelated`: (n, dimension) vectors of questions from elsewhere."""
    lexicon = lexicon or Lexicon()
    ids, by_locale, units = _units(articles)
    owners = np.array([unit.article for unit in units], dtype=np.int64)
    vectors = cache.encode([unit.text for unit in units], "passage", progress)
    counts = np.bincount(owners, minlength=len(ids))
    space, sums = _space(vectors, owners, counts, unrelated)
    return Index(
        ids=ids,
        by_locale=by_locale,
        units=units,
        owners=owners,
        starts=np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(ids) else counts,
        vectors=vectors,
        spaced=space.texts(vectors),
        sums=sums,
        counts=counts,
        centroids=_unit(sums @ space.transform),
        space=space,
        lexical=_lexical(units, len(ids), lexicon),
        lexicon=lexicon,
    )


def _units(articles: Sequence[Article]) -> tuple[list[str], list[dict[str, Article]], list[Unit]]:
    """Units grouped by article, articles in the order of their first appearance."""
    numbers: dict[str, int] = {}
    for article in articles:
        numbers.setdefault(article.id, len(numbers))
    by_locale: list[dict[str, Article]] = [{} for _ in numbers]
    units: list[Unit] = []
    for article in articles:
        number = numbers[article.id]
        by_locale[number].setdefault(article.locale, article)
        units += [Unit(number, kind, article.locale, full, shown) for kind, full, shown in units_of(article)]
    units.sort(key=lambda unit: unit.article)
    return list(numbers), by_locale, units


def units_of(article: Article) -> list[tuple[Field, str, str]]:
    """(field, text as it is encoded, text as it is shown): passages and the answer carry the title with them."""
    found: list[tuple[Field, str, str]] = []
    if article.title:
        found.append(("title", article.title, article.title))
    if article.answer:
        found.append(("answer", f"{article.title} {article.answer}".strip(), article.answer))
    found += [("question", question, question) for question in article.questions]
    found += [("passage", f"{article.title} {part}".strip(), part) for part in text.passages(article.body)]
    return found or [("title", article.id, "")]


def _space(
    vectors: Vectors, owners: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], unrelated: Vectors
) -> tuple[Space, Vectors]:
    """The learnt space, and the (articles, dimension) sums of centred vectors."""
    dimension = vectors.shape[1]
    centre = vectors.mean(axis=0) if len(vectors) else np.zeros(dimension, dtype=np.float32)
    question_centre = unrelated.mean(axis=0) if len(unrelated) else centre
    centred = vectors - centre
    sums = np.zeros((len(counts), dimension), dtype=np.float32)
    np.add.at(sums, owners, centred)
    within = centred - (sums / np.maximum(counts, 1)[:, None])[owners]
    covariance = within.T.astype(np.float64) @ within / max(len(within), 1)
    level = float(np.trace(covariance)) / dimension
    if level < 1e-9:  # one text for each article: nothing to learn from
        return Space(centre, question_centre, np.eye(dimension, dtype=np.float32)), sums
    shrunk = (1 - SHRINKAGE) * covariance / level + SHRINKAGE * np.eye(dimension)
    values, directions = np.linalg.eigh(shrunk)
    transform = (directions * values**-0.5) @ directions.T
    return Space(centre, question_centre, transform.astype(np.float32)), sums


def _lexical(units: list[Unit], articles: int, lexicon: Lexicon) -> dict[str, LexicalPart]:
    parts: dict[str, LexicalPart] = {}
    for locale in sorted({unit.locale for unit in units}):
        rows = [row for row, unit in enumerate(units) if unit.locale == locale]
        grouped: list[list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]] = [[] for _ in range(articles)]
        for row in rows:
            grouped[units[row].article].append(lexicon.stems.count(units[row].text, locale))
        ngrams = [[lexicon.ngrams.count(units[row].text, locale)] for row in rows]
        parts[locale] = LexicalPart(
            np.array(rows, dtype=np.int64),
            Bm25(grouped, len(lexicon.stems.numbers), k1=1.5, b=0.75),
            Bm25(ngrams, len(lexicon.ngrams.numbers), k1=1.2, b=0.6),
        )
    texts = [(unit.text, unit.locale) for unit in units]
    lexicon.stems.forget_all_but(texts)
    lexicon.ngrams.forget_all_but(texts)
    return parts


def _unit(rows: npt.NDArray[np.floating[Any]]) -> Vectors:
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: Vectors = (rows / np.maximum(norms, 1e-9)).astype(np.float32)
    return unit
