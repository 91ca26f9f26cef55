"""Reading requests: JSON bodies, fields, who is calling. Everything wrong is a ``Refusal``."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.errors import Refusal
from bot.services import services_of
from bot.signing import is_signed, may_be_signed
from bot.texts import LOCALES
from bot.web.keys import LIMITS

Json = dict[str, Any]
LARGEST_SEQ = 2**31 - 1
_UNSIGNED_PER_MINUTE = 30


async def body_of(request: web.Request) -> Json:
    """The JSON object in the body; an empty body is an empty object."""
    return parsed(await request.read())


def parsed(raw: bytes) -> Json:
    """What ``body_of`` makes of bytes that were read already."""
    if not raw.strip():
        return {}
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal("bad_encoding") from error
    try:
        body = json.loads(text)
        # JSON may spell half a character (a lone surrogate), which no database stores.
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refusal("bad_encoding") from error
    except (ValueError, RecursionError) as error:
        raise Refusal("bad_json") from error
    if not isinstance(body, dict):
        raise Refusal("bad_json")
    return body


async def signed_body(request: web.Request, secrets: list[str], largest: int, now: datetime) -> bytes:
    """The body of a call from outside, which may be large. Raises ``Refusal``: 401, 413, 429.

    It is turned away unread when it does not even claim to be signed, or after too many from there that were not.
    """
    if not may_be_signed(request.headers, now):
        raise Refusal("bad_signature", 401)
    limits, address = request.app[LIMITS], address_of(request)
    await limits.check("unsigned", address, _UNSIGNED_PER_MINUTE, count=False)
    raw = await request.clone(client_max_size=largest).read()
    if not is_signed(secrets, request.headers, raw, now):
        await limits.check("unsigned", address, _UNSIGNED_PER_MINUTE)
        raise Refusal("bad_signature", 401)
    return raw


def text_field(body: Json, name: str, *, longest: int | None = None) -> str | None:
    """A string or nothing. Raises ``Refusal`` for another type.

    With ``longest`` also for too many characters, or for a NUL, which PostgreSQL does not store.
    """
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or (longest is not None and (len(value) > longest or "\x00" in value)):
        raise Refusal("bad_request", 422)
    return value


def locale_field(body: Json, default: str) -> str:
    """A language we speak, from ``fr`` or ``fr-FR``; any other becomes ``default``."""
    code = (text_field(body, "locale") or "")[:2].lower()
    return code if code in LOCALES else default


def page_field(body: Json) -> Json | None:
    """``{url, title?}`` with a web address, cut to a sane length; anything else is passed over."""
    page = body.get("page")
    if not isinstance(page, dict) or not isinstance(page.get("url"), str):
        return None
    url = page["url"].replace("\x00", "")[:1000]
    try:
        if urlsplit(url).scheme not in ("http", "https"):
            return None
    except ValueError:
        return None
    title = page.get("title")
    return {"url": url} | ({"title": title.replace("\x00", "")[:300]} if isinstance(title, str) else {})


def address_of(request: web.Request) -> str:
    """Who calls, for rate limits: behind a reverse proxy it is the address that the proxy itself has added last."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if services_of(request).settings.behind_proxy and forwarded:
        return forwarded.rpartition(",")[2].strip()[:64]
    return request.remote or "?"


def bearer(request: web.Request) -> str | None:
    """The bearer token of the request."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def after_parameter(request: web.Request) -> int:
    """``?after=SEQ``, 0 by default."""
    raw = request.query.get("after", "0")
    if not raw.isdecimal() or len(raw) > 12:
        raise Refusal("bad_request", 422)
    return min(int(raw), LARGEST_SEQ)
