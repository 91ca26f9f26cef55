"""The studio's door to gaps: what customers ask and nothing answers."""

from __future__ import annotations

from aiohttp import web

from bot.db.gaps import STATES
from bot.errors import Refusal
from bot.services import services_of
from bot.studio.gap_detail import change_state, opened
from bot.studio.gap_draft import write_article
from bot.studio.gap_run import ask_for_regrouping, grouping_of
from bot.studio.gaps import LONGEST_DAYS, USUAL_DAYS, Wanted, listed
from bot.texts import LOCALES
from bot.web.desk_session import user_with
from bot.web.reading import body_of, text_field
from bot.web.studio_door import BASE, refusals

routes = web.RouteTableDef()
_DIGITS = 3
_ONE = BASE + "/gaps/{gap_id:[\\w-]{1,32}}"


@routes.get(BASE + "/gaps")
async def list_gaps(request: web.Request) -> web.Response:
    """The costliest first, with how many there are in each state, and how far grouping is."""
    await user_with(request, "write")
    return web.json_response(await listed(services_of(request), _wanted(request)))


def _wanted(request: web.Request) -> Wanted:
    asked = request.query
    state, locale, channel = (asked.get(name) or None for name in ("state", "locale", "channel"))
    if (state is not None and state not in STATES) or (locale is not None and locale not in LOCALES):
        raise Refusal("bad_request", 422)
    return Wanted(state, locale, channel[:32] if channel else None, _days(request))


def _days(request: web.Request) -> int:
    given = request.query.get("days") or str(USUAL_DAYS)
    if not (given.isascii() and given.isdigit() and len(given) <= _DIGITS and 1 <= int(given) <= LONGEST_DAYS):
        raise Refusal("bad_request", 422)
    return int(given)


@routes.get(BASE + "/gaps/regroup")
async def grouping(request: web.Request) -> web.Response:
    """How far it is, without the list."""
    await user_with(request, "write")
    return web.json_response({"grouping": await grouping_of(services_of(request))})


@routes.post(BASE + "/gaps/regroup")
async def regroup(request: web.Request) -> web.Response:
    """Group everything undecided anew; the same address says how far it is."""
    user = await user_with(request, "write")
    return web.json_response({"grouping": await ask_for_regrouping(services_of(request), user)}, status=202)


@routes.get(_ONE)
async def one_gap(request: web.Request) -> web.Response:
    """What is behind its figures."""
    await user_with(request, "write")
    return web.json_response(await opened(services_of(request), request.match_info["gap_id"], _days(request)))


@routes.put(_ONE + "/state")
async def put_state(request: web.Request) -> web.Response:
    """``{state}`` → ``{state, before}``: close or dismiss it, and put it back."""
    user, body = await user_with(request, "write"), await body_of(request)
    state = text_field(body, "state", longest=16) or ""
    before = await change_state(services_of(request), user, request.match_info["gap_id"], state)
    return web.json_response({"state": state, "before": before})


@routes.post(_ONE + "/draft")
@refusals
async def draft(request: web.Request) -> web.Response:
    """``{locale?}`` → ``{article_id, locale}``: a draft of customers' wordings and advisors' replies."""
    user, body = await user_with(request, "write"), await body_of(request)
    locale = text_field(body, "locale", longest=8)
    made = await write_article(services_of(request), user, request.match_info["gap_id"], locale)
    return web.json_response(made, status=201)
