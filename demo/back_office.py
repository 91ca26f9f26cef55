"""The back office API of the demo shop, documented in docs/back-office.md; a company puts its own behind it."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from demo.database import Database
from demo.errors import ApiError
from demo.moments import Clock
from demo.rendering import customer_json, order_json, tracking_json

BASE = "/back-office/v1"
MODES = ("ok", "down", "slow", "nonsense")
SLOW_SECONDS = 20.0
MAX_KEY_LENGTH = 200
DATABASE = web.AppKey("database", Database)
CLOCK: web.AppKey[Clock] = web.AppKey("clock")
MODE: web.AppKey[dict[str, Any]] = web.AppKey("mode")
TOKEN = web.AppKey("token", str)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def setup(app: web.Application, token: str, clock: Clock) -> None:
    """Add the API under BASE to `app`; `app[DATABASE]` is set by the application's start."""
    app[TOKEN], app[CLOCK], app[MODE] = token, clock, {"mode": "ok", "seconds": SLOW_SECONDS}
    app.router.add_get(f"{BASE}/customers/{{customer_id}}", guarded(get_customer))
    app.router.add_get(f"{BASE}/customers/{{customer_id}}/orders", guarded(get_orders))
    app.router.add_get(f"{BASE}/orders/{{number}}", guarded(get_order))
    app.router.add_post(f"{BASE}/orders/{{number}}/tracking-requests", guarded(post_tracking_request))
    app.router.add_get(f"{BASE}/admin/tracking-requests", guarded(get_tracking_requests, admin=True))
    app.router.add_post(f"{BASE}/admin/mode", guarded(post_mode, admin=True))


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


async def get_customer(request: web.Request) -> web.Response:
    """The customer of the address."""
    return web.json_response(customer_json(await _customer(request), request.app[CLOCK]()))


async def get_orders(request: web.Request) -> web.Response:
    """The orders of a customer, newest first."""
    customer = await _customer(request)
    now = request.app[CLOCK]()
    rows = await request.app[DATABASE].orders_of(customer["customer_id"])
    return web.json_response({"orders": [order_json(row, now) for row in rows]})


async def get_order(request: web.Request) -> web.Response:
    """One order."""
    row = await _order(request)
    return web.json_response(order_json(row, request.app[CLOCK]()))


async def post_tracking_request(request: web.Request) -> web.Response:
    """Ask where a parcel is. The same Idempotency-Key again gives the first answer and records nothing."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > MAX_KEY_LENGTH:
        message = f"The header Idempotency-Key is required, up to {MAX_KEY_LENGTH} characters."
        raise ApiError(400, "idempotency_key_required", message)
    order = await _order(request)
    now = request.app[CLOCK]()
    answer = {"tracking": tracking_json(order, now)}
    recorded = await request.app[DATABASE].record_tracking(key, order["number"], now.isoformat(), answer)
    if recorded["number"] != order["number"]:
        raise ApiError(400, "idempotency_key_reused", "This Idempotency-Key was used for another order.")
    return web.json_response(recorded["answer"])


async def get_tracking_requests(request: web.Request) -> web.Response:
    """What was asked of the carrier so far, for tests to count."""
    return web.json_response({"tracking_requests": await request.app[DATABASE].tracking_requests()})


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
        await asyncio.sleep(request.app[MODE]["seconds"])
    if mode == "nonsense":
        return web.json_response({"orders": "soup", "status": 7, "tracking": ["?"]})
    return None


async def _customer(request: web.Request) -> dict[str, Any]:
    row = await request.app[DATABASE].customer(request.match_info["customer_id"])
    if row is None:
        raise ApiError(404, "customer_not_found", "There is no such customer.")
    return row


async def _order(request: web.Request) -> dict[str, Any]:
    row = await request.app[DATABASE].order(request.match_info["number"])
    if row is None:
        raise ApiError(404, "order_not_found", "There is no such order.")
    return row
