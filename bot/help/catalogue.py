"""The published articles of one moment, by address, by id and by topic; without their bodies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.folding import fold
from bot.help.titles import Titles
from bot.texts import LOCALES, known, say

Json = dict[str, Any]
HOME = {"fr": "/aide", "en": "/help"}
_TOPIC = {"fr": "theme", "en": "topic"}
_SMALL_SPACE = re.compile(r" (?=[?!;])")
_SPACE = re.compile(r" (?=[:»€%])|(?<=«) ")
OTHER_TOPICS = "other"  # of articles that name none


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in one language; ``url`` is its page, from the root of the public address."""

    article_id: str
    locale: str
    slug: str
    title: str
    topic: str
    answer: str
    version: str
    url: str


@dataclass(frozen=True)
class Topic:
    """A topic in one language, with its articles in the order of their titles."""

    key: str
    locale: str
    label: str
    slug: str
    entries: tuple[Entry, ...]

    @property
    def url(self) -> str:
        """Its page."""
        return f"{HOME[self.locale]}/{_TOPIC[self.locale]}/{self.slug}"


class Catalogue:
    """Replaced as a whole when an article changes: who has read it goes on with that."""

    def __init__(self, revision: str, rows: Iterable[Json] = ()) -> None:
        self.revision = revision
        self.entries = tuple(entry_of(row) for row in rows if row["locale"] in LOCALES)
        self._by_slug = {(entry.locale, entry.slug): entry for entry in self.entries}
        self._by_id: dict[str, dict[str, Entry]] = {}
        for entry in self.entries:
            self._by_id.setdefault(entry.article_id, {})[entry.locale] = entry
        self._listed = {code: [entry for entry in self.entries if entry.locale == code] for code in LOCALES}
        self._titles = {code: Titles([entry.title for entry in self._listed[code]]) for code in LOCALES}
        self._topics = {code: tuple(_topics_of(code, self._listed[code])) for code in LOCALES}

    def at(self, locale: str, slug: str) -> Entry | None:
        """The article at this address."""
        return self._by_slug.get((locale, slug))

    def versions(self, article_id: str) -> Mapping[str, Entry]:
        """The article in every language it exists in."""
        return self._by_id.get(article_id, {})

    def topics(self, locale: str) -> tuple[Topic, ...]:
        """Those that have an article in this language, by label."""
        return self._topics[locale]

    def topic(self, locale: str, name: str) -> Topic | None:
        """A topic by its slug in this language, or by its key."""
        topics = self._topics[locale]
        return next((one for one in topics if one.slug == name), None) or next(
            (one for one in topics if one.key == name), None
        )

    def topic_of(self, entry: Entry) -> Topic:
        """The topic that lists this article, or will."""
        key = entry.topic or OTHER_TOPICS
        listed = (one for one in self._topics[entry.locale] if one.key == key)
        label = topic_label(entry.locale, key)
        return next(listed, None) or Topic(key, entry.locale, label, slug_of(label), ())

    def matching(self, locale: str, text: str, limit: int, *, every_word: bool = False) -> list[Entry]:
        """Articles whose titles hold words that begin like those of ``text``: what is left without a search engine."""
        found = self._titles[locale].matching(text, limit, every_word=every_word)
        return [self._listed[locale][place] for place in found]


def entry_of(row: Json) -> Entry:
    """An article as its page shows it."""
    names = ("article_id", "locale", "slug", "title", "topic", "answer", "version", "url")
    found = {name: str(row.get(name) or "") for name in names}
    said = {name: unbroken(found["locale"], found[name]) for name in ("title", "answer")}
    return Entry(**(found | said))


def unbroken(locale: str, text: str) -> str:
    """French with the spaces that no line may end at: writers type ordinary ones."""
    if locale != "fr":
        return text
    return _SMALL_SPACE.sub("\N{NARROW NO-BREAK SPACE}", _SPACE.sub("\N{NO-BREAK SPACE}", text))


def _topics_of(locale: str, entries: list[Entry]) -> list[Topic]:
    by_key: dict[str, list[Entry]] = {}
    for entry in entries:
        by_key.setdefault(entry.topic or OTHER_TOPICS, []).append(entry)
    taken: set[str] = set()
    found = []
    for label, key in sorted((topic_label(locale, key), key) for key in by_key):
        slug = slug_of(label)
        # Two labels may be one slug; a key is nobody else's.
        slug = key if slug in taken or not slug else slug
        taken.add(slug)
        ordered = sorted(by_key[key], key=lambda entry: fold(entry.title))
        found.append(Topic(key, locale, label, slug, tuple(ordered)))
    return sorted(found, key=lambda topic: (topic.key == OTHER_TOPICS, fold(topic.label)))


def topic_label(locale: str, key: str) -> str:
    """What customers call a topic; one that a company added is called by its key."""
    if not key or key == OTHER_TOPICS:
        return say(locale, "help_other_topic")
    return known(locale, f"topic_{key}") or key.replace("-", " ").replace("_", " ").capitalize()


def slug_of(text: str) -> str:
    """Small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")
