"""The studio's strings: French and English level, each one known and used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.wording import PLURAL, empty_or_straight, unprinted, variables
from tests.wording import strings as strings_of

STATIC = Path(__file__).resolve().parents[2] / "bot/static"
STUDIO = STATIC / "studio"


def strings(locale: str, part: Path = STUDIO) -> dict[str, str]:
    return strings_of(part, locale)


def sources() -> str:
    return "\n".join(path.read_text("utf-8") for path in STUDIO.rglob("*.js"))


def test_both_languages_are_level() -> None:
    french, english = strings("fr"), strings("en")
    assert list(french) == list(english)
    assert variables(french) == variables(english)
    assert french.keys().isdisjoint(strings("fr", STATIC / "desk")), "it would hide a string of the desk"


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_no_string_is_empty_or_uses_a_straight_apostrophe(locale: str) -> None:
    assert empty_or_straight(strings(locale)) == []


def test_french_typography() -> None:
    assert unprinted(strings("fr")) == []


def test_every_key_asked_for_exists_and_every_key_is_used() -> None:
    text = sources()
    asked = set(re.findall(r'\b(?:t|plural|say)\("([a-z][\w.-]+)"', text))
    known = {**strings("fr", STATIC / "desk"), **strings("fr")}
    assert asked - {PLURAL.sub("", key) for key in known} - known.keys() == set()
    groups = set(re.findall(r'label\("([\w.-]+)"', text)) | set(re.findall(r"`([a-z][\w.-]+)\.\$\{", text))
    unused = [
        key
        for key in strings("fr")
        if not any(f'"{one}"' in text for one in (key, PLURAL.sub("", key)))
        and not any(key.startswith(f"{group}.") for group in groups)
    ]
    assert unused == []
