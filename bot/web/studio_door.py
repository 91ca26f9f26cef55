"""What the modules of the studio's door share: who asks, what knowledge_base refuses, the audit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from aiohttp import web

from bot.db.people import AuditEntry, User
from bot.errors import Refusal
from bot.services import services_of
from bot.studio.client import StudioRefusedError
from bot.texts import LOCALES, known, locale_from, say

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BASE = "/api/v1/studio"
ONE = "{article_id:[\\w.-]{1,120}}/{locale:fr|en}"
_LONGEST_TARGET = 64


def refusals(handler: Handler) -> Handler:
    """What knowledge_base refuses reaches the page whole: code, sentence, and what was said beside (`theirs`, …)."""

    @wraps(handler)
    async def wrapped(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except StudioRefusedError as refused:
            locale = language_of(request)
            sentence = known(locale, f"error_{refused.code}") or refused.message or say(locale, "error_bad_request")
            beside = {key: value for key, value in refused.body.items() if key != "error"}
            error = {"code": refused.code, "message": sentence}
            return web.json_response(beside | {"error": error}, status=refused.status)

    return wrapped


def language_of(request: web.Request) -> str:
    """The language in which the page is read."""
    return locale_from(request.headers.get("Accept-Language"))


def which(request: web.Request) -> tuple[str, str]:
    """The article and the language of the address."""
    return request.match_info["article_id"], request.match_info["locale"]


def form_of(body: Json, article_id: str | None = None, locale: str | None = None) -> Json:
    """The form in a body, of this article in this language whatever it says itself. Raises ``Refusal`` (422)."""
    form = body.get("form")
    if not isinstance(form, dict):
        raise Refusal("bad_request", 422)
    found: Json = dict(form)
    if article_id is not None:
        found |= {"article_id": article_id, "locale": locale}
    if found.get("locale") not in LOCALES:
        raise Refusal("bad_request", 422)
    return found


def revision_of(body: Json) -> int | None:
    """Which revision of the draft was read; None: there was none."""
    revision = body.get("revision")
    if revision is not None and (isinstance(revision, bool) or not isinstance(revision, int)):
        raise Refusal("bad_request", 422)
    return revision


async def note(request: web.Request, user: User, action: str, title: str) -> None:
    """A line in the audit: what was done to which article in which language, by its title at that moment."""
    services, (article_id, locale) = services_of(request), which(request)
    target = f"{article_id[: _LONGEST_TARGET - 3]}/{locale}"
    async with services.db.write() as session:
        entry = AuditEntry(at=services.clock(), actor_id=user.id, action=action, target=target, detail=title[:300])
        session.add(entry)
