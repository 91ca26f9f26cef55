"""Which of the product's languages a text is in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

LOCALES = ("fr", "en")
DEFAULT = "fr"


@lru_cache(maxsize=1)
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LOCALES))
    return identifier


def detect(text: str) -> str:
    """The likelier of the languages; French when there is no letter to judge by."""
    if not any(character.isalpha() for character in text):
        return DEFAULT
    return str(_identifier().classify(text)[0])
