"""The pages of the shop, server-rendered, with the chat in one script tag."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp_jinja2
import jinja2
from aiohttp import web

from demo.back_office.shared import CLOCK, DATABASE
from demo.catalogue import Catalogue
from demo.identity import Sessions, identity_token
from demo.settings import Settings

FOLDER = Path(__file__).parent
LANGUAGES = ("fr", "en")
SIGN_IN_CHOICES = ("C-1001", "C-1002", "C-1003")
SETTINGS = web.AppKey("settings", Settings)
SESSIONS = web.AppKey("sessions", Sessions)
CATALOGUE = web.AppKey("catalogue", Catalogue)
TEXTS: web.AppKey[dict[str, dict[str, str]]] = web.AppKey("texts")


def setup(app: web.Application, settings: Settings, catalogue: Catalogue) -> None:
    """Add the pages, the sign-in and the static files to `app`."""
    app[SETTINGS], app[SESSIONS] = settings, Sessions(settings.identity_key)
    app[CATALOGUE] = catalogue
    app[TEXTS] = {language: _texts(language) for language in LANGUAGES}
    environment = aiohttp_jinja2.setup(
        app, loader=jinja2.FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["price"] = price
    app.router.add_get("/", home)
    app.router.add_get("/produit/{slug}", product)
    app.router.add_post("/session", sign_in)
    app.router.add_post("/session/end", sign_out)
    app.router.add_get("/identity", identity)
    app.router.add_static("/static", FOLDER / "static")
    app.on_response_prepare.append(set_headers(settings.chat_url))


def price(cents: int, language: str) -> str:
    """A price as people of the language write it: 129 €, 4,90 €; €129, €4.90."""
    amount = f"{cents / 100:.2f}".removesuffix(".00")
    return f"€{amount}" if language == "en" else f"{amount.replace('.', ',')}\u00a0€"


def content_security_policy(chat_url: str) -> str:
    """Nothing inline, nothing foreign but the chat, whose WebSocket needs its own line."""
    parts = urlsplit(chat_url)
    chat = f"{parts.scheme}://{parts.netloc}"
    socket = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    return (
        f"default-src 'none'; script-src 'self' {chat}; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self' {chat} {socket}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def set_headers(chat_url: str) -> Any:
    """A signal that puts the security headers on each response."""
    policy = content_security_policy(chat_url)

    async def on_prepare(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        response.headers.setdefault("Cache-Control", "no-cache")

    return on_prepare


async def home(request: web.Request) -> web.Response:
    """The front page."""
    return await page(request, "home.html", {"products": request.app[CATALOGUE].products})


async def product(request: web.Request) -> web.Response:
    """The page of one product."""
    catalogue = request.app[CATALOGUE]
    found = catalogue.by_slug.get(request.match_info["slug"])
    if found is None:
        return await page(request, "missing.html", {}, status=404)
    others = [other for other in catalogue.products if other is not found][:4]
    return await page(request, "product.html", {"product": found, "others": others})


async def sign_in(request: web.Request) -> web.Response:
    """Sign in as one of the demo's customers; there is no password, since nobody here exists."""
    refuse_other_sites(request)
    form = await request.post()
    customer_id = str(form.get("customer_id", ""))
    if customer_id not in SIGN_IN_CHOICES:
        raise web.HTTPBadRequest(text="Unknown demo customer.")
    response = _back(form)
    request.app[SESSIONS].start(response, customer_id)
    return response


async def sign_out(request: web.Request) -> web.Response:
    """End the session."""
    refuse_other_sites(request)
    response = _back(await request.post())
    request.app[SESSIONS].end(response)
    return response


async def identity(request: web.Request) -> web.Response:
    """What the chat asks for when it opens: `{"identity": JWT}`, or `{"identity": null}` when signed out."""
    customer = await signed_in(request)
    token = identity_token(customer, request.app[SETTINGS].identity_key, request.app[CLOCK]) if customer else None
    return web.json_response({"identity": token}, headers={"Cache-Control": "no-store"})


def _texts(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((FOLDER / "locales" / f"{language}.json").read_text("utf-8"))
    return texts


async def page(request: web.Request, template: str, context: dict[str, Any], status: int = 200) -> web.Response:
    """A page of the shop, in the language of the address."""
    language = "en" if request.query.get("lang") == "en" else "fr"
    database = request.app[DATABASE]
    shared = {
        "language": language,
        "t": request.app[TEXTS][language],
        "query": "?lang=en" if language == "en" else "",
        "path": request.path,
        "customer": await signed_in(request),
        "sign_in_choices": [await database.customer(customer_id) for customer_id in SIGN_IN_CHOICES],
        "chat_url": request.app[SETTINGS].chat_url,
    }
    return aiohttp_jinja2.render_template(template, request, shared | context, status=status)


async def signed_in(request: web.Request) -> dict[str, Any] | None:
    """The customer of the session, if any."""
    customer_id = request.app[SESSIONS].customer_id(request)
    customer = await request.app[DATABASE].customer(customer_id) if customer_id else None
    return None if customer is None or customer["closed_on"] else customer


def _back(form: Any) -> web.Response:
    """A redirect to the page that held the form; only a path of this shop is followed."""
    target = str(form.get("back", "/"))
    inside = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return web.Response(status=303, headers={"Location": target if inside and target.isprintable() else "/"})


def refuse_other_sites(request: web.Request) -> None:
    """Raises 403 for a form that another site sent."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden(text="This form belongs to the shop's own pages.")
