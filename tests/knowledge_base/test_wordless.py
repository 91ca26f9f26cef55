"""What asks nothing is told from questions, and no question is taken for it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from knowledge_base.content.parsing import parse_article
from knowledge_base.retrieval.spelling import Speller
from knowledge_base.retrieval.unrelated import unrelated_questions
from knowledge_base.studio.wordless import is_wordless
from tests.knowledge_base.conftest import SHIPPED

SPELLERS = [Speller("fr", {"bestå": 1, "livraison": 9}), Speller("en", {"wardrobe": 2})]


@pytest.mark.parametrize("text", ["Bestå ?", "livraisonn", "fairwell wardrobe", "azerty livraison", "n° 104233", "CGV"])
def test_one_word_that_is_known_or_nearly_is_enough(text: str) -> None:
    assert not is_wordless(text, SPELLERS)


@pytest.mark.parametrize("text", ["", " … ", "!!!", "azertyuiop", "poiu", "sdfsdf", "mlkj qsdf", "ahahahah", "xqzvbw"])
def test_where_there_is_none_nothing_is_asked(text: str) -> None:
    assert is_wordless(text, SPELLERS)


def test_of_all_questions_that_are_shipped_only_those_typed_for_nothing_are_put_aside() -> None:
    articles, asked = [], [question for _, question in unrelated_questions()]
    for path in sorted(SHIPPED.glob("*/*.md")):
        article, _ = parse_article(path.read_text("utf-8"), locale=path.parent.name, slug=path.stem, path=None)
        assert article is not None
        articles += [article.title, *article.questions]
    words = Counter(word.lower() for text in articles for word in re.findall(r"[^\W\d_]+", text))
    assert len(asked + articles) > 900
    spellers = [Speller("fr", words), Speller("en", words)]
    found = {text for text in asked + articles if is_wordless(text, spellers)}
    typed = {"qsdfgh jklm", "wxcvbn wxcvbn", "qwerty uiop", "zxcvbn zxcvbn", "aaaaaaaaaaa", "🙂🙂🙂"}
    assert found == typed  # a bank of questions from elsewhere holds them
