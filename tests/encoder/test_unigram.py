"""Our tokenizer against the tokenizers library with the folder's own tokenizer.json."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from encoder.model import VOCABULARY_FILE
from encoder.unigram import BEGIN, END, MOST_CHARACTERS, Unigram

ROOT = Path(__file__).parents[2]
ARTICLES = sorted((ROOT / "knowledge_base" / "articles").glob("*/*.md"))
WRITTEN = [
    "",
    " ",
    "Où est mon colis\u202f?",
    "slt jai pa recu ma comande c normal ??!!",
    "L’e-mail «\u00a0confirmé\u00a0» n’est pas arrivé…",
    "e\u0301te\u0301 decomposed, ﬁn de série, ２０２６, ½ prix, № 5",
    "🙂👍🏽 👨‍👩‍👧 drôle",
    "où\u200best\u00admon\tcolis\r\nmerci",
    "¿Dónde está mi pedido?",
    "Wo ist mein Paket? Lieferzeitüberschreitung",
    "我的包裹在哪里？",
    "أين طردي؟",
    "где моя посылка",
    "https://example.org/suivi?numero=MA-104233&lang=fr",
    "a" * 5000,
    "mot " * 3000,
    "▁déjà▁marqué",
]


@pytest.fixture(scope="module")
def reference(model_folder: Path) -> Tokenizer:
    made = Tokenizer.from_file(str(model_folder / "tokenizer.json"))
    made.enable_truncation(512)
    return made


@pytest.fixture(scope="module")
def ours(model_folder: Path) -> Unigram:
    return Unigram(model_folder / VOCABULARY_FILE, max_tokens=512)


def made_up(count: int) -> list[str]:
    """Texts of the scripts that customers of a shop might use, mixed without any sense."""
    chance = random.Random(4)
    ranges = [(0x20, 0x7F), (0xA0, 0x250), (0x370, 0x530), (0x5D0, 0x5EB), (0x620, 0x650), (0x4E00, 0x9FA6)]
    letters = [chr(c) for first, last in ranges for c in range(first, last)] + [" "] * 3000
    return ["".join(chance.choices(letters, k=chance.randrange(1, 60))) for _ in range(count)]


def test_it_numbers_tokens_as_the_library_does(reference: Tokenizer, ours: Unigram) -> None:
    articles = [path.read_text("utf-8") for path in ARTICLES]
    assert len(articles) > 100
    for text in [*WRITTEN, *articles, *made_up(500)]:
        assert ours.numbers(text) == reference.encode(text).ids, text[:200]


def test_a_mark_that_a_person_types_is_text(ours: Unigram) -> None:
    numbers = ours.numbers("</s> bonjour <mask><s>")
    assert (numbers[0], numbers[-1]) == (BEGIN, END)
    assert not {BEGIN, END, ours.numbers("<mask>")[0]} & set(numbers[1:-1])


def test_a_text_without_end_is_cut_to_512_tokens_at_once(ours: Unigram) -> None:
    assert len(ours.numbers("colis " * 10**6)) == 512
    assert len(ours.numbers("x" * 10**6)) <= 512
    assert ours.numbers("bonjour" + " " * 2 * MOST_CHARACTERS + "colis") == ours.numbers("bonjour")
