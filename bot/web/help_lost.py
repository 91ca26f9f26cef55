"""A page for addresses that lead nowhere: what the reader may have meant, and where to go on."""

from __future__ import annotations

from aiohttp import web
from yarl import URL

from bot.help.catalogue import HOME
from bot.help.search import asked
from bot.services import services_of
from bot.texts import say
from bot.web.help_frame import PLACE, Frame, as_page, draw, locale_of, other
from bot.web.help_kept import PRIVATE, answer

routes = web.RouteTableDef()
_MOST_MEANT = 4


async def not_found(request: web.Request, locale: str, address: str) -> web.Response:
    """Articles whose titles hold the words of the address; one in the other language if that is what it names."""
    catalogue = await services_of(request).library.current()
    words = asked("".join(character if character.isalnum() else " " for character in address))
    is_spoken = other(locale) in services_of(request).service.brand.languages
    there = catalogue.at(other(locale), address.lower()) if is_spoken else None
    meant = ([there] if there else []) + catalogue.matching(locale, words, _MOST_MEANT)
    title = say(locale, "help_lost_title")
    values = {"meant": meant, "words": words, "topics": catalogue.topics(locale)}
    frame = Frame("lost", f"{title} · {services_of(request).service.brand.name}", status=404, values=values)
    return answer(request, draw(request, locale, frame), cache=PRIVATE)


@routes.get(PLACE + "/{tail:.*}")
@as_page
async def elsewhere(request: web.Request) -> web.StreamResponse:
    """No such page; a slash too many at the end is forgiven."""
    locale, tail = locale_of(request), request.match_info["tail"]
    if not tail.strip("/"):
        raise web.HTTPMovedPermanently(HOME[locale])
    if tail.endswith("/"):
        raise web.HTTPMovedPermanently(URL(request.path.rstrip("/")))
    return await not_found(request, locale, tail)
