"""The help centre: home and search, topics, articles, and a page for addresses that lead nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.conversations.popular import EVERYWHERE
from bot.errors import NeighbourError
from bot.help.catalogue import HOME, Catalogue, Entry, Topic
from bot.help.openings import is_reading
from bot.help.search import asked
from bot.help.structured import Json, breadcrumbs, questions, site
from bot.masking import mask
from bot.services import services_of
from bot.texts import LOCALES, say
from bot.web.help_feedback import url_of as feedback_url_of
from bot.web.help_frame import PLACE, Frame, as_page, draw, kept, locale_of, other, urls_of
from bot.web.help_kept import PRIVATE, Page, answer
from bot.web.help_lost import not_found
from bot.web.help_search import results_page
from bot.web.keys import HELP_OPENINGS
from bot.web.markdown import prose_of
from bot.web.widget_api import POPULAR

routes = web.RouteTableDef()
SHOWN_OF_TOPIC = 3
ON_A_PAGE = 50
_MOST_RELATED = 5
_MOST_POPULAR = 6
_HEADINGS_FROM = 3  # a list of what is on the page is worth its room from so many headings on


@routes.get(PLACE)
@as_page
async def home(request: web.Request) -> web.StreamResponse:
    """Search and topics; with ``?q=`` what was found."""
    locale = locale_of(request)
    query = asked(request.query.get("q"))
    if query:
        return await results_page(request, locale, query)
    popular = await _popular(request)
    return await kept(request, ("home", locale, popular), partial(_home, request, locale, popular))


async def _popular(request: web.Request) -> tuple[str, ...]:
    """Ids of the articles that the chat has shown most of late; none while the record is away."""
    try:
        return tuple(await request.app[POPULAR].on(services_of(request), EVERYWHERE))
    except (SQLAlchemyError, OSError):
        return ()


async def _home(request: web.Request, locale: str, popular: tuple[str, ...], catalogue: Catalogue) -> Page:
    services = services_of(request)
    asked_most = [entry for key in popular if (entry := catalogue.versions(key).get(locale))]
    brand = services.service.brand.name
    title = f"{say(locale, 'help_title')} · {brand}"
    frame = Frame(
        "home",
        title,
        description=say(locale, "help_description", brand=brand),
        urls={code: HOME[code] for code in LOCALES if code in services.service.brand.languages},
        structured=[site(services.settings.public_url, HOME[locale], title, locale)],
        values={
            "topics": catalogue.topics(locale),
            "popular": asked_most[:_MOST_POPULAR] if len(asked_most) >= SHOWN_OF_TOPIC else [],
            "shown": SHOWN_OF_TOPIC,
            "query": "",
            "found": None,
        },
    )
    return draw(request, locale, frame)


@routes.get(PLACE + "/{kind:theme|topic}/{name}")
@as_page
async def topic(request: web.Request) -> web.StreamResponse:
    """The articles of one topic."""
    locale, name = locale_of(request), request.match_info["name"]
    catalogue = await services_of(request).library.current()
    found = catalogue.topic(locale, name) or _topic_elsewhere(catalogue, locale, name)
    if found is None:
        return await not_found(request, locale, name)
    is_missing = "untranslated" in request.query
    if request.path != found.url:
        raise web.HTTPMovedPermanently(found.url)
    pages = max(1, -(-len(found.entries) // ON_A_PAGE))
    number = request.query.get("page", "1")
    if not (number.isascii() and number.isdecimal() and len(number) < 5 and 1 <= int(number) <= pages):
        raise web.HTTPFound(found.url)
    key = ("topic", locale, found.key, int(number), is_missing)
    return await kept(request, key, partial(_topic, request, found.key, int(number), is_missing))


def _topic_elsewhere(catalogue: Catalogue, locale: str, name: str) -> Topic | None:
    """The topic that the other language calls by this name."""
    there = catalogue.topic(other(locale), name)
    return catalogue.topic(locale, there.key) if there else None


async def _topic(request: web.Request, key: str, number: int, is_missing: bool, catalogue: Catalogue) -> Page:
    locale = locale_of(request)
    found = catalogue.topic(locale, key)
    if found is None:  # gone a moment ago
        raise web.HTTPFound(HOME[locale])
    entries = found.entries[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    twins = {code: twin.url for code in LOCALES if (twin := catalogue.topic(code, key))}
    path = [(say(locale, "help_title"), HOME[locale]), (found.label, found.url)]
    frame = Frame(
        "topic",
        f"{found.label} · {services_of(request).service.brand.name}",
        description=say(locale, "help_topic_description", topic=found.label),
        urls=twins if number == 1 else {locale: f"{found.url}?page={number}"},
        path=path,
        structured=[questions(entries), breadcrumbs(services_of(request).settings.public_url, path)],
        instead=twins.get(other(locale)),
        values={
            "topic": found,
            "entries": entries,
            "page": number,
            "pages": max(1, -(-len(found.entries) // ON_A_PAGE)),
            "is_missing": is_missing,
            "others": [one for one in catalogue.topics(locale) if one.key != key],
        },
    )
    return draw(request, locale, frame)


@routes.get(PLACE + "/{slug}")
@as_page
async def article(request: web.Request) -> web.StreamResponse:
    """One article, to be read without a script."""
    locale, slug = locale_of(request), request.match_info["slug"]
    catalogue = await services_of(request).library.current()
    entry = catalogue.at(locale, slug)
    if entry is None:
        moved = _moved(catalogue, locale, slug)
        if moved is None:
            return await not_found(request, locale, slug)
        raise web.HTTPFound(moved.url)
    question = _came_from_search(request, locale)
    make = partial(_article, request, entry, question)
    if question:
        response = answer(request, await make(catalogue), cache=PRIVATE)
    else:
        response = await kept(request, ("article", locale, slug), make)
    if request.method == "GET" and response.status == 200 and is_reading(request.headers):
        services = services_of(request)
        day = services.clock().astimezone(services.service.zone).date().isoformat()
        request.app[HELP_OPENINGS].count(entry.article_id, locale, entry.version, day)
    return response


def _moved(catalogue: Catalogue, locale: str, slug: str) -> Entry | None:
    """The article that somebody means with an address in the other language, in capitals, or with its id."""
    small = slug.lower()
    there = catalogue.at(locale, small) or catalogue.at(other(locale), small)
    return catalogue.versions(there.article_id if there else small).get(locale)


def _came_from_search(request: web.Request, locale: str) -> str:
    """What the reader searched, masked, when that is where they come from: it belongs to their word on the article."""
    referer = urlsplit(request.headers.get("Referer", "")[:4000])
    if referer.netloc != request.host or referer.path not in HOME.values():
        return ""
    return mask(asked(parse_qs(referer.query).get("q", [""])[0]), locale)


async def _article(request: web.Request, entry: Entry, question: str, catalogue: Catalogue) -> Page:
    text, is_away = await _text(request, entry)
    return article_page(request, entry, text, catalogue, question=question, is_away=is_away)


def article_page(
    request: web.Request, entry: Entry, text: Json, catalogue: Catalogue, *, question: str = "", is_away: bool = False
) -> Page:
    """The page of an article, which need not be published; ``text`` holds its `body` and `related`."""
    services, locale = services_of(request), entry.locale
    found = catalogue.topic_of(entry)
    path = [(say(locale, "help_title"), HOME[locale]), (found.label, found.url), (entry.title, entry.url)]
    prose = prose_of(str(text.get("body") or ""))
    frame = Frame(
        "article",
        f"{entry.title} · {services.service.brand.name}",
        description=entry.answer,
        urls=urls_of(catalogue, entry),
        path=path,
        structured=[questions([entry]), breadcrumbs(services.settings.public_url, path)],
        status=503 if is_away else 200,
        instead=_without_twin(catalogue, entry),
        values={
            "article": entry,
            "prose": prose,
            "headings": prose.headings if len(prose.headings) >= _HEADINGS_FROM else (),
            "is_away": is_away,
            "related": _related(catalogue, entry, text.get("related") or [], found.entries),
            "question": question,
            "feedback_url": feedback_url_of(entry),
        },
    )
    return draw(request, locale, frame)


async def _text(request: web.Request, entry: Entry) -> tuple[Json, bool]:
    """The article's text; without it, and that it is away, the short answer can still be shown."""
    try:
        return await services_of(request).library.text(entry), False
    except NeighbourError:
        return {}, True


def _without_twin(catalogue: Catalogue, entry: Entry) -> str | None:
    """Where the language switch leads when the article has no twin: to what there is on the same topic."""
    there = catalogue.topic(other(entry.locale), entry.topic)
    return f"{there.url}?untranslated=1" if there else None


def _related(catalogue: Catalogue, entry: Entry, ids: Sequence[str], neighbours: Sequence[Entry]) -> list[Entry]:
    """Those that the writer named, then neighbours of the topic."""
    named = [catalogue.versions(article_id).get(entry.locale) for article_id in ids]
    found = [one for one in named if one is not None and one.article_id != entry.article_id]
    if len(found) < SHOWN_OF_TOPIC:
        found += [one for one in neighbours if one not in found and one.article_id != entry.article_id][:SHOWN_OF_TOPIC]
    return found[:_MOST_RELATED]
