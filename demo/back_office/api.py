"""The calls of the API, the bearer token they ask for, and the modes that tests of others play."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from demo.back_office import account, orders, reading
from demo.back_office.idempotency import idempotency_key, once
from demo.back_office.shared import ATLAS, BASE, CLOCK, DATABASE, DOCUMENTS, json_object, order_of
from demo.documents import Documents
from demo.errors import ApiError
from demo.moments import Clock
from demo.places import Atlas
from demo.rendering import tracking_json

MODES = ("ok", "down", "slow", "nonsense")
SLOW_SECONDS = 20.0
OPENAPI = Path(__file__).parents[2] / "docs" / "back-office.openapi.json"
MODE: web.AppKey[dict[str, Any]] = web.AppKey("mode")
TOKEN = web.AppKey("token", str)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def setup(app: web.Application, token: str, clock: Clock, documents: Documents) -> None:
    """Add the API under BASE to `app`; `app[DATABASE]` is set by the application's start."""
    app[TOKEN], app[CLOCK], app[MODE] = token, clock, {"mode": "ok", "seconds": SLOW_SECONDS}
    app[ATLAS], app[DOCUMENTS] = Atlas.load(), documents
    router = app.router
    for path, handler in {
        "/customers/lookup": reading.lookup,
        "/customers/{customer_id}": reading.get_customer,
        "/customers/{customer_id}/orders": reading.get_orders,
        "/customers/{customer_id}/guarantees": reading.get_guarantees,
        "/customers/{customer_id}/loyalty": reading.get_loyalty,
        "/customers/{customer_id}/export": reading.get_export,
        "/orders/{number}": reading.get_order,
        "/orders/{number}/refunds": reading.get_refunds,
        "/orders/{number}/invoice": reading.get_invoice,
        "/shops": reading.get_shops,
    }.items():
        router.add_get(BASE + path, guarded(handler))
    for method, path, change in (
        ("POST", "/orders/{number}/cancellation", orders.cancel),
        ("PATCH", "/orders/{number}/delivery-address", orders.change_address),
        ("POST", "/orders/{number}/returns", orders.create_return),
        ("POST", "/orders/{number}/problems", orders.report_problem),
        ("POST", "/repairs", orders.repair),
        ("PATCH", "/customers/{customer_id}/contact", account.change_contact),
        ("POST", "/customers/{customer_id}/erasure", account.erase),
        ("POST", "/customers/{customer_id}/closure", account.close),
    ):
        router.add_route(method, BASE + path, guarded(once(change)))
    router.add_post(f"{BASE}/orders/{{number}}/tracking-requests", guarded(post_tracking_request))
    router.add_get(f"{BASE}/openapi.json", get_openapi)
    router.add_get(f"{BASE}/admin/tracking-requests", guarded(get_tracking_requests, admin=True))
    router.add_get(f"{BASE}/admin/changes", guarded(get_changes, admin=True))
    router.add_post(f"{BASE}/admin/mode", guarded(post_mode, admin=True))
    router.add_post(f"{BASE}/admin/reset", guarded(post_reset, admin=True))


def guarded(handler: Handler, *, admin: bool = False) -> Handler:
    """Ask for the bearer token, then play the mode a test has set; not on admin calls, or it could not be ended."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            _check_token(request)
            played = None if admin else await _play_mode(request)
            return played or await handler(request)
        except ApiError as error:
            return error.response()

    return answer


async def post_tracking_request(request: web.Request) -> web.Response:
    """Ask where a parcel is. The same Idempotency-Key again gives the first answer and records nothing."""
    key = idempotency_key(request)
    order = await order_of(request)
    now = request.app[CLOCK]()
    answer = {"tracking": tracking_json(order, now)}
    recorded = await request.app[DATABASE].record_tracking(key, order["number"], now.isoformat(), answer)
    if recorded["number"] != order["number"]:
        raise ApiError(400, "idempotency_key_reused", "This Idempotency-Key was used for another order.")
    return web.json_response(recorded["answer"])


async def get_openapi(_request: web.Request) -> web.Response:
    """The document of this API, which needs no token."""
    return web.json_response(json.loads(OPENAPI.read_text("utf-8")))


async def get_tracking_requests(request: web.Request) -> web.Response:
    """What was asked of the carrier so far, for tests to count."""
    return web.json_response({"tracking_requests": await request.app[DATABASE].tracking_requests()})


async def get_changes(request: web.Request) -> web.Response:
    """What was changed so far, for tests to count."""
    return web.json_response({"changes": await request.app[DATABASE].changes()})


async def post_reset(request: web.Request) -> web.Response:
    """Forget what was changed and tracked, of all customers or of `customer_id`."""
    body = await json_object(request)
    customer_id = body.get("customer_id")
    if customer_id is not None and not isinstance(customer_id, str):
        raise ApiError(400, "bad_request", "customer_id is a string.")
    await request.app[DATABASE].reset(customer_id)
    return web.json_response({"reset": customer_id or "all"})


async def post_mode(request: web.Request) -> web.Response:
    """Set how the API behaves, for tests: {"mode": one of MODES, "seconds"?: how slow}."""
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        body = None
    if not isinstance(body, dict) or body.get("mode") not in MODES:
        raise ApiError(400, "bad_mode", f"mode is one of {', '.join(MODES)}.")
    seconds = body.get("seconds", SLOW_SECONDS)
    if not isinstance(seconds, int | float) or not 0 <= seconds <= 120:
        raise ApiError(400, "bad_seconds", "seconds is a number from 0 to 120.")
    request.app[MODE].update(mode=body["mode"], seconds=seconds)
    return web.json_response(request.app[MODE])


def _check_token(request: web.Request) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), request.app[TOKEN].encode()):
        raise ApiError(401, "unauthorized", "A valid bearer token is required.")


async def _play_mode(request: web.Request) -> web.Response | None:
    mode = request.app[MODE]["mode"]
    if mode == "down":
        raise ApiError(503, "unavailable", "The back office is down.")
    if mode == "slow":
        # The body of a caller who has given up cannot be read any more.
        await request.read()
        await asyncio.sleep(request.app[MODE]["seconds"])
    if mode == "nonsense":
        return web.json_response({"orders": "soup", "status": 7, "tracking": ["?"]})
    return None
