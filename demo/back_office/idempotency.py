"""Calls that change something: one at a time, and once for each idempotency key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from demo.back_office.shared import CLOCK, DATABASE, json_object
from demo.database import Change
from demo.errors import ApiError

MAX_KEY_LENGTH = 200
# What a call would change now, decided while nothing else changes; raises ApiError when the rules refuse it.
Decide = Callable[[web.Request, dict[str, Any]], Awaitable[Change]]


def idempotency_key(request: web.Request) -> str:
    """The header Idempotency-Key. Raises ApiError (400) without it."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > MAX_KEY_LENGTH:
        message = f"The header Idempotency-Key is required, up to {MAX_KEY_LENGTH} characters."
        raise ApiError(400, "idempotency_key_required", message)
    return key


def once(decide: Decide) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler: the same key again gives the first answer, with another request 422. What is refused is not kept."""

    async def handler(request: web.Request) -> web.Response:
        key, body = idempotency_key(request), await json_object(request)
        fingerprint = _fingerprint(request, body)
        database = request.app[DATABASE]
        async with database.changing:
            earlier = await database.change(key)
            if earlier is None:
                change = await decide(request, body)
                await database.record_change(key, fingerprint, request.app[CLOCK](), change)
                return web.json_response(change.answer)
        if earlier["fingerprint"] != fingerprint:
            raise ApiError(422, "idempotency_key_reused", "This Idempotency-Key was used for another request.")
        return web.json_response(earlier["answer"])

    return handler


def _fingerprint(request: web.Request, body: dict[str, Any]) -> str:
    text = json.dumps([request.method, request.path, body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
