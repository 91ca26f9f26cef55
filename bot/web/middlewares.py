"""What every request passes through: errors as sentences, security headers, cross-origin rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from bot.errors import NeighbourError, Refusal
from bot.services import services_of
from bot.texts import locale_from, say
from bot.web.desk_session import COOKIE
from bot.web.error_page import error_page, is_opened

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# Handlers that know the conversation's language put it here, for the sentence of an error.
LOCALE: web.RequestKey[str] = web.RequestKey("locale", str)
_log = structlog.get_logger()

_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; connect-src 'self' ws: wss:"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": CONTENT_POLICY,
}
# Doors that our own pages open with a cookie.
_INSIDE = ("/api/v1/desk/", "/api/v1/studio/")
_CORS_METHODS = "GET, POST, PUT, DELETE, OPTIONS"
_CORS_HEADERS = "Authorization, Content-Type"


def _locale(request: web.Request) -> str:
    return request.get(LOCALE) or locale_from(request.headers.get("Accept-Language"))


def error_response(request: web.Request, refusal: Refusal) -> web.Response:
    """``{error: {code, message}}`` in the person's language; a page to whoever opened the address in a browser."""
    locale = _locale(request)
    sentence = say(locale, f"error_{refusal.code}", **refusal.values)
    if is_opened(request):
        response = error_page(request, locale, sentence, refusal.status)
    else:
        body = {"error": {"code": refusal.code, "message": sentence, **refusal.extra}}
        response = web.json_response(body, status=refusal.status)
    if refusal.status == 429:
        response.headers["Retry-After"] = str(refusal.values["seconds"])
    return response


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure becomes a sentence for the person and a cause for the log."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return error_response(request, refusal)
    except NeighbourError as error:
        _log.warning("neighbour_failed", path=_known_path(request), cause=str(error))
        return error_response(request, Refusal("unavailable", 503))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return error_response(request, Refusal(_HTTP_CODES.get(error.status, "bad_request"), error.status))
    except Exception:  # noqa: BLE001
        _log.exception("request_failed", path=_known_path(request))
        return error_response(request, Refusal("internal", 500))


def _known_path(request: web.Request) -> str | None:
    """The path as the router knows it: what was asked may hold the token of a private link."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else None


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """``on_response_prepare``: strict defaults on every answer."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith(("/widget/", "/static/")):
        # Asked again each time, answered by ETag: an upgrade must not mix old modules with new ones.
        response.headers["Cache-Control"] = "no-cache"
    if request.path.startswith("/widget/"):
        # The host page loads these from another origin.
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    elif request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
        _allow_origin(request, response)


def origin_allowed(request: web.Request) -> bool:
    """Whether the page that calls us may: ours, one of ``ALLOWED_ORIGINS``, or no page at all."""
    return own_origin(request) or request.headers["Origin"] in services_of(request).settings.allowed_origins


def own_origin(request: web.Request) -> bool:
    """Whether the page that calls us is ours, or no page at all."""
    origin = request.headers.get("Origin")
    return origin is None or origin == services_of(request).settings.public_url or _same_host(request, origin)


def _same_host(request: web.Request, origin: str) -> bool:
    return origin in (f"http://{request.host}", f"https://{request.host}")


def _is_public_api(request: web.Request) -> bool:
    return request.path.startswith("/api/v1/") and not request.path.startswith(_INSIDE)


def _allow_origin(request: web.Request, response: web.StreamResponse) -> None:
    origin = request.headers.get("Origin")
    if origin is None or not _is_public_api(request) or not origin_allowed(request):
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Methods"] = _CORS_METHODS
    response.headers["Access-Control-Allow-Headers"] = _CORS_HEADERS
    response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    response.headers["Access-Control-Max-Age"] = "600"
    response.headers["Vary"] = "Origin"


@web.middleware
async def cross_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers preflights; refuses API calls from pages of unknown sites."""
    if request.path.startswith("/api/") and not origin_allowed(request):
        raise Refusal("bad_origin", 403)
    # No address of the API holds a NUL, and PostgreSQL would fail over it; pages answer for themselves.
    if request.path.startswith("/api/") and any("\x00" in part for part in (request.path, *request.query.values())):
        raise Refusal("bad_request", 422)
    # A site that shows the chat may be of our own domain, and then its pages send the desk's cookie along.
    at_desk = request.path.startswith(_INSIDE)
    if at_desk and COOKIE in request.cookies and not own_origin(request):
        raise Refusal("bad_origin", 403)
    if request.method == "OPTIONS" and _is_public_api(request):
        return web.Response(status=204)
    return await handler(request)
