"""The studio's door to the state of the articles: how they fare, what they lack, and what is behind each figure."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.errors import Refusal
from bot.services import services_of
from bot.studio.health import PERIODS, USUAL_DAYS
from bot.studio.health_behind import behind, behind_all, opened_one
from bot.studio.health_duplicates import listed, tell_apart
from bot.studio.health_report import DEBTS, SORTS, Wanted, report
from bot.web.desk_session import user_with
from bot.web.reading import body_of, text_field
from bot.web.studio_door import BASE, ONE, refusals, which

routes = web.RouteTableDef()
_ONE = f"{BASE}/health/articles/{ONE}"
_LONGEST = 200
_MOST = 200


@routes.get(f"{BASE}/health")
@refusals
async def health(request: web.Request) -> web.Response:
    """``?days&q&locale&topic&look&sort&order&offset&limit``: a page of the table, with what it adds up to."""
    await user_with(request, "write")
    return web.json_response(await report(services_of(request), _wanted(request)))


@routes.get(f"{BASE}/health/questions")
@refusals
async def all_questions(request: web.Request) -> web.Response:
    """``?figure`` and what narrows the table: the masked questions behind a sum."""
    await user_with(request, "write")
    figure = request.query.get("figure", "shown")
    return web.json_response(await behind_all(services_of(request), _wanted(request), figure))


@routes.get(f"{BASE}/health/duplicates")
@refusals
async def duplicates(request: web.Request) -> web.Response:
    """``?q&locale&topic``: articles that say the same, in pairs."""
    await user_with(request, "write")
    words = {name: request.query.get(name, "").strip()[:_LONGEST] for name in ("q", "locale", "topic")}
    return web.json_response(await listed(services_of(request), **words))


@routes.put(f"{BASE}/health/duplicates")
@refusals
async def put_duplicates(request: web.Request) -> web.Response:
    """``{locale, articles: [id, id], apart}``: two different things, until one of them changes; or not."""
    user, body = await user_with(request, "write"), await body_of(request)
    locale, ids, apart = text_field(body, "locale", longest=8) or "", body.get("articles"), body.get("apart")
    if not isinstance(ids, list) or len(ids) != 2 or not isinstance(apart, bool):
        raise Refusal("bad_request", 422)
    if not all(isinstance(each, str) and len(each) <= _LONGEST for each in ids):
        raise Refusal("bad_request", 422)
    await tell_apart(services_of(request), user, locale, (ids[0], ids[1]), apart=apart)
    return web.json_response({"apart": apart})


@routes.get(_ONE)
@refusals
async def one(request: web.Request) -> web.Response:
    """One article's figures by version."""
    await user_with(request, "write")
    return web.json_response(await opened_one(services_of(request), which(request), _days(request)))


@routes.get(f"{_ONE}/questions")
@refusals
async def questions(request: web.Request) -> web.Response:
    """``?figure&version``: the masked questions behind a figure."""
    await user_with(request, "write")
    figure, version = request.query.get("figure", "shown"), request.query.get("version", "")[:64]
    found = await behind(services_of(request), which(request), figure, _days(request), version)
    return web.json_response(found)


def _wanted(request: web.Request) -> Wanted:
    asked = request.query
    words: dict[str, Any] = {name: asked.get(name, "").strip() for name in ("q", "locale", "topic", "look")}
    sort, order = asked.get("sort") or "shown", asked.get("order") or "down"
    is_known = words["look"] in ("", "any", *DEBTS) and sort in SORTS and order in ("up", "down")
    if not is_known or any(len(word) > _LONGEST for word in words.values()):
        raise Refusal("bad_request", 422)
    return Wanted(
        **words,
        days=_days(request),
        sort=sort,
        upwards=order == "up",
        offset=_number(asked.get("offset") or "0"),
        limit=min(_number(asked.get("limit") or "50"), _MOST),
    )


def _days(request: web.Request) -> int:
    days = _number(request.query.get("days") or str(USUAL_DAYS))
    if days not in PERIODS:
        raise Refusal("bad_request", 422)
    return days


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise Refusal("bad_request", 422)
    return int(text)
