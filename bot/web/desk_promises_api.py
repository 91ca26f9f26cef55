"""The desk's door to promises, calls to make, and what supervisors should look at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from bot.clocks.alerts import list_alerts
from bot.errors import Refusal
from bot.incidents.managing import rises
from bot.promises import calls, desk
from bot.promises.rules import KINDS
from bot.services import services_of
from bot.web.desk_session import advisor_for, user_with
from bot.web.reading import body_of, text_field

routes = web.RouteTableDef()
_BASE = "/api/v1/desk"
_LONGEST_KEY = 64
_LONGEST_PHONE = 40


@routes.get(_BASE + "/promises")
async def promises(request: web.Request) -> web.Response:
    """What is to be kept; ``?status=``, ``?mine=1``, ``?kind=`` and ``?conversation=`` narrow it down."""
    user = await advisor_for(request)
    services, asked = services_of(request), request.query
    found = await desk.list_promises(
        services,
        user,
        status=asked.get("status") or None,
        mine=asked.get("mine", "") in ("1", "true"),
        kind=asked.get("kind") or None,
        conversation_id=asked.get("conversation") or None,
    )
    return web.json_response({"promises": found, "now": services.clock().isoformat()})


@routes.post(_BASE + "/conversations/{id}/promises")
async def make(request: web.Request) -> web.Response:
    """An advisor gives their word, and the customer reads it."""
    user = await advisor_for(request)
    body = await body_of(request)
    kind = text_field(body, "kind") or ""
    text = (text_field(body, "text", longest=desk.LONGEST_TEXT) or "").strip()
    if kind not in KINDS or (kind == "other" and not text):
        raise Refusal("bad_promise", 422)
    wish = {"kind": kind, "text": text, "due_at": _moment(body, "due_at"), "phone": _phone(body)}
    if wish["due_at"] is None:
        raise Refusal("bad_due", 422)
    key = text_field(body, "client_promise_id", longest=_LONGEST_KEY)
    row, is_new = await desk.make(services_of(request), request.match_info["id"], user, wish, key)
    return web.json_response({"promise": row}, status=201 if is_new else 200)


@routes.post(_BASE + "/promises/{promise_id}/kept")
async def kept(request: web.Request) -> web.Response:
    """It was done."""
    user = await advisor_for(request)
    row = await desk.keep(services_of(request), request.match_info["promise_id"], user)
    return web.json_response({"promise": row})


@routes.post(_BASE + "/promises/{promise_id}/cancelled")
async def cancelled(request: web.Request) -> web.Response:
    """It will not be done, which the customer is told."""
    user = await advisor_for(request)
    row = await desk.withdraw(services_of(request), request.match_info["promise_id"], user)
    return web.json_response({"promise": row})


@routes.patch(_BASE + "/promises/{promise_id}")
async def postpone(request: web.Request) -> web.Response:
    """Another deadline, which the customer is told, or another number to call."""
    user = await advisor_for(request)
    body = await body_of(request)
    due_at, phone = _moment(body, "due_at"), _phone(body)
    if due_at is None and phone is None:
        raise Refusal("bad_due", 422)
    row = await desk.postpone(services_of(request), request.match_info["promise_id"], user, due_at, phone)
    return web.json_response({"promise": row})


@routes.post(_BASE + "/promises/{promise_id}/attempts")
async def attempt(request: web.Request) -> web.Response:
    """Somebody was called: reached, or not."""
    user = await advisor_for(request)
    body = await body_of(request)
    outcome = text_field(body, "outcome") or ""
    note = text_field(body, "note", longest=calls.LONGEST_NOTE)
    key = text_field(body, "client_attempt_id", longest=_LONGEST_KEY)
    row, is_new = await calls.tried(services_of(request), request.match_info["promise_id"], user, outcome, note, key)
    return web.json_response({"promise": row}, status=201 if is_new else 200)


@routes.get(_BASE + "/alerts")
async def alerts(request: web.Request) -> web.Response:
    """What is nearly missed, or missed: promises and clocks; and topics that are suddenly asked about."""
    await user_with(request, "supervise")
    services = services_of(request)
    shown = {"alerts": await list_alerts(services), "rises": await rises(services)}
    return web.json_response(shown | {"now": services.clock().isoformat()})


def _moment(body: dict[str, Any], name: str) -> datetime | None:
    raw = text_field(body, name)
    if raw is None:
        return None
    try:
        at = datetime.fromisoformat(raw)
    except ValueError as error:
        raise Refusal("bad_due", 422) from error
    if at.tzinfo is None or not 2000 < at.year < 3000:
        raise Refusal("bad_due", 422)
    return at


def _phone(body: dict[str, Any]) -> str | None:
    phone = (text_field(body, "phone", longest=_LONGEST_PHONE) or "").strip()
    if phone and not 8 <= sum(sign.isdigit() for sign in phone) <= 15:
        raise Refusal("bad_contact", 422)
    return phone or None
