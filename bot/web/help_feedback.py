"""Did this article help? Asked by a plain form, so that it works without a script."""

from __future__ import annotations

import re

from aiohttp import web
from multidict import MultiDictProxy

from bot.errors import Refusal
from bot.help.catalogue import Entry
from bot.help.opinions import MOST_CHARACTERS, Opinion, for_writers, keep_opinion, reader_of
from bot.help.search import asked
from bot.services import services_of
from bot.texts import say
from bot.web.desk_session import user_with
from bot.web.help_frame import PLACE, Frame, as_page, draw, locale_of
from bot.web.help_kept import PRIVATE, answer
from bot.web.help_lost import not_found
from bot.web.keys import LIMITS
from bot.web.middlewares import own_origin
from bot.web.reading import address_of

routes = web.RouteTableDef()
# Set with the first opinion, gone with the browser's session: a change of mind is then no second opinion.
COOKIE = "relais_reader"
_READER = re.compile(r"[0-9a-f]{32}")
_VERSION = re.compile(r"[\w.-]{1,64}")
_PATH = PLACE + "/{slug}/{kind:avis|feedback}"
_KIND = {"fr": "avis", "en": "feedback"}
_LARGEST_FORM = 16 * 1024
Form = MultiDictProxy[str | bytes | bytearray | web.FileField]


def url_of(entry: Entry) -> str:
    """Where opinions on this article go."""
    return f"{entry.url}/{_KIND[entry.locale]}"


@routes.post(_PATH)
@as_page
async def give(request: web.Request) -> web.StreamResponse:
    """Keeps it, and leads to a word of thanks."""
    if not own_origin(request):
        raise Refusal("bad_origin", 403)
    services, locale, slug = services_of(request), locale_of(request), request.match_info["slug"]
    await request.app[LIMITS].check("help_opinions", address_of(request), services.settings.help_opinions_per_minute)
    entry = (await services.library.current()).at(locale, slug)
    if entry is None:
        return await not_found(request, locale, slug)
    form = await _form(request)
    helpful = {"yes": True, "no": False}.get(_field(form, "helpful"))
    if helpful is None:
        raise Refusal("bad_request", 422)
    version, reader = _field(form, "version"), _reader(request)
    comment = _field(form, "comment").strip()[:MOST_CHARACTERS]
    opinion = Opinion(
        reader=reader,
        article_id=entry.article_id,
        version=version if _VERSION.fullmatch(version) else entry.version,
        locale=locale,
        helpful=helpful,
        question=asked(_field(form, "question")),
        comment=comment,
    )
    await keep_opinion(services, opinion)
    said = "yes" if helpful else "comment" if comment else "no"
    response = web.Response(status=303, headers={"Location": f"{url_of(entry)}?said={said}", "Cache-Control": PRIVATE})
    is_safe = services.settings.public_url.startswith("https:")
    response.set_cookie(COOKIE, reader, httponly=True, samesite="Lax", secure=is_safe, path="/")
    return response


@routes.get(_PATH)
@as_page
async def thanks(request: web.Request) -> web.StreamResponse:
    """A word of thanks; to who was not helped, a way to say why, and on to a person."""
    locale, slug = locale_of(request), request.match_info["slug"]
    entry = (await services_of(request).library.current()).at(locale, slug)
    if entry is None:
        return await not_found(request, locale, slug)
    said = request.query.get("said", "")
    if said not in ("yes", "no", "comment"):
        raise web.HTTPFound(entry.url)
    title = f"{say(locale, 'help_thanks')} · {services_of(request).service.brand.name}"
    values = {"article": entry, "said": said, "feedback_url": url_of(entry), "most": MOST_CHARACTERS}
    page = draw(request, locale, Frame("thanks", title, instead=None, values=values))
    response = answer(request, page, cache=PRIVATE)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@routes.get("/api/v1/desk/article-opinions")
async def for_the_writers(request: web.Request) -> web.Response:
    """How the articles fare with readers of the help centre."""
    await user_with(request, "write")
    return web.json_response(await for_writers(services_of(request)))


async def _form(request: web.Request) -> Form:
    """The form's fields. Raises ``Refusal`` for what no browser sends."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refusal("bad_request", 415)
    if (request.content_length or 0) > _LARGEST_FORM:
        raise Refusal("too_large", 413)
    try:
        return await request.post()
    except (ValueError, LookupError) as error:
        raise Refusal("bad_encoding") from error


def _field(form: Form, name: str) -> str:
    """One line or several, without what no database stores."""
    value = form.get(name, "")
    text = value if isinstance(value, str) else ""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[: 4 * MOST_CHARACTERS]


def _reader(request: web.Request) -> str:
    known = request.cookies.get(COOKIE, "")
    if _READER.fullmatch(known):
        return known
    # One who presses twice before the first answer has come is one reader.
    services = services_of(request)
    minute = services.clock().strftime("%Y-%m-%dT%H:%M")
    return reader_of(services, address_of(request), request.headers.get("User-Agent", ""), minute)
