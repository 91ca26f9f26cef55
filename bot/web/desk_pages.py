"""The desk's own pages: who may open which, and what each is handed. Their JSON comes from the desk's door."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import aiohttp_jinja2
from aiohttp import web

from bot.rights import Right, may
from bot.services import services_of
from bot.texts import LOCALES, say
from bot.web.desk_session import SignedIn, signed_in
from bot.web.error_page import error_page
from bot.web.middlewares import LOCALE

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
    found = await reader_of(request)
    if not may(found.user.role, "converse"):
        raise web.HTTPFound("/studio" if may(found.user.role, "write") else f"/desk/{pages_of(found)[0]}")
    return _page(request, found, "desk", "desk/app.html")


@routes.get("/desk/{page:[a-z]+}")
async def page(request: web.Request) -> web.Response:
    """A page beside the desk."""
    found, name = await reader_of(request), request.match_info["page"]
    if name not in PAGES or name == "desk":
        raise web.HTTPNotFound
    if name not in pages_of(found):
        return forbidden(request, found)
    return _page(request, found, name, "desk/page.html")


async def reader_of(request: web.Request) -> SignedIn:
    """Who reads a page; whoever is not signed in is asked to, and brought back."""
    found = await signed_in(request)
    if found is None:
        raise web.HTTPFound(f"/desk/login?next={quote(request.path_qs, safe='/')}")
    request[LOCALE] = (found.user.locales or ["fr"])[0]
    return found


def pages_of(found: SignedIn) -> list[str]:
    """The desk's pages that somebody may open, in the order of the rail."""
    return [name for name, right in PAGES.items() if right is None or may(found.user.role, right)]


def locale_for(request: web.Request, found: SignedIn) -> str:
    """The language in which a page is first drawn."""
    asked = request.query.get("locale", "")
    return asked if asked in LOCALES else (found.user.locales or ["fr"])[0]


def forbidden(request: web.Request, found: SignedIn) -> web.Response:
    """Says that this page is not theirs."""
    locale = locale_for(request, found)
    return error_page(request, locale, say(locale, "error_forbidden"), 403)


def _page(request: web.Request, found: SignedIn, name: str, template: str) -> web.Response:
    return draw(request, found, template, page=name, pages=rail_of(found))


def rail_of(found: SignedIn) -> list[str]:
    """The desk's pages, with the studio before one's own account for who may write."""
    pages = pages_of(found)
    return [*pages[:-1], "studio", pages[-1]] if may(found.user.role, "write") else pages


def draw(
    request: web.Request, found: SignedIn, template: str, *, page: str, pages: Sequence[str], **more: Any
) -> web.Response:
    """The page, with what every one of ours is handed."""
    user = found.user
    shown = {key: getattr(user, key) for key in ("id", "name", "email", "role", "locales", "presence")}
    context: Json = {
        "locale": locale_for(request, found),
        "page": page,
        "pages": json.dumps(pages),
        "user": shown,
        "csrf": found.csrf,
        "brand": services_of(request).service.brand.name,
        "zone": services_of(request).service.timezone,
        **more,
    }
    response = aiohttp_jinja2.render_template(template, request, context)
    response.headers["Cache-Control"] = "no-store"
    return response
