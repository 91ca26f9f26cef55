"""The studio's door to the state of the articles: how they fare, what they lack, and what is behind each figure."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.errors import Refusal
from bot.services import services_of
from bot.studio.health import PERIODS, USUAL_DAYS
from bot.studio.health_behind import behind, opened_one
from bot.studio.health_report import DEBTS, SORTS, Wanted, report
from bot.web.desk_session import user_with
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
    asked = request.query
    words: dict[str, Any] = {name: asked.get(name, "").strip() for name in ("q", "locale", "topic", "look")}
    sort, order = asked.get("sort") or "shown", asked.get("order") or "down"
    is_known = words["look"] in ("", "any", *DEBTS) and sort in SORTS and order in ("up", "down")
    if not is_known or any(len(word) > _LONGEST for word in words.values()):
        raise Refusal("bad_request", 422)
    wanted = Wanted(
        **words,
        days=_days(request),
        sort=sort,
        upwards=order == "up",
        offset=_number(asked.get("offset") or "0"),
        limit=min(_number(asked.get("limit") or "50"), _MOST),
    )
    return web.json_response(await report(services_of(request), wanted))


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


def _days(request: web.Request) -> int:
    days = _number(request.query.get("days") or str(USUAL_DAYS))
    if days not in PERIODS:
        raise Refusal("bad_request", 422)
    return days


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise Refusal("bad_request", 422)
    return int(text)
