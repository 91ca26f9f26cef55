"""French and English stay level, and every string the pages ask for exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.wording import PLURAL, empty_or_straight, unprinted, variables
from tests.wording import strings as strings_of

BOT = Path(__file__).resolve().parents[2] / "bot"
DESK = BOT / "static/desk"


def strings(locale: str) -> dict[str, str]:
    return strings_of(DESK, locale)


def sources() -> str:
    files = [*DESK.rglob("*.js"), *(BOT / "templates/desk").glob("*.html")]
    assert len(files) > 15
    return "\n".join(path.read_text("utf-8") for path in files)


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(strings("fr")) == list(strings("en"))
    assert len(strings("fr")) > 150


def test_both_languages_fill_the_same_variables() -> None:
    assert variables(strings("fr")) == variables(strings("en"))


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_no_string_is_empty_or_uses_a_straight_apostrophe(locale: str) -> None:
    assert empty_or_straight(strings(locale)) == []


def test_french_typography() -> None:
    assert unprinted(strings("fr")) == []


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
