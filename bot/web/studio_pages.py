"""The studio's pages: who may open which, and what each is handed. Their JSON comes from the studio's door."""

from __future__ import annotations

import json

from aiohttp import web

from bot.rights import Right, may, rights_of
from bot.services import services_of
from bot.web.desk_pages import draw, forbidden, rail_of, reader_of
from bot.web.desk_session import SignedIn
from service.topics import TOPICS

routes = web.RouteTableDef()
# In the order of the rail. Each has a line in static/studio/pages.js and a module in static/studio/pages/.
PAGES: dict[str, Right] = {
    "articles": "write",
    "gaps": "write",
    "health": "write",
    "trees": "write",
    "incidents": "write",
    "import": "write",
}


@routes.get("/studio")
@routes.get("/studio/{page:[a-z]+}")
@routes.get("/studio/{page:[a-z]+}/{rest:.+}")
async def page(request: web.Request) -> web.Response:
    """A page of the studio; ``rest`` is for its script to read, the first page stands at /studio."""
    found = await reader_of(request)
    name = request.match_info.get("page", next(iter(PAGES)))
    if name not in PAGES:
        raise web.HTTPNotFound
    if name not in _pages_of(found):
        return forbidden(request, found)
    service = services_of(request).service
    return draw(
        request,
        found,
        "studio/page.html",
        page=name,
        # ``?locale=`` is the article's language, or a filter: never the studio's own.
        locale=(found.user.locales or ["fr"])[0],
        pages=_pages_of(found),
        # The ways out: the desk for who talks to customers, and one's own account.
        beside=json.dumps([each for each in rail_of(found) if each in ("desk", "me")]),
        rights=json.dumps(rights_of(found.user.role)),
        languages=json.dumps(service.brand.languages),
        topics=json.dumps(TOPICS),
    )


def _pages_of(found: SignedIn) -> list[str]:
    return [name for name, right in PAGES.items() if may(found.user.role, right)]
