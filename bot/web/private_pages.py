"""The pages behind one-time links: what a public channel must not carry is shown, or typed, here."""

from __future__ import annotations

from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.conversations.receive_private import look_at, receive_private, reveal
from bot.errors import Refusal
from bot.services import services_of
from bot.texts import locale_from, say
from bot.web.keys import LIMITS, RUNNER
from bot.web.reading import address_of

routes = web.RouteTableDef()
# Nothing is kept by a browser or found by a search engine, no script runs, and the address is told to nobody.
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}
_INPUTS: dict[str, dict[str, str]] = {
    "email": {"type": "email", "autocomplete": "email", "inputmode": "email"},
    "phone": {"type": "tel", "autocomplete": "tel", "inputmode": "tel"},
    "code": {"type": "text", "autocomplete": "one-time-code", "inputmode": "numeric"},
    "address": {"type": "text", "autocomplete": "street-address", "inputmode": "text"},
}


@routes.get("/p/{token}")
async def show(request: web.Request) -> web.Response:
    """What the link is about. Opening it uses nothing up: chat programs open links by themselves to preview them."""
    token = await _token(request)
    try:
        page, conversation = await look_at(services_of(request), token)
    except Refusal as refusal:
        return _gone(request, refusal)
    return _page(request, conversation.locale, page.title, field=page.field)


@routes.post("/p/{token}")
async def use(request: web.Request) -> web.Response:
    """Shows it, this once; or takes what was asked into the conversation."""
    services, token, page = services_of(request), await _token(request), None
    try:
        page, conversation = await look_at(services, token)
        locale = conversation.locale
        if page.field is None:
            page, text = await reveal(services, token)
            return _page(request, locale, page.title, shown=text)
        form = await request.post()
        await receive_private(services, token, str(form.get("value", "")), address_of(request))
    except Refusal as refusal:
        if refusal.code != "private_value" or page is None:
            return _gone(request, refusal)
        problem = say(locale, f"private_wrong_{page.field}")
        return _page(request, locale, page.title, field=page.field, problem=problem, status=refusal.status)
    request.app[RUNNER].wake(conversation.id)
    return _page(request, locale, page.title, done=True)


async def _token(request: web.Request) -> str:
    await request.app[LIMITS].check("private", address_of(request), services_of(request).settings.messages_per_minute)
    return request.match_info["token"]


def _gone(request: web.Request, refusal: Refusal) -> web.Response:
    """The same page for a link that never was, was used, or is too old."""
    locale = locale_from(request.headers.get("Accept-Language"))
    return _page(request, locale, say(locale, "private_gone_title"), gone=True, status=refusal.status)


def _page(request: web.Request, locale: str, title: str, *, status: int = 200, **shown: Any) -> web.Response:
    known = {"locale": locale, "brand": services_of(request).service.brand.name, "title": title}
    field = shown.get("field")
    context = known | shown | {"say": lambda key: say(locale, key), "input": _INPUTS.get(field or "", {})}
    response = aiohttp_jinja2.render_template("private/page.html", request, context, status=status)
    response.headers.update(_HEADERS)
    return response
