"""French and English stay level, and every string the pages ask for exists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

BOT = Path(__file__).resolve().parents[2] / "bot"
DESK = BOT / "static/desk"
PLURAL = re.compile(r"\.(one|other)$")


def strings(locale: str) -> dict[str, str]:
    loaded: dict[str, str] = json.loads((DESK / f"locales/{locale}.json").read_text("utf-8"))
    return loaded


def sources() -> str:
    files = [*DESK.rglob("*.js"), *(BOT / "templates/desk").glob("*.html")]
    assert len(files) > 15
    return "\n".join(path.read_text("utf-8") for path in files)


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(strings("fr")) == list(strings("en"))
    assert len(strings("fr")) > 150


def test_both_languages_fill_the_same_variables() -> None:
    french, english = strings("fr"), strings("en")
    names = re.compile(r"\{\w+\}")
    assert {key: sorted(names.findall(text)) for key, text in french.items()} == {
        key: sorted(names.findall(text)) for key, text in english.items()
    }


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_no_string_is_empty_or_uses_a_straight_apostrophe(locale: str) -> None:
    assert [key for key, text in strings(locale).items() if not text.strip() or "'" in text] == []


def test_french_typography() -> None:
    wrong = re.compile(r"(?<![\u202f])[?!;]|(?<!\u00a0):|«(?!\u00a0)|(?<!\u00a0)»")
    assert [text for text in strings("fr").values() if wrong.search(text)] == []


def test_every_key_in_the_sources_exists() -> None:
    asked = set(re.findall(r'\b(?:t|plural)\("([a-z][\w.-]+)"', sources()))
    asked |= set(re.findall(r"messages\[[\"']([\w.-]+)[\"']\]", sources()))
    asked |= set(re.findall(r'key: (?:taken \? )?"([a-z]+\.[a-z]+)"', sources()))
    known = {PLURAL.sub("", key) for key in strings("fr")} | set(strings("fr"))
    assert len(asked) > 80
    assert asked - known == set()


def test_every_key_is_used() -> None:
    text = sources()
    groups = set(re.findall(r'label\("([\w-]+)"', text)) | set(re.findall(r"t\(`([\w.-]+)\.\$\{", text))
    unused = [
        key
        for key in strings("fr")
        if f'"{key}"' not in text
        and f'"{PLURAL.sub("", key)}"' not in text
        and f"'{key}'" not in text
        and not any(key.startswith(f"{group}.") for group in groups)
    ]
    assert unused == []
