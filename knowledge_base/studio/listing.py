"""The list of articles with their drafts: filtered, counted, from memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from knowledge_base.content.article import Article
from knowledge_base.retrieval.text import fold
from knowledge_base.studio.drafts import Draft
from knowledge_base.studio.studio import Studio
from knowledge_base.studio.versions import Place, Version

Json = dict[str, Any]
FILTERS = ("topic", "state", "author", "locale")
SORTS: dict[str, tuple[Callable[[Json], Any], bool]] = {
    "updated_at": (lambda row: row["updated_at"] or "", True),
    "title": (lambda row: fold(row["title"]), False),
    "review_by": (lambda row: row["review_by"] or "9999", False),
}


@dataclass(frozen=True)
class Asked:
    """A page of the list; `due`: to be reviewed within so many days; `stale` and the like: those alone."""

    q: str = ""
    topic: str = ""
    state: str = ""
    author: str = ""
    locale: str = ""
    due: int | None = None
    stale: bool = False
    missing: bool = False
    scheduled: bool = False
    only: frozenset[tuple[str, str]] | None = None  # article id and language
    sort: str = "updated_at"
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True)
class _Row:
    told: Json
    words: str  # what `q` is looked for in
    states: tuple[str, ...]
    authors: frozenset[str]


_Sources = tuple[Article | None, Draft | None, Article | None, Version | None]  # published, draft, archived, its commit


class Listing:
    """Made anew when anything has changed, then only filtered."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._made: tuple[tuple[object, ...], list[_Row]] | None = None
        self._known: dict[Place, tuple[_Sources, tuple[tuple[str, ...], str], _Row]] = {}

    def page(self, asked: Asked) -> Json:
        """`{total, revision, articles, facets}`; a facet counts what its other values would show."""
        rows = self._rows()
        today = self._studio.now().date()
        kept = [row for row in rows if _wanted(row, asked, today)]
        by, backwards = SORTS.get(asked.sort, SORTS["updated_at"])
        found = sorted((row for row in kept if _passes(row, asked)), key=lambda row: by(row.told), reverse=backwards)
        told = [row.told for row in found[asked.offset : asked.offset + asked.limit]]
        revision = self._studio.contents().revision
        return {"total": len(found), "revision": revision, "articles": told, "facets": _facets(kept, asked, today)}

    def whole(self) -> Json:
        """`{revision, articles}`: every row, for who counts over all of them."""
        rows = self._rows()
        return {"revision": self._studio.contents().revision, "articles": [row.told for row in rows]}

    def _rows(self) -> list[_Row]:
        studio = self._studio
        articles = studio.articles()
        key = (studio.contents(), studio.drafts, studio.drafts.changes, studio.versions.changes)
        if self._made is None or self._made[0] != key or articles is not studio.contents().articles:
            with studio.changing:
                self._made = (key, self._made_anew(articles))
        return self._made[1]

    def _made_anew(self, articles: Iterable[Article]) -> list[_Row]:
        """Of 10,000 rows a save changes one: the others stay as they were made."""
        studio = self._studio
        latest = studio.versions.latest
        published = {(one.id, one.locale): one for one in articles}
        drafts = {(one.form.article_id, one.form.locale): one for one in studio.drafts.all()}
        gone = studio.versions.archived(set(published))
        there: dict[str, set[str]] = {}
        newest: dict[str, str] = {}
        for article_id, locale in [*published, *drafts]:
            there.setdefault(article_id, set()).add(locale)
            if version := latest.get((article_id, locale)):
                newest[article_id] = max(newest.get(article_id, ""), version.at)
        known, self._known = self._known, {}
        for place in {**published, **drafts, **gone}:
            sources = (published.get(place), drafts.get(place), gone.get(place), latest.get(place))
            twins = (tuple(sorted(there.get(place[0], ()))), newest.get(place[0], ""))
            found = known.get(place)
            if found is None or found[1] != twins or any(a is not b for a, b in zip(found[0], sources, strict=True)):
                found = (sources, twins, self._row(place, sources, twins))
            self._known[place] = found
        order = {locale: number for number, locale in enumerate(studio.languages)}  # of what is as new as another
        return sorted((row for _, _, row in self._known.values()), key=lambda row: order.get(row.told["locale"], 0))

    def _row(self, place: Place, sources: _Sources, twins: tuple[tuple[str, ...], str]) -> _Row:
        article, draft, gone, version = sources
        told = _told(place, article, draft, gone)
        if draft is None or article is not None:
            at = version.at if version else _file_time(article)
            told |= {"updated_at": at, "updated_by": version.by if version else None}
        else:
            told |= {"updated_at": draft.updated_at, "updated_by": draft.updated_by}
        told["stale"] = article is not None and version is not None and twins[1] > version.at
        missing = sorted(set(self._studio.languages) - set(twins[0]))
        told["missing"] = [] if told["state"] == "archived" else missing
        return _Row(told, _words(told, article, draft), _states(told), _authors(told, draft))


def _told(place: tuple[str, str], article: Article | None, draft: Draft | None, gone: Article | None) -> Json:
    shown = article or (draft.form.article_if_possible() if draft else None) or gone
    told: Json = {"article_id": place[0], "locale": place[1]}
    names = ("slug", "title", "topic", "url")
    told |= {name: getattr(shown, name) if shown else "" for name in names}
    state = "published" if article else draft.state if draft else "archived"
    review = shown.review_by.isoformat() if shown and shown.review_by else None
    told |= {"state": state, "has_draft": draft is not None, "draft_state": draft.state if draft else None}
    told |= {"version": article.version if article else None, "review_by": review}
    told |= {"publish_at": draft.publish_at if draft else None}
    told |= {"publish_problem": draft.publish_problem if draft else None}
    return told


def _file_time(article: Article | None) -> str | None:
    try:
        seconds = article.path.stat().st_mtime if article and article.path else None
    except OSError:
        seconds = None
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None


def _words(told: Json, article: Article | None, draft: Draft | None) -> str:
    parts = [told["article_id"], told["title"], told["slug"]]
    parts += [article.answer, *article.questions] if article else []
    parts += [draft.form.title, draft.form.answer, *draft.form.questions] if draft else []
    return fold("\n".join(parts))


def _states(told: Json) -> tuple[str, ...]:
    return tuple({told["state"], *([told["draft_state"]] if told["draft_state"] else [])})


def _authors(told: Json, draft: Draft | None) -> frozenset[str]:
    people = [told["updated_by"], *([draft.author, draft.updated_by] if draft else [])]
    return frozenset(person["email"] for person in people if person)


def _wanted(row: _Row, asked: Asked, today: date) -> bool:
    """All but the filters that have facets."""
    told = row.told
    if asked.only is not None and (told["article_id"], told["locale"]) not in asked.only:
        return False
    if asked.due is not None and not _due(told, today, asked.due):
        return False
    if (asked.stale and not told["stale"]) or (asked.missing and not told["missing"]):
        return False
    if asked.scheduled and not told["publish_at"]:
        return False
    return all(word in row.words for word in fold(asked.q).split())


def _due(told: Json, today: date, days: int) -> bool:
    return bool(told["review_by"]) and told["review_by"] <= (today + timedelta(days=days)).isoformat()


def _passes(row: _Row, asked: Asked, but: str = "") -> bool:
    for name in FILTERS:
        wanted = getattr(asked, name)
        if wanted and name != but and wanted not in _values(row, name):
            return False
    return True


def _values(row: _Row, name: str) -> Iterable[str]:
    if name == "state":
        return row.states
    return row.authors if name == "author" else (row.told[name],)


def _facets(rows: list[_Row], asked: Asked, today: date) -> Json:
    facets: Json = {}
    for name in FILTERS:
        counted = Counter(value for row in rows if _passes(row, asked, name) for value in _values(row, name))
        facets[name] = dict(sorted(counted.items()))
    passing = [row.told for row in rows if _passes(row, asked)]
    facets["due"] = sum(_due(told, today, 0) for told in passing)
    facets["stale"] = sum(told["stale"] for told in passing)
    facets["missing"] = sum(bool(told["missing"]) for told in passing)
    facets["scheduled"] = sum(bool(told["publish_at"]) for told in passing)
    return facets
