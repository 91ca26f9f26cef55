"""What the modules of the studio's door share: who asks, what knowledge_base refuses, the audit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from aiohttp import web

from bot.db.people import AuditEntry, User
from bot.errors import Refusal
from bot.services import services_of
from bot.studio.client import StudioRefusedError, actor_of
from bot.studio.noting import audit_target
from bot.texts import LOCALES, known, locale_from, say
from bot.web.reading import body_of, text_field

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BASE = "/api/v1/studio"
ONE = "{article_id:[\\w.-]{1,120}}/{locale:fr|en}"
_DIGITS = 19  # of a revision: more are no number of a database
LONGEST_NOTE = 2000


def refusals(handler: Handler) -> Handler:
    """What knowledge_base refuses reaches the page whole: code, sentence, and what was said beside (`theirs`, …)."""
    return refusals_of("error")(handler)


def refusals_of(*kinds: str) -> Callable[[Handler], Handler]:
    """``refusals`` whose sentences are those of the first of ``kinds`` that has one for the code."""

    def told(handler: Handler) -> Handler:
        @wraps(handler)
        async def wrapped(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except StudioRefusedError as refused:
                return _refused(refused, language_of(request), kinds)

        return wrapped

    return told


def _refused(refused: StudioRefusedError, locale: str, kinds: tuple[str, ...]) -> web.Response:
    sentence = next((text for kind in kinds if (text := known(locale, f"{kind}_{refused.code}"))), refused.message)
    error = {"code": refused.code, "message": sentence or say(locale, "error_bad_request")}
    beside = {key: value for key, value in refused.body.items() if key != "error"}
    return web.json_response(beside | {"error": error}, status=refused.status)


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


def needed_revision(body: Json) -> int:
    """Which revision a step is taken with. Raises ``Refusal`` (422)."""
    revision = revision_of(body)
    if revision is None:
        raise Refusal("bad_request", 422)
    return revision


async def step_of(request: web.Request, user: User) -> Json:
    """What knowledge_base is to be told of a step of a review: whose, of which revision, with which note."""
    body = await body_of(request)
    said = text_field(body, "note", longest=LONGEST_NOTE) or ""
    return {"actor": actor_of(user), "revision": needed_revision(body), "note": said}


async def or_nothing(found: Awaitable[Json]) -> Json:
    """What is there; empty when it is nowhere."""
    try:
        return await found
    except StudioRefusedError as refused:
        if refused.status != 404:
            raise
        return {}


def kept_at(side: Json, revision: int) -> Json:
    """The draft at ``revision``. 404 when there is none, 409 `conflict` with `theirs` when it is another one by now.

    A rule is applied to what is kept, not to what the page says is there, and that very revision is published.
    """
    draft, online = side.get("draft"), side.get("published")
    if draft is None:
        raise Refusal("unknown_draft", 404)
    if draft["revision"] != revision:
        published = {"form": online, "version": side.get("version")} if online else None
        told = {"error": {"code": "conflict"}, "theirs": draft, "base": None, "published": published}
        raise StudioRefusedError(409, told)
    found: Json = draft
    return found


def read_revision(request: web.Request) -> int:
    """The `revision` of the address, which a draft is taken away at. Raises ``Refusal`` (422)."""
    asked = request.query.get("revision", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < _DIGITS):
        raise Refusal("bad_request", 422)
    return int(asked)


async def note(request: web.Request, user: User, action: str, title: str) -> None:
    """A line in the audit: what was done to which article in which language, by its title at that moment."""
    await note_on(request, user, action, title, audit_target(*which(request)))


async def note_on(request: web.Request, user: User, action: str, title: str, target: str) -> None:
    """A line in the audit on anything of the studio."""
    services = services_of(request)
    async with services.db.write() as session:
        entry = AuditEntry(at=services.clock(), actor_id=user.id, action=action, target=target, detail=title[:300])
        session.add(entry)
