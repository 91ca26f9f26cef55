"""The desk's door for search: conversations by what was said in them, and reading one that was found."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.errors import Refusal
from bot.services import services_of
from bot.web.desk_session import advisor_for
from bot.words.search import Wanted, read_found, search
from bot.words.terms import LONGEST, SHORTEST, terms_of

routes = web.RouteTableDef()
_BASE = "/api/v1/desk/search"
_FILTERS = ("channel", "locale", "outcome", "tag")
_LONGEST_FILTER = 40


@routes.get(_BASE)
async def find(request: web.Request) -> web.Response:
    """Conversations that have every word of ``?q=``, the newest first. What was looked for is not kept."""
    reader = await advisor_for(request)
    services = services_of(request)
    query = request.query.get("q", "").strip()
    chosen = {name: _filter(request, name) for name in _FILTERS}
    zone = ZoneInfo(services.service.timezone)
    since, until = _day(request, "from", zone), _day(request, "to", zone)
    terms = terms_of(query)
    if "\x00" in query or len(query) > LONGEST:
        raise Refusal("bad_request", 422)
    # Nothing but a filter is a question too: "spam of last week".
    if not terms and (query or not any((*chosen.values(), since, until))):
        raise Refusal("query_too_short", 422, shortest=SHORTEST)
    end = until + timedelta(days=1) if until else None
    wanted = Wanted(terms, **chosen, since=since, until=end, before=request.query.get("before"))
    return web.json_response(await search(services, reader, wanted))


def _filter(request: web.Request, name: str) -> str | None:
    value = request.query.get(name) or None
    if value is not None and (len(value) > _LONGEST_FILTER or "\x00" in value):
        raise Refusal("bad_request", 422)
    return value


def _day(request: web.Request, name: str, zone: ZoneInfo) -> datetime | None:
    """The beginning of a day at the company's."""
    raw = request.query.get(name)
    if not raw:
        return None
    try:
        day = date.fromisoformat(raw)
    except ValueError as error:
        raise Refusal("bad_request", 422) from error
    if not 2000 < day.year < 3000:
        raise Refusal("bad_request", 422)
    return datetime.combine(day, time.min, zone)


@routes.get(_BASE + "/{id}")
async def read(request: web.Request) -> web.Response:
    """A conversation that was found, to be read."""
    reader = await advisor_for(request)
    return web.json_response(await read_found(services_of(request), reader, request.match_info["id"]))
