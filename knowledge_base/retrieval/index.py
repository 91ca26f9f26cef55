"""The searchable form of a set of articles: immutable arrays, built anew and swapped when the articles change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from encoder.model import Vectors
from knowledge_base.content.article import Article
from knowledge_base.retrieval import text
from knowledge_base.retrieval.dense import Dense, Ints, learnt
from knowledge_base.retrieval.lexical import Bm25, Vocabulary
from knowledge_base.retrieval.spelling import Speller
from knowledge_base.retrieval.tokens import Tokens
from knowledge_base.retrieval.vectors import Encoded, Progress, VectorCache

Field = Literal["title", "answer", "question", "passage"]
Part = tuple[Field, str, str]
EXACT_SEARCH_LIMIT = 200_000  # vectors; beyond it an exact search takes longer than encoding the question


@dataclass(frozen=True)
class Unit:
    """A text that stands for an article: it has a vector and lexical scores of its own."""

    article: int
    field: Field
    locale: str
    text: str
    shown: str


@dataclass
class Lexicon:
    """What outlives an index, so that only new texts are cut up: the vocabularies, and the parts of each article."""

    parts: dict[tuple[str, str, str], list[Part]] = field(default_factory=dict)
    forms: Vocabulary = field(default_factory=lambda: Vocabulary(text.forms))
    stems: Vocabulary = field(default_factory=lambda: Vocabulary(text.stems))
    ngrams: Vocabulary = field(default_factory=lambda: Vocabulary(text.character_ngrams))

    def copy(self) -> Lexicon:
        """One to build on without touching this one; what was cut up stays cut up."""
        return Lexicon(dict(self.parts), self.forms.copy(), self.stems.copy(), self.ngrams.copy())

    def parts_of(self, article: Article) -> list[Part]:
        """units_of(article), remembered."""
        key = (article.id, article.locale, article.version)
        if key not in self.parts:
            self.parts[key] = units_of(article)
        return self.parts[key]

    def forget_articles_but(self, articles: Sequence[Article]) -> None:
        """Drop what belongs to articles that are gone."""
        kept = {(article.id, article.locale, article.version) for article in articles}
        self.parts = {key: parts for key, parts in self.parts.items() if key in kept}


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
    counts: npt.NDArray[np.int64]
    languages: npt.NDArray[np.str_]  # locale of each unit
    special: npt.NDArray[np.bool_]  # whether an article is written for an audience of its own
    parts: tuple[slice, ...]  # columns of a vector: one part for each encoder
    dense: tuple[Dense, ...]
    tokens: Tokens
    lexical: dict[str, LexicalPart]
    lexicon: Lexicon
    spellers: dict[str, Speller]

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
    previous: Index | None = None,
) -> Index:
    """Encode what is new and lay out the arrays. `unrelated`: (n, dimension) vectors of questions from elsewhere.

    With the `previous` index its vectors and its learnt spaces are kept, which takes a fraction of the time; `relearnt`
    makes up for it afterwards.
    """
    lexicon = lexicon or Lexicon()
    ids, by_locale, units = _units(articles, lexicon)
    owners = np.array([unit.article for unit in units], dtype=np.int64)
    encoded = _encoded(units, cache, progress, previous)
    counts = np.bincount(owners, minlength=len(ids))
    parts = cache.encoder.parts
    columns = [np.ascontiguousarray(encoded.vectors[:, part]) for part in parts]
    if previous is None:
        of_each = zip(columns, parts, strict=True)
        spaces = [learnt(own, owners, len(ids), unrelated[:, part]) for own, part in of_each]
    else:
        spaces = [dense.space for dense in previous.dense]
    return Index(
        ids=ids,
        by_locale=by_locale,
        units=units,
        owners=owners,
        starts=np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(ids) else counts,
        counts=counts,
        languages=np.array([unit.locale for unit in units]),
        special=np.array([any(one.audience for one in versions.values()) for versions in by_locale]),
        parts=parts,
        dense=tuple(Dense.of(own, owners, len(ids), space) for own, space in zip(columns, spaces, strict=True)),
        tokens=Tokens.of(encoded.tokens),
        lexical=_lexical(units, len(ids), lexicon),
        lexicon=lexicon,
        spellers=_spellers(units, lexicon),
    )


def relearnt(index: Index, unrelated: Vectors) -> Index:
    """The same index in spaces learnt anew from its own vectors."""
    dense = []
    for old, part in zip(index.dense, index.parts, strict=True):
        space = learnt(old.vectors, index.owners, index.size, unrelated[:, part])
        dense.append(Dense.of(old.vectors, index.owners, index.size, space))
    return replace(index, dense=tuple(dense))


def _encoded(units: list[Unit], cache: VectorCache, progress: Progress | None, previous: Index | None) -> Encoded:
    if previous is None:
        return cache.encode([unit.text for unit in units], "passage", progress)
    known = {unit.text: number for number, unit in enumerate(previous.units)}
    missing = list(dict.fromkeys(unit.text for unit in units if unit.text not in known))
    new = cache.encode(missing, "passage", progress)
    known |= {text: len(previous.units) + number for number, text in enumerate(missing)}
    rows = [known[unit.text] for unit in units]
    held = np.concatenate([dense.vectors for dense in previous.dense], axis=1)
    tokens = [*previous.tokens.each(), *new.tokens]
    return Encoded(np.concatenate([held, new.vectors])[rows], [tokens[row] for row in rows])


def _units(articles: Sequence[Article], lexicon: Lexicon) -> tuple[list[str], list[dict[str, Article]], list[Unit]]:
    """Units grouped by article, articles in the order of their first appearance."""
    numbers: dict[str, int] = {}
    for article in articles:
        numbers.setdefault(article.id, len(numbers))
    by_locale: list[dict[str, Article]] = [{} for _ in numbers]
    units: list[Unit] = []
    for article in articles:
        number = numbers[article.id]
        by_locale[number].setdefault(article.locale, article)
        parts = lexicon.parts_of(article)
        units += [Unit(number, kind, article.locale, full, shown) for kind, full, shown in parts]
    lexicon.forget_articles_but(articles)
    units.sort(key=lambda unit: unit.article)
    return list(numbers), by_locale, units


def units_of(article: Article) -> list[Part]:
    """(field, text as it is encoded, text as it is shown): passages and the answer carry the title with them."""
    found: list[Part] = []
    if article.title:
        found.append(("title", article.title, article.title))
    if article.answer and not _begins(article.body, article.answer):  # an imported article's is: its passage will do
        found.append(("answer", f"{article.title} {article.answer}".strip(), article.answer))
    found += [("question", question, question) for question in article.questions]
    parts = text.passages(article.body)
    found += [("passage", " ".join(f"{article.title} {part}".split()), part) for part in parts]
    return found or [("title", article.id, "")]


def _begins(body: str, answer: str) -> bool:
    start = " ".join(text.plain(body[: 2 * len(answer) + 100]).split())
    return start.startswith(" ".join(answer.split()).rstrip(" ….")[:300])


def _lexical(units: list[Unit], articles: int, lexicon: Lexicon) -> dict[str, LexicalPart]:
    parts: dict[str, LexicalPart] = {}
    for locale in sorted({unit.locale for unit in units}):
        rows = [row for row, unit in enumerate(units) if unit.locale == locale]
        grouped: list[list[tuple[Ints, Ints]]] = [[] for _ in range(articles)]
        for row in rows:
            grouped[units[row].article].append(lexicon.stems.count(units[row].text, locale))
        ngrams = [[lexicon.ngrams.count(units[row].text, locale)] for row in rows]
        parts[locale] = LexicalPart(
            np.array(rows, dtype=np.int64),
            Bm25(grouped, len(lexicon.stems.numbers), k1=1.5, b=0.75),
            Bm25(ngrams, len(lexicon.ngrams.numbers), k1=1.2, b=0.6),
        )
    texts = [(unit.text, unit.locale) for unit in units]
    lexicon.forms.forget_all_but(texts)
    lexicon.stems.forget_all_but(texts)
    lexicon.ngrams.forget_all_but(texts)
    return parts


def _spellers(units: list[Unit], lexicon: Lexicon) -> dict[str, Speller]:
    """One for each language that questions are read in, with the words of the articles written in it."""
    spellers: dict[str, Speller] = {}
    for locale in {*text.LANGUAGES, *(unit.locale for unit in units)}:
        counted = [lexicon.forms.count(unit.text, locale) for unit in units if unit.locale == locale]
        totals = np.zeros(len(lexicon.forms.numbers), dtype=np.int64)
        for numbers, times in counted:
            totals[numbers] += times
        forms = {form: int(totals[number]) for form, number in lexicon.forms.numbers.items() if totals[number]}
        spellers[locale] = Speller(locale, forms)
    return spellers
