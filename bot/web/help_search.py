"""Search in the help centre: a whole page without a script, a part of one as somebody types."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

import aiohttp_jinja2
from aiohttp import web

from bot.errors import Refusal
from bot.help.catalogue import HOME, topic_label
from bot.help.search import Found, by_titles, search
from bot.services import services_of
from bot.texts import say
from bot.web.help_frame import Frame, draw, other, words
from bot.web.help_kept import PRIVATE, answer, finished
from bot.web.keys import HELP_SEARCHES, LIMITS
from bot.web.reading import address_of


async def results_page(request: web.Request, locale: str, query: str) -> web.Response:
    """What ``query`` found: the page, or with ``part`` the list alone. Too fast, titles are searched alone."""
    services = services_of(request)
    catalogue = await services.library.current()
    headers: dict[str, str] = {}
    slow, status, most = None, 200, services.settings.help_searches_per_minute
    try:
        await request.app[LIMITS].check("help_searches", address_of(request), most)
        found = await search(request.app[HELP_SEARCHES], catalogue, locale, query)
    except Refusal as refusal:
        found, status = by_titles(catalogue, locale, query), refusal.status
        slow = say(locale, f"error_{refusal.code}", **refusal.values)
        headers["Retry-After"] = str(refusal.values["seconds"])
    values = {"found": found, "query": query, "slow": slow, "count": _count(locale, found), "label": topic_label}
    if "part" in request.query:
        page = finished(_part(request, locale, values), status=status)
    else:
        title = f"{say(locale, 'help_results_title', query=query)} · {services.service.brand.name}"
        values |= {"topics": catalogue.topics(locale), "popular": [], "shown": 0}
        instead = f"{HOME[other(locale)]}?{urlencode({'q': query})}"
        page = draw(request, locale, Frame("home", title, status=status, instead=instead, values=values))
    response = answer(request, page, cache=PRIVATE)
    response.headers.update({"X-Robots-Tag": "noindex", **headers})
    return response


def _part(request: web.Request, locale: str, values: dict[str, object]) -> str:
    context = {"locale": locale, "t": partial(words, locale), **values}
    brand = services_of(request).service.brand
    context |= {"brand": brand.name, "assistant": brand.assistant_name}
    return aiohttp_jinja2.render_string("help/_results.html", request, context)


def _count(locale: str, found: Found) -> str:
    number = len(found.hits)
    if not number:
        return say(locale, "help_found_none")
    return say(locale, "help_found_one") if number == 1 else say(locale, "help_found", count=number)
