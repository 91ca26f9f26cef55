"""The pages behind invitations and resets by mail, and the one where a reset is asked for; no script is needed."""

from __future__ import annotations

from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.accounts.fields import read_email
from bot.accounts.links import INVITATION, RESET, ask_reset, behind, choose_password, locale_of
from bot.accounts.passwords import SHORTEST
from bot.errors import Refusal
from bot.services import services_of
from bot.texts import LOCALES, locale_from, say
from bot.web.keys import LIMITS
from bot.web.middlewares import own_origin
from bot.web.reading import address_of

routes = web.RouteTableDef()
# Nothing is kept by a browser or found by a search engine, and the address, which holds a token, is told to nobody.
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
}
_PURPOSES = {"welcome": INVITATION, "reset": RESET}
_ASKED_A_MINUTE = 6
_OPENED_A_MINUTE = 60


@routes.get("/desk/forgot")
async def forgot(request: web.Request) -> web.Response:
    """Asks for the address of the account."""
    return _page(request, _locale(request), "forgot")


@routes.post("/desk/forgot")
async def ask(request: web.Request) -> web.Response:
    """The same answer, as fast, whether anybody has that address or not."""
    if not own_origin(request):
        raise Refusal("bad_origin", 403)
    locale = _locale(request)
    form = await request.post()
    email = str(form.get("email", "")).strip()[:254]
    try:
        await request.app[LIMITS].check("forgot-from", address_of(request), _ASKED_A_MINUTE)
        read_email(email)
    except Refusal as refusal:
        return _page(request, locale, "forgot", refusal=refusal)
    await ask_reset(services_of(request), email, locale)
    return _page(request, locale, "asked")


@routes.get("/desk/{place:welcome|reset}/{token}")
async def show(request: web.Request) -> web.Response:
    """Asks for a password. Opening it uses nothing up: mail programs open links by themselves."""
    try:
        user = await behind(services_of(request), *await _what(request))
    except Refusal as refusal:
        return _page(request, _locale(request), "gone", refusal=refusal)
    return _page(request, locale_of(user), request.match_info["place"], name=user.name, email=user.email)


@routes.post("/desk/{place:welcome|reset}/{token}")
async def choose(request: web.Request) -> web.Response:
    """Takes the password; the link is used up, and one signs in with it."""
    # No look at where the form came from: it came with the token, and a page that tells no referrer tells no origin.
    services, place, user = services_of(request), request.match_info["place"], None
    try:
        purpose, token = await _what(request)
        user = await behind(services, purpose, token)
        form = await request.post()
        password, again = str(form.get("password", "")), str(form.get("again", ""))
        _same(password, again)
        user = await choose_password(services, purpose, token, password)
    except Refusal as refusal:
        if user is None or refusal.code == "link_gone":
            return _page(request, _locale(request), "gone", refusal=refusal)
        return _page(request, locale_of(user), place, refusal=refusal, name=user.name, email=user.email)
    return _page(request, locale_of(user), "done", email=user.email)


def _same(password: str, again: str) -> None:
    if password != again:
        raise Refusal("password_differs", 422)


async def _what(request: web.Request) -> tuple[str, str]:
    await request.app[LIMITS].check("account-link", address_of(request), _OPENED_A_MINUTE)
    return _PURPOSES[request.match_info["place"]], request.match_info["token"]


def _locale(request: web.Request) -> str:
    asked = request.query.get("locale", "")
    return asked if asked in LOCALES else locale_from(request.headers.get("Accept-Language"))


def _page(
    request: web.Request, locale: str, step: str, *, refusal: Refusal | None = None, **shown: Any
) -> web.Response:
    problem = say(locale, f"error_{refusal.code}", **refusal.values) if refusal and step != "gone" else None
    known = {
        "locale": locale,
        "step": step,
        "problem": problem,
        "shortest": SHORTEST,
        "brand": services_of(request).service.brand.name,
        "say": lambda key, **values: say(locale, f"account_{key}", **values),
    }
    status = refusal.status if refusal else 200
    response = aiohttp_jinja2.render_template("desk/account.html", request, known | shown, status=status)
    response.headers.update(_HEADERS)
    if step in ("forgot", "asked"):
        response.headers["Referrer-Policy"] = "same-origin"  # no token here, and the form says where it is from
    if status == 429 and refusal:
        response.headers["Retry-After"] = str(refusal.values["seconds"])
    return response
