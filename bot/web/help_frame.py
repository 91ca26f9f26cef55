"""What all pages of the help centre share: language, brand, addresses, policy, and how failures look."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any
from urllib.parse import quote

import aiohttp_jinja2
import structlog
from aiohttp import web

from bot.errors import NeighbourError, Refusal
from bot.help.catalogue import HOME, Catalogue, Entry
from bot.help.structured import Json, as_script
from bot.services import services_of
from bot.texts import LOCALES, say
from bot.web.help_kept import PRIVATE, SHARED, Page, answer, finished
from bot.web.keys import HELP_PAGES
from bot.web.middlewares import CONTENT_POLICY, LOCALE

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Make = Callable[[Catalogue], Awaitable[Page]]
PLACE = "/{place:aide|help}"
_LOCALES = {"aide": "fr", "help": "en"}
_log = structlog.get_logger()


@dataclass(frozen=True)
class Frame:
    """A page before it is drawn. ``urls`` are its twins by language; ``path`` the way to it, (title, url) each."""

    template: str
    title: str
    description: str = ""
    urls: dict[str, str] = field(default_factory=dict)
    path: Sequence[tuple[str, str]] = ()
    structured: Sequence[Json | None] = ()
    status: int = 200
    # Where the language switch leads when there is no twin.
    instead: str | None = None
    values: dict[str, Any] = field(default_factory=dict)


def locale_of(request: web.Request) -> str:
    """The language of the place: /aide is French, /help is English."""
    return _LOCALES[request.match_info["place"]]


def other(locale: str) -> str:
    """The other language."""
    return next(code for code in LOCALES if code != locale)


def draw(request: web.Request, locale: str, frame: Frame) -> Page:
    """The finished page."""
    services = services_of(request)
    brand, public_url = services.service.brand, services.settings.public_url
    script = as_script(frame.structured) if any(frame.structured) else None
    switch = other(locale) if other(locale) in brand.languages else None
    urls: dict[str, str] = {code: url for code, url in frame.urls.items() if code in brand.languages}
    context = {
        "locale": locale,
        "t": partial(words, locale),
        "brand": brand.name,
        "assistant": brand.assistant_name,
        "home": HOME[locale],
        "title": frame.title,
        "description": frame.description,
        "path": frame.path,
        "status": frame.status,
        "canonical": _whole(public_url, urls[locale]) if locale in urls else None,
        "alternates": _alternates(public_url, urls),
        "switch": switch,
        "switch_url": urls.get(switch) or frame.instead or HOME[switch] if switch else None,
        "script": script,
        "notices": services.incidents.notices(locale),
        **frame.values,
    }
    text = aiohttp_jinja2.render_string(f"help/{frame.template}.html", request, context)
    return finished(text, policy=_policy(script), status=frame.status)


def _whole(public_url: str, url: str) -> str:
    return public_url + quote(url, safe="/?=")


def _alternates(public_url: str, urls: dict[str, str]) -> dict[str, str]:
    return {code: _whole(public_url, url) for code, url in urls.items()} if len(urls) > 1 else {}


def words(locale: str, key: str, **values: object) -> str:
    """A sentence of the help centre."""
    return say(locale, f"help_{key}", **values)


def _policy(script: str | None) -> str | None:
    if script is None:
        return None
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"{CONTENT_POLICY}; script-src 'self' 'sha256-{digest}'"


async def kept(request: web.Request, key: Hashable, make: Make) -> web.Response:
    """The page under ``key``, made now if nobody asked for it since something changed."""
    services, pages = services_of(request), request.app[HELP_PAGES]
    catalogue = await services.library.current()
    # The tuple of incidents is the same one as long as nothing changes: a notice comes and goes with every page.
    stamp = (catalogue, services.service, services.incidents.current())
    page = pages.get(key, stamp)
    if page is None:
        page = await make(catalogue)
        if page.status == 200:
            pages.keep(key, stamp, page)
    return answer(request, page, cache=SHARED if page.status == 200 else PRIVATE)


def as_page(handler: Handler) -> Handler:
    """Failures are pages too, in the language of the place; a language the company does not speak leads to its own."""

    @wraps(handler)
    async def wrapped(request: web.Request) -> web.StreamResponse:
        locale, languages = locale_of(request), services_of(request).service.brand.languages
        request[LOCALE] = locale
        if locale not in languages:
            raise web.HTTPFound(HOME[languages[0]])
        try:
            return await handler(request)
        except Refusal as refusal:
            message = say(locale, f"error_{refusal.code}", **refusal.values)
            headers = {"Retry-After": str(refusal.values["seconds"])} if refusal.status == 429 else {}
            return error(request, locale, message, refusal.status, headers)
        except NeighbourError as failure:
            _log.warning("help_page_failed", cause=str(failure))
            return error(request, locale, say(locale, "help_down"), 503, {"Retry-After": "30"})

    return wrapped


def error(
    request: web.Request, locale: str, message: str, status: int, headers: dict[str, str] | None = None
) -> web.Response:
    """A page that says what is wrong."""
    values = {"message": message, "heading": say(locale, "error_title")}
    page = draw(request, locale, Frame("error", say(locale, "error_title"), status=status, values=values))
    response = answer(request, page, cache=PRIVATE)
    response.headers.update(headers or {})
    return response


def urls_of(catalogue: Catalogue, entry: Entry) -> dict[str, str]:
    """The article's pages by language."""
    return {locale: version.url for locale, version in catalogue.versions(entry.article_id).items()}
