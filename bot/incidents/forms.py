"""What a writer prepares, read and checked: ``{name, topics, phrases, answer, notice, over}``, texts by language."""

from __future__ import annotations

from typing import Any

from bot.errors import Refusal
from bot.incidents.words import stems
from bot.services import Services
from service.topics import TOPICS

Json = dict[str, Any]
LONGEST = {"answer": 1200, "notice": 200, "over": 600}
_LONGEST_NAME = 120
_LONGEST_PHRASE = 200
_MOST_PHRASES = 40


def read_form(services: Services, body: Json) -> Json:
    """The form as it is kept. Raises ``Refusal`` (422) that names the field."""
    given = body.get("form")
    if not isinstance(given, dict):
        raise Refusal("bad_request", 422)
    languages: list[str] = list(services.service.brand.languages)
    name = _text(given.get("name"), "name", _LONGEST_NAME)
    if not name:
        raise _bad("incident_name", "name")
    topics = given.get("topics") or []
    if not isinstance(topics, list) or any(topic not in TOPICS for topic in topics):
        raise _bad("incident_topics", "topics")
    phrases = _phrases(given.get("phrases") or {}, languages)
    if not topics and not any(phrases.values()):
        raise _bad("incident_about", "topics")
    texts = {key: _texts(given.get(key) or {}, key, languages) for key in LONGEST}
    for key in ("answer", "notice"):
        for locale in languages:
            if not texts[key].get(locale):
                raise _bad("incident_text", f"{key}.{locale}")
    return {"name": name, "topics": list(dict.fromkeys(topics)), "phrases": phrases} | texts


def read_texts(services: Services, given: object, key: str = "answer") -> Json:
    """A text in every language of the company. Raises ``Refusal`` (422)."""
    languages: list[str] = list(services.service.brand.languages)
    texts = _texts(given if isinstance(given, dict) else {}, key, languages)
    for locale in languages:
        if not texts.get(locale):
            raise _bad("incident_text", f"text.{locale}")
    return texts


def _texts(given: object, key: str, languages: list[str]) -> Json:
    if not isinstance(given, dict):
        raise _bad("incident_text", key)
    return {locale: _text(given.get(locale), f"{key}.{locale}", LONGEST[key]) for locale in languages}


def _text(value: object, field: str, longest: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or "\x00" in value:
        raise _bad("incident_text", field)
    text = value.strip()
    if len(text) > longest:
        raise Refusal("incident_long", 422, extra={"field": field}, longest=longest)
    return text


def _phrases(given: object, languages: list[str]) -> Json:
    if not isinstance(given, dict):
        raise _bad("incident_phrases", "phrases")
    found: Json = {}
    for locale in languages:
        lines = given.get(locale) or []
        if not isinstance(lines, list) or len(lines) > _MOST_PHRASES:
            raise _bad("incident_phrases", f"phrases.{locale}")
        kept = [_text(line, f"phrases.{locale}", _LONGEST_PHRASE) for line in lines]
        # “Où est-ce ?” would be about everything.
        if any(line and not stems(line, locale) for line in kept):
            raise _bad("incident_phrases", f"phrases.{locale}")
        found[locale] = [line for line in dict.fromkeys(kept) if line]
    return found


def _bad(code: str, field: str) -> Refusal:
    return Refusal(code, 422, extra={"field": field})
