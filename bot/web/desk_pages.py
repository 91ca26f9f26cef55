"""The desk's own pages: who may open which, and what each is handed. Their JSON comes from the desk's door."""

from __future__ import annotations

import json
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.rights import Right, may
from bot.services import services_of
from bot.texts import LOCALES, say
from bot.web.desk_session import SignedIn, signed_in
from bot.web.pages import error_page

routes = web.RouteTableDef()
Json = dict[str, Any]
# In the order of the rail. `desk` is the desk itself; every other name has a module in static/desk/pages/.
# None: everybody who is signed in.
PAGES: dict[str, Right | None] = {
    "desk": "converse",
    "callbacks": "converse",
    "search": "converse",
    "replies": "supervise",
    "floor": "supervise",
    "team": "supervise",
    "settings": "supervise",
    "audit": "supervise",
    "webhooks": "administer",
    "me": None,
}


@routes.get("/desk")
async def desk(request: web.Request) -> web.Response:
    """Queue, conversation and card, for those who talk to customers; others get their first page."""
    found = await _reader(request)
    if not may(found.user.role, "converse"):
        mine = _pages_of(found)
        if not mine:
            return _forbidden(request, found)
        raise web.HTTPFound(f"/desk/{mine[0]}")
    return _page(request, found, "desk", "desk/app.html")


@routes.get("/desk/{page:[a-z]+}")
async def page(request: web.Request) -> web.Response:
    """A page beside the desk."""
    name = request.match_info["page"]
    if name not in PAGES or name == "desk":
        raise web.HTTPNotFound
    found = await _reader(request)
    if name not in _pages_of(found):
        return _forbidden(request, found)
    return _page(request, found, name, "desk/page.html")


async def _reader(request: web.Request) -> SignedIn:
    found = await signed_in(request)
    if found is None:
        raise web.HTTPFound(f"/desk/login?next={request.path}")
    return found


def _pages_of(found: SignedIn) -> list[str]:
    return [name for name, right in PAGES.items() if right is None or may(found.user.role, right)]


def _locale(request: web.Request, found: SignedIn) -> str:
    asked = request.query.get("locale", "")
    return asked if asked in LOCALES else (found.user.locales or ["fr"])[0]


def _forbidden(request: web.Request, found: SignedIn) -> web.Response:
    locale = _locale(request, found)
    return error_page(request, locale, say(locale, "error_forbidden"), 403)


def _page(request: web.Request, found: SignedIn, name: str, template: str) -> web.Response:
    user = found.user
    shown = {key: getattr(user, key) for key in ("id", "name", "email", "role", "locales", "presence")}
    context: Json = {
        "locale": _locale(request, found),
        "page": name,
        "pages": json.dumps(_pages_of(found)),
        "user": shown,
        "csrf": found.csrf,
        "brand": services_of(request).service.brand.name,
        "zone": services_of(request).service.timezone,
    }
    response = aiohttp_jinja2.render_template(template, request, context)
    response.headers["Cache-Control"] = "no-store"
    return response
