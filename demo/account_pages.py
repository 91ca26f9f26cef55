"""The customer's own pages: their orders, an invoice or a label behind a signed link, a new e-mail confirmed."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from demo.back_office.shared import CLOCK, DATABASE, DOCUMENTS
from demo.database import Change, Effect, Record
from demo.moments import day
from demo.rendering import order_json, orders_json
from demo.rules import today
from demo.shop import TEXTS, page, refuse_other_sites, signed_in

MONTHS = {
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


def setup(app: web.Application) -> None:
    """Add the pages to `app`."""
    app[aiohttp_jinja2.APP_KEY].filters["written"] = written
    app.router.add_get("/commandes", orders)
    app.router.add_get("/documents/{token}", document)
    app.router.add_get("/email/{token}", confirm_page)
    app.router.add_post("/email/{token}", confirm)


def written(value: str | date, language: str) -> str:
    """A day as people of the language write it: 1er mars 2026, 1 March 2026."""
    when = datetime.fromisoformat(value).date() if isinstance(value, str) else value
    number = "1er" if language == "fr" and when.day == 1 else str(when.day)
    return f"{number} {MONTHS[language][when.month - 1]} {when.year}"


async def orders(request: web.Request) -> web.Response:
    """The orders of who is signed in, as the back office has them at this moment."""
    customer = await signed_in(request)
    shown: list[Record] = []
    confirm_url = None
    if customer is not None:
        rows = await request.app[DATABASE].orders_of(customer["customer_id"])
        shown = orders_json(rows, request.app[CLOCK]())
        if customer["pending_email"]:
            confirm_url = request.app[DOCUMENTS].confirmation_url(customer["customer_id"], customer["pending_email"])
    return _private(await page(request, "orders.html", {"orders": shown, "confirm_url": confirm_url}))


async def document(request: web.Request) -> web.Response:
    """An invoice or a return label."""
    content = request.app[DOCUMENTS].read(request.match_info["token"])
    order = await request.app[DATABASE].order(content[1]) if content and content[0] in ("invoice", "label") else None
    if content is None or order is None:
        return _private(await page(request, "expired.html", {}, status=410))
    customer = await request.app[DATABASE].customer(order["customer_id"])
    language = customer["language"] if customer else "fr"
    now = request.app[CLOCK]()
    context: dict[str, Any] = {
        "t": request.app[TEXTS][language],
        "language": language,
        "order": order_json(order, now),
        "address": json.loads(order["address"]),
        "issued_on": day(order["placed"], now) if content[0] == "invoice" else today(now),
        "total_cents": order["goods_cents"] + order["delivery_cents"],
        "delivery_cents": order["delivery_cents"],
        "return_id": content[2] if content[0] == "label" else None,
    }
    return _private(aiohttp_jinja2.render_template(f"{content[0]}.html", request, context))


async def confirm_page(request: web.Request) -> web.Response:
    """Asks for one press: mail programs open links by themselves."""
    content = _new_email(request)
    if content is None:
        return _private(await page(request, "expired.html", {}, status=410))
    return _private(await page(request, "confirm.html", {"email": content[2], "done": False}))


async def confirm(request: web.Request) -> web.Response:
    """The new address counts from now on, if it is still the one that waits."""
    refuse_other_sites(request)
    content = _new_email(request)
    if content is None or not await _confirmed(request, content[1], content[2]):
        return _private(await page(request, "expired.html", {}, status=410))
    return _private(await page(request, "confirm.html", {"email": content[2], "done": True}))


async def _confirmed(request: web.Request, customer_id: str, email: str) -> bool:
    """Whether the address is the customer's now; False when another was asked for since, or is somebody's."""
    database = request.app[DATABASE]
    fingerprint = hashlib.sha256(request.match_info["token"].encode()).hexdigest()
    async with database.changing:
        customer = await database.customer(customer_id)
        if customer is None or customer["pending_email"] != email or await database.customer_with_email(email):
            return False
        effect = Effect("customers", customer_id, {"email": email, "pending_email": None})
        change = Change("email_confirmed", customer_id, None, {}, (effect,))
        await database.record_change(f"link-{fingerprint}", fingerprint, request.app[CLOCK](), change)
    return True


def _new_email(request: web.Request) -> list[str] | None:
    content = request.app[DOCUMENTS].read(request.match_info["token"])
    return content if content and content[0] == "email" else None


def _private(response: web.Response) -> web.Response:
    response.headers.update(PRIVATE)
    return response
