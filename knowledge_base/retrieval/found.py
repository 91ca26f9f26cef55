"""What a search answers: the decision, and the articles as they will be shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from knowledge_base.content.article import Article
from knowledge_base.retrieval import following, text
from knowledge_base.retrieval.engine import HybridEngine, Ranking
from service.typography import typeset

SAID = (".", "!", ";", "…", "»", "”", ")")  # how a sentence ends that is neither a heading nor a question
CELLS = " – "  # between the cells of a row
Decision = Literal["answer", "clarify", "abstain"]


@dataclass(frozen=True)
class Result:
    """An article found, in the language it will be shown in; `sentence` is the part of `passage` that answers."""

    article: Article
    passage: str
    score: float
    sentence: str | None = None

    def as_json(self) -> dict[str, object]:
        """As `POST /search` returns it."""
        article = self.article
        return {
            "article_id": article.id,
            "version": article.version,
            "locale": article.locale,
            "title": typeset(article.title),
            "answer": typeset(article.answer),
            "passage": typeset(self.passage),
            "sentence": typeset(self.sentence) if self.sentence else self.sentence,
            "url": article.url,
            "score": round(self.score, 4),
            "topic": article.topic,
        }


@dataclass(frozen=True)
class Found:
    """The decision on a question, the probability that the first article answers it, the best articles."""

    decision: Decision
    confidence: float
    results: list[Result] = field(default_factory=list)
    follow_up: bool = False  # the question was read together with the one before
    ranking: Ranking | None = None  # what it was decided on

    def as_json(self) -> dict[str, object]:
        """As `POST /search` returns it."""
        return {
            "decision": self.decision,
            "confidence": round(self.confidence, 4),
            "follow_up": self.follow_up,
            "results": [result.as_json() for result in self.results],
        }


@dataclass(frozen=True)
class Showing:
    """Turns a ranking into results: the article in the right language, its nearest passage, the sentence to mark."""

    engine: HybridEngine
    question: str
    ranking: Ranking
    locale: str
    audience: str | None

    def results(self, limit: int) -> list[Result]:
        """The first `limit`; the sentence is looked for in the first alone, which is the one that is shown whole."""
        numbers = self.ranking.order[:limit]
        return [self._result(int(number), first=place == 0) for place, number in enumerate(numbers)]

    def _result(self, number: int, *, first: bool) -> Result:
        index = self.engine.index
        versions = following.meant_for(index.by_locale[number].values(), self.audience)
        article = next((one for one in versions if one.locale == self.locale), versions[0])
        span = range(index.starts[number], index.starts[number] + index.counts[number])
        wanted = ("passage", article.locale)
        passages = [unit for unit in span if (index.units[unit].field, index.units[unit].locale) == wanted]
        best = max(passages, key=lambda unit: float(self.ranking.units[unit]), default=None)
        passage = index.units[best].shown if best is not None else article.answer
        score = min(1.0, max(0.0, float(self.ranking.scores[number])))
        return Result(article, passage, score, self._sentence(passage, article.locale) if first else None)

    def _sentence(self, passage: str, locale: str) -> str | None:
        """The sentence that shares most of the question's rare words, the earlier one when two are level."""
        sentences = _sentences(passage)
        said = [sentence for sentence in sentences if sentence.endswith(SAID) or CELLS in sentence] or sentences
        ngrams, part = self.engine.index.lexicon.ngrams, self.engine.index.lexical[locale]
        asked = part.ngrams.rarity(ngrams.terms(self.question, locale))
        weights = [sum(asked.get(term, 0.0) for term in set(ngrams.tokens(one, locale))) for one in said]
        return said[weights.index(max(weights))] if weights and max(weights) > 0 else None


@lru_cache(maxsize=2_000)
def _sentences(passage: str) -> tuple[str, ...]:
    return tuple(text.sentences(passage))
