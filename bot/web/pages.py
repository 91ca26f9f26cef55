"""The pages that bot serves: the desk, the help centre, the widget's files, the API's document."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import yaml
from aiohttp import web

from bot.errors import Refusal
from bot.help.catalogue import HOME
from bot.services import services_of
from bot.texts import LOCALES, locale_from, say
from bot.web.desk_session import begin_session, set_cookie
from bot.web.keys import HEALTH
from bot.web.middlewares import own_origin

routes = web.RouteTableDef()
STATIC = Path(__file__).parent.parent / "static"
_OPENAPI = Path(__file__).parent.parent / "openapi.yml"
Json = dict[str, Any]


@cache
def _desk_messages(locale: str) -> Json:
    loaded: Json = json.loads((STATIC / "desk" / "locales" / f"{locale}.json").read_text("utf-8"))
    return loaded


def _chosen_locale(request: web.Request) -> str:
    asked = request.query.get("locale", "")
    return asked if asked in LOCALES else locale_from(request.headers.get("Accept-Language"))


@routes.get("/healthz")
async def healthz(request: web.Request) -> web.Response:
    """503 until every part has been ready once; then 200 with the state of each."""
    health = request.app[HEALTH]
    status = "ok" if health.ready else "starting"
    if health.ready and any(state != "ok" for state in health.parts.values()):
        status = "degraded"
    return web.json_response({"status": status, "parts": health.parts}, status=200 if health.ready else 503)


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    """The help centre, in the reader's language."""
    locale, languages = (
        locale_from(request.headers.get("Accept-Language")),
        services_of(request).service.brand.languages,
    )
    raise web.HTTPFound(HOME[locale if locale in languages else languages[0]])


@routes.get("/api/openapi.json")
async def openapi(_request: web.Request) -> web.Response:
    """The public API's document."""
    return web.json_response(yaml.safe_load(_OPENAPI.read_text("utf-8")))


@routes.get("/desk/login")
async def login(request: web.Request) -> web.Response:
    """The desk's sign-in page."""
    locale = _chosen_locale(request)
    context = {"locale": locale, "messages": _desk_messages(locale), "error": None}
    return aiohttp_jinja2.render_template("desk/login.html", request, context)


@routes.post("/desk/login")
async def sign_in_by_form(request: web.Request) -> web.Response:
    """The same without a script, or before it has loaded."""
    if not own_origin(request):
        raise Refusal("bad_origin", 403)
    form = await request.post()
    locale = _chosen_locale(request)
    try:
        _, token, _ = await begin_session(
            request, str(form.get("email", ""))[:254], str(form.get("password", ""))[:1000]
        )
    except Refusal as refusal:
        error = say(locale, f"error_{refusal.code}", **refusal.values)
        context = {"locale": locale, "messages": _desk_messages(locale), "error": error}
        return aiohttp_jinja2.render_template("desk/login.html", request, context, status=refusal.status)
    response = web.Response(status=302, headers={"Location": "/desk"})
    set_cookie(request, response, token)
    return response
