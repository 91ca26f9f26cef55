"""The page that says what is wrong to whoever opened an address in a browser."""

from __future__ import annotations

import aiohttp_jinja2
from aiohttp import web

from bot.help.catalogue import HOME
from bot.services import services_of
from bot.texts import say

# Whoever reads these is of the house, and goes on there.
_STAFF = ("/desk", "/studio", "/api/v1/desk/", "/api/v1/studio/")


def is_opened(request: web.Request) -> bool:
    """Whether a browser shows the answer as a page."""
    if request.method != "GET":
        return False
    # Programs that call the API may ask for HTML without a thought (Java's own client does): they are promised JSON.
    asks_for_page = "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/")
    return asks_for_page or request.headers.get("Sec-Fetch-Mode") == "navigate"


def error_page(request: web.Request, locale: str, message: str, status: int) -> web.Response:
    """``message`` in the reader's language, and the way on."""
    brand, at_home = services_of(request).service.brand, request.path.startswith(_STAFF)
    context = {
        "locale": locale,
        "brand": brand.name,
        "place": "Relais" if at_home else say(locale, "help_title"),
        "title": say(locale, "error_lost" if status == web.HTTPNotFound.status_code else "error_title"),
        "message": message,
        "home": "/desk" if at_home else HOME[locale if locale in brand.languages else brand.languages[0]],
        "back": say(locale, "error_back" if at_home else "help_all"),
    }
    response = aiohttp_jinja2.render_template("refused.html", request, context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
