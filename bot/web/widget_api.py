"""What the chat asks before anybody has said a word: how it looks, what to offer on a page, an article to read."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from aiohttp import web

from bot.conversations.opening import greeting_text
from bot.conversations.popular import Popular, path_of
from bot.errors import NeighbourError, Refusal
from bot.services import Services, services_of
from bot.texts import LOCALES, locale_from, say
from bot.web.html_tree import tree
from bot.web.keys import LIMITS
from bot.web.markdown import to_html
from bot.web.middlewares import LOCALE
from bot.web.reading import address_of

routes = web.RouteTableDef()
POPULAR = web.AppKey("popular", Popular)
Json = dict[str, Any]
_OFFERED = 3
_LONGEST = 2000
_PER_MINUTE = 240
_HELP = {"aide": "fr", "help": "en"}
# What is offered before anybody has asked anything: one article of each, in this order.
_FIRST_TOPICS = ("orders", "delivery", "returns", "refunds", "damaged")


class Page(NamedTuple):
    """Where the chat is opened."""

    url: str
    title: str
    locale: str


@routes.get("/api/v1/widget")
async def look(request: web.Request) -> web.Response:
    """How the chat looks and what it says first; asked for by every page that holds it, so it may be kept a while."""
    services, locale = services_of(request), _locale(request)
    company = services.service
    chat = company.widget
    shown = {
        "brand": company.brand.name,
        "assistant": company.brand.assistant_name,
        "name": chat.name.in_locale(locale) if chat.name else None,
        "greeting": greeting_text(services, locale, None),
        "palette": chat.palette,
        "position": chat.position,
        "languages": list(chat.languages or company.brand.languages),
        "max_message_chars": services.settings.max_message_chars,
        "max_file_bytes": services.settings.max_file_bytes,
    }
    return web.json_response(shown, headers={"Cache-Control": "public, max-age=300"})


@routes.get("/api/v1/widget/start")
async def start(request: web.Request) -> web.Response:
    """What is most useful on the page ``url`` with this ``title``; nothing is kept of the question."""
    services, locale = services_of(request), _locale(request)
    await request.app[LIMITS].check("start", address_of(request), _PER_MINUTE)
    url, title = (request.query.get(name, "")[:_LONGEST] for name in ("url", "title"))
    try:
        articles = {each["article_id"]: each for each in await services.knowledge.articles(locale)}
        reading = await _being_read(request, url)
        wanted = await _wanted(request, articles, reading, Page(url, title, locale))
    except NeighbourError:
        # Somebody who only opens the chat need not know that the articles are away.
        articles, reading, wanted = {}, None, []
    offered = [each for each in dict.fromkeys(wanted) if each in articles and each != _id(reading)]
    suggestions = [{"article_id": each, "title": articles[each]["title"]} for each in offered[:_OFFERED]]
    about = {"article_id": reading["article_id"], "title": reading["title"]} if reading else None
    orders = {"title": say(locale, "start_orders"), "text": say(locale, "start_orders_text")}
    shown = {"suggestions": suggestions, "article": about, "when_known": [orders]}
    return web.json_response(shown | {"notices": services.incidents.notices(locale)})


def _id(article: Json | None) -> str | None:
    return article["article_id"] if article else None


def _locale(request: web.Request) -> str:
    asked = request.query.get("locale", "")[:2]
    fallback = services_of(request).service.brand.languages[0]
    locale = asked if asked in LOCALES else locale_from(request.headers.get("Accept-Language"), fallback)
    request[LOCALE] = locale
    return locale


async def _being_read(request: web.Request, url: str) -> Json | None:
    """The article of our own help centre that stands on the page."""
    services = services_of(request)
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    place, _, slug = parts.path.strip("/").partition("/")
    ours = {urlsplit(services.settings.public_url).netloc, request.host}
    if parts.netloc not in ours or place not in _HELP or not slug or "/" in slug:
        return None
    try:
        return await services.knowledge.article(_HELP[place], slug)
    except NeighbourError as error:
        if error.permanent:
            return None
        raise


async def _wanted(request: web.Request, articles: dict[str, Json], reading: Json | None, page: Page) -> list[str]:
    """Ids, the most useful first: beside what is read, what others asked here, what the page is about, what all ask."""
    services = services_of(request)
    if reading is not None:
        siblings = [key for key, each in articles.items() if each["topic"] == reading["topic"]]
        return [*(reading.get("related") or []), *siblings]
    popular = await request.app[POPULAR].on(services, path_of(page.url))
    about = await _about(services, page.title, page.locale)
    firsts = [next((key for key, each in articles.items() if each["topic"] == topic), "") for topic in _FIRST_TOPICS]
    return [*about, *popular, *firsts]


async def _about(services: Services, title: str, locale: str) -> list[str]:
    """The article that a page's title asks for, if it surely does."""
    if not title.strip():
        return []
    try:
        found = await services.shelf.search(title, locale)
    except NeighbourError:
        # A search that is slow, as the first ones are, need not hide what others asked.
        return []
    return [found["results"][0]["article_id"]] if found["decision"] == "answer" and found["results"] else []


@routes.get("/api/v1/articles/{article_id}")
async def article(request: web.Request) -> web.Response:
    """A published article to be read in the chat: ``body`` is a tree, never markup."""
    services, locale = services_of(request), _locale(request)
    await request.app[LIMITS].check("article", address_of(request), _PER_MINUTE)
    found = await services.knowledge.article_by_id(request.match_info["article_id"], locale)
    if found is None:
        raise Refusal("not_found", 404)
    titles = {each["article_id"]: each["title"] for each in await services.knowledge.articles(found["locale"])}
    related = [{"article_id": key, "title": titles[key]} for key in found.get("related") or [] if key in titles]
    shown = {key: found[key] for key in ("article_id", "locale", "title", "answer")} | {
        "url": f"{services.settings.public_url}{found['url']}",
        "topic": say(found["locale"], f"topic_{found['topic']}"),
        "body": tree(to_html(found["body"])),
        "related": related,
    }
    return web.json_response(shown, headers={"Cache-Control": "public, max-age=60"})
