"""The knowledge base at work: follows the folder of articles and answers questions from what was last swapped in."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from encoder.joint import JointEncoder
from encoder.model import Vectors
from knowledge_base import memory
from knowledge_base.content.article import Article
from knowledge_base.content.store import ArticleStore, Contents
from knowledge_base.retrieval import calibration, following, language, warming, wordings
from knowledge_base.retrieval.calibration import Evidence, Model
from knowledge_base.retrieval.engine import HybridEngine, Question
from knowledge_base.retrieval.following import Asked
from knowledge_base.retrieval.found import Found, Showing
from knowledge_base.retrieval.index import EXACT_SEARCH_LIMIT, Index, Lexicon, build, relearnt
from knowledge_base.retrieval.judging import Judged, better, decided
from knowledge_base.retrieval.prior import PRIOR
from knowledge_base.retrieval.recent import RecentQuestions
from knowledge_base.retrieval.vectors import Progress, VectorCache

log = structlog.get_logger()
Prepared = tuple[str, str]  # a text as it is to be encoded, and its language
MAX_QUESTION = 10_000
_WARMED_AT_ONCE = 64  # texts between two looks at whether to go on
READ_CHARACTERS = 1_000  # of a long question: its beginning, which is as much as the encoder can weigh


@dataclass(frozen=True)
class Snapshot:
    """Everything a search needs, replaced as a whole."""

    contents: Contents = field(default_factory=Contents)
    engine: HybridEngine | None = None
    evidence: Evidence | None = None
    model: Model = PRIOR


class KnowledgeBase:
    """One writer thread calls `refresh`; `search` may run beside it and sees one snapshot from end to end."""

    def __init__(
        self, folder: Path, encoder: JointEncoder, cache_folder: Path | None, false_answer_rate: float
    ) -> None:
        self._store = ArticleStore(folder)
        self._cache = VectorCache(encoder, cache_folder)
        self._recent = RecentQuestions(self._cache)
        self._rate = false_answer_rate
        self._lexicon = Lexicon()
        self._bank: list[Question] = []
        self._writing = threading.Lock()
        self._settling = threading.Lock()
        self._unsettled: Snapshot | None = None  # searched as learnt from the articles of before
        self._pending: Contents | None = None  # read from the folder and not yet searchable
        self.snapshot: Snapshot | None = None

    @property
    def encoder(self) -> JointEncoder:
        """The encoders that are asked together."""
        return self._cache.encoder

    @property
    def dimension(self) -> int:
        """Length of a vector of the first encoder, which a caller may bring."""
        return self._cache.encoder.encoders[0].dimension

    def refresh(self, progress: Progress | None = None) -> bool:
        """Take in what changed in the folder and learn from it; True when the snapshot was replaced."""
        changed = self.take_in(progress)
        self.settle()
        return changed

    def take_in(self, progress: Progress | None = None) -> bool:
        """Make what changed in the folder searchable, in what was learnt before; searches go on meanwhile."""
        with self._writing:
            self._pending = self._store.scan() or self._pending
            if self._pending is None and self.snapshot is not None:
                return False
            self._swap(self._pending or Contents(), progress)
            self._pending = None  # not before: what failed is tried again
            memory.give_back()
            return True

    def settle(self) -> bool:
        """Learn anew from the articles that were taken in since; another `take_in` need not wait for that.

        True when that is what is searched now; what was learnt from articles that have changed meanwhile is dropped.
        """
        with self._settling:
            with self._writing:  # taken away now: what fails once would fail at every look into the folder
                known, self._unsettled = self._unsettled, None
            if known is None or known.engine is None:
                return False
            unrelated = calibration.vectors_of(self._bank)
            index = relearnt(known.engine.index, unrelated)
            engine, evidence = HybridEngine(index), Evidence(index, unrelated)
            model = calibration.calibrate(engine, self._cache, self._bank, self._rate) or PRIOR
            with self._writing:
                current = self.snapshot
                if current is None or current.engine is not known.engine:
                    return False
                self.snapshot = Snapshot(current.contents, engine, evidence, model)
            memory.give_back()
            return True

    def warm(self, articles: Sequence[Article], report: Progress) -> None:
        """Encode what these articles need, so that they are searched as soon as they are published."""
        texts = warming.texts_of(articles)
        for start in range(0, len(texts), _WARMED_AT_ONCE):
            report(start, len(texts))
            self._cache.encode(texts[start : start + _WARMED_AT_ONCE], "passage")

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) vectors of texts of articles, published or not; kept."""
        return self._cache.encode(texts, "passage").vectors

    def close(self) -> None:
        """Close the file of vectors."""
        self._cache.close()

    def _swap(self, contents: Contents, progress: Progress | None) -> None:
        known = self.snapshot
        if known is not None and known.contents.revision == contents.revision:
            self.snapshot = replace(known, contents=contents)
            return
        if not contents.articles:
            self.snapshot, self._unsettled = Snapshot(contents), None
            return
        self._bank = self._bank or calibration.bank(self._cache)
        unrelated = calibration.vectors_of(self._bank)
        previous = known.engine.index if known is not None and known.engine is not None else None
        index = build(contents.articles, self._cache, unrelated, self._lexicon, progress, previous)
        _warn_beyond_exact_search(index)
        engine, evidence = HybridEngine(index), Evidence(index, unrelated)
        if known is not None and previous is not None:  # found at once, as learnt before; what is learnt anew follows
            self.snapshot = self._unsettled = Snapshot(contents, engine, evidence, known.model)
        else:
            model = calibration.calibrate(engine, self._cache, self._bank, self._rate)
            self.snapshot = Snapshot(contents, engine, evidence, model or PRIOR)
            self._unsettled = None
        log.info("articles_loaded", articles=index.size, revision=contents.revision, broken=len(contents.broken))

    def beside(self, articles: Sequence[Article]) -> Snapshot:
        """What searches would see if these articles were published instead; what they do see stays as it is.

        Spaces and model are those of now, as in the moment after publishing; only texts that are new are encoded.
        """
        known = self.snapshot or Snapshot()
        contents = replace(known.contents, articles=tuple(articles))
        if not articles:
            return Snapshot(contents)
        unrelated = calibration.vectors_of(self._bank or calibration.bank(self._cache))
        previous = known.engine.index if known.engine is not None else None
        lexicon = previous.lexicon.copy() if previous is not None else None
        index = build(articles, self._cache, unrelated, lexicon, previous=previous)
        return Snapshot(contents, HybridEngine(index), Evidence(index, unrelated), known.model)

    def prepare(self, asked: Asked, snapshot: Snapshot | None = None) -> list[Prepared]:
        """What to encode for a question, for `encode`; nothing when a search for it needs no vector."""
        snapshot, question = snapshot or self.snapshot, clean(asked.question)
        if snapshot is None or snapshot.engine is None or not _has_words(question):
            return []
        locale = _locale(asked, snapshot.engine)
        joined = following.joined(question, asked.history, locale)
        return [(snapshot.engine.read(text, locale), locale) for text in (question, joined) if text]

    def recent(self, most: int) -> RecentQuestions:
        """A memory of questions beside that of customers, for who asks thousands at once."""
        return RecentQuestions(self._cache, most)

    def encode(self, prepared: Sequence[Prepared], recent: RecentQuestions | None = None) -> list[Question]:
        """Prepared texts with their vectors and tokens, to be handed to `search`."""
        encoded = (recent or self._recent).encode([text for text, _ in prepared])
        parts = zip(prepared, encoded.vectors, encoded.tokens, strict=True)
        return [Question(text, locale, vector, tokens) for (text, locale), vector, tokens in parts]

    def encode_own(self, prepared: Sequence[Prepared]) -> list[Question]:
        """The same for questions of the articles themselves, whose vectors are kept on disk like the articles' own."""
        return calibration.encoded_questions(self._cache, prepared)

    def search(
        self,
        asked: Asked,
        questions: Sequence[Question] | None = None,
        vector: Vectors | None = None,
        snapshot: Snapshot | None = None,
    ) -> Found:
        """Decide on a question; `questions` is what `encode` made of what `prepare` gave.

        `vector` is the question's unit vector by the first encoder, if the caller wants it in the place of ours. A
        question without a letter or digit, and an empty knowledge base, abstain. `snapshot`: asked instead of ours.
        """
        snapshot = snapshot or self.snapshot
        read = self.encode(self.prepare(asked, snapshot)) if questions is None else questions
        if snapshot is None or snapshot.engine is None or snapshot.evidence is None or not read:
            return Found("abstain", 0.0)
        if vector is not None:
            read[0].vector[self._cache.encoder.parts[0]] = vector
        judged = [self._judged(snapshot.engine, snapshot.evidence, snapshot.model, one, asked) for one in read]
        if len(judged) == 1:
            judged = [_as_foreseen(judged[0], snapshot.engine.index, asked)]
        best = (
            better(judged, asked, snapshot.engine.index, snapshot.evidence, snapshot.model)
            if len(judged) > 1
            else judged[0]
        )
        if not len(best.ranking.order):
            return Found("abstain", 0.0)
        locale = _locale(asked, snapshot.engine)
        showing = Showing(snapshot.engine, best.question.text, best.ranking, locale, asked.audience)
        results, follow_up = showing.results(asked.limit), best is not judged[0]
        return Found(best.decision, best.confidence, results, follow_up, best.ranking)

    def search_many(self, asked: Sequence[Asked], snapshot: Snapshot, recent: RecentQuestions) -> list[Found]:
        """What `search` says to each of them, encoded and compared with all texts together."""
        prepared = [self.prepare(each, snapshot) for each in asked]
        read = self.encode([text for texts in prepared for text in texts], recent)
        seen = iter(snapshot.engine.together(read) if snapshot.engine else read)
        own = [[next(seen) for _ in texts] for texts in prepared]
        return [self.search(each, texts, snapshot=snapshot) for each, texts in zip(asked, own, strict=True)]

    def _judged(
        self, engine: HybridEngine, evidence: Evidence, model: Model, question: Question, asked: Asked
    ) -> Judged:
        ranking = following.reordered(engine.rank(question), engine.index, asked.audience, asked.history)
        failed = following.failed(asked.history)
        if not len(ranking.order) or engine.index.ids[ranking.order[0]] in failed:  # there is nothing better left
            return Judged(question, ranking, "abstain", 0.0)
        seen = [ranking]
        if asked.audience and engine.index.special[ranking.order[:2]].any():
            # One says for some what the other says for all: the question is as well understood with it as without.
            seen.append(following.ordinary(ranking, engine.index))
        found = [evidence.of(one, question.vector) for one in seen if len(one.order)]
        judged = [Judged(question, ranking, decided(model, one), float(model.probability(one)[0])) for one in found]
        return max(judged, key=lambda one: (one.decision == "answer", one.confidence))


def _as_foreseen(judged: Judged, index: Index, asked: Asked) -> Judged:
    """The same, or as its answer the article that holds this very question."""
    failed = following.failed(asked.history)
    said = (clean(asked.question), judged.question.locale)
    ranking = wordings.put_first(judged.ranking, index, *said, asked.audience, failed)
    if ranking is None:
        return judged
    return Judged(judged.question, ranking, "answer", max(judged.confidence, wordings.CONFIDENCE))


def _locale(asked: Asked, engine: HybridEngine) -> str:
    """The language to read and show: the one asked for if anything here speaks it, the question's otherwise."""
    wanted = (asked.locale or "")[:2].lower()
    return wanted if wanted in engine.index.spellers else language.detect(clean(asked.question))


def clean(question: str) -> str:
    """Without control characters, spaces run together; of a very long question its beginning."""
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co") else c for c in question[:MAX_QUESTION])
    return " ".join(visible.split())[:READ_CHARACTERS]


def _has_words(question: str) -> bool:
    return any(character.isalnum() for character in question)


def _warn_beyond_exact_search(index: Index) -> None:
    if len(index.units) > EXACT_SEARCH_LIMIT:
        log.warning("index_beyond_exact_search", vectors=len(index.units), limit=EXACT_SEARCH_LIMIT)
