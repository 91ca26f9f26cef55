"""The studio's door to import and export: a file is tried first, and lands only when somebody says so."""

from __future__ import annotations

import tempfile
from contextlib import aclosing
from typing import IO, Any

from aiohttp import BodyPartReader, web

from bot.db.people import AuditEntry
from bot.errors import Refusal
from bot.services import services_of
from bot.studio import exports, imports, landing
from bot.studio.judging import Judging
from bot.texts import LOCALES, known
from bot.web.desk_session import user_with
from bot.web.files import kept_part, read_part
from bot.web.reading import body_of
from bot.web.studio_door import BASE, language_of, refusals
from service.topics import TOPICS

routes = web.RouteTableDef()
JUDGING = web.AppKey("judging", Judging)
_ID = "[\\w-]{1,40}"
_JOB = f"{BASE}/imports/jobs/{{job:{_ID}}}"
_LONGEST_FIELD = 200


@routes.post(f"{BASE}/imports")
@refusals
async def begin(request: web.Request) -> web.Response:
    """A file as multipart/form-data (`file`, `locale`, `topic`) → 202 `{job}`: what it would change, nothing more."""
    await user_with(request, "write")
    with tempfile.TemporaryFile() as file:
        name, fields = await _form(request, file)
        if not name or fields["locale"] not in LOCALES or fields["topic"] not in ("", *TOPICS):
            raise Refusal("bad_request", 422)
        return web.json_response(await imports.begin(services_of(request), name, file, **fields), status=202)


async def _form(request: web.Request, file: IO[bytes]) -> tuple[str, dict[str, str]]:
    if request.content_type != "multipart/form-data":
        raise Refusal("bad_request", 415)
    name, fields = "", {"locale": LOCALES[0], "topic": ""}
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise Refusal("bad_request", 422)
            if part.name == "file":
                name = (part.filename or "")[-_LONGEST_FIELD:]
                await kept_part(part, file, imports.most_of(name))
            elif part.name in fields:
                fields[part.name] = (await read_part(part, _LONGEST_FIELD)).decode("utf-8")
    except (ValueError, AssertionError) as error:
        raise Refusal("bad_request", 422) from error
    return name, fields


@routes.get(_JOB)
@refusals
async def watch(request: web.Request) -> web.Response:
    """How far a dry run or an import is, and what it found."""
    return await _told(request, cancel=False)


@routes.delete(_JOB)
@refusals
async def cancel(request: web.Request) -> web.Response:
    """Stops it; what is landing already lands whole."""
    return await _told(request, cancel=True)


async def _told(request: web.Request, *, cancel: bool) -> web.Response:
    user, locale = await user_with(request, "write"), language_of(request)
    services, judging = services_of(request), request.app[JUDGING]
    told = await imports.job(services, judging, request.match_info["job"], user, locale, cancel=cancel)
    error: Any = told.get("error")
    if error:
        error["message"] = known(locale, f"error_{error['code']}") or known(locale, "error_internal")
    return web.json_response(told)


@routes.post(f"{BASE}/imports/{{import_id:{_ID}}}/apply")
@refusals
async def apply(request: web.Request) -> web.Response:
    """`{with_refused, replace}` → 202 `{job}`: everything that was chosen lands, or nothing."""
    user, body = await user_with(request, "publish"), await body_of(request)
    wish = {name: body.get(name, False) for name in ("with_refused", "replace")}
    if not all(isinstance(value, bool) for value in wish.values()):
        raise Refusal("bad_request", 422)
    services, judging = services_of(request), request.app[JUDGING]
    begun = await imports.apply(services, judging, request.match_info["import_id"], user, wish)
    return web.json_response(begun, status=202)


@routes.get(f"{BASE}/export")
@refusals
async def export(request: web.Request) -> web.StreamResponse:
    """Every published article as Markdown in a .zip, with its pictures, sent as it is packed."""
    user = await user_with(request, "write")
    services = services_of(request)
    at = services.clock()
    name = f"articles-{at.date().isoformat()}.zip"
    response = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="{name}"'})
    response.content_type = "application/zip"
    entry = AuditEntry(at=at, actor_id=user.id, action="articles_exported", target="articles", detail=name)
    await landing.settle(services)  # pictures that came with an import are in it as well
    async with aclosing(exports.packed(services)) as chunks:
        async for chunk in chunks:
            if not response.prepared:
                await _note(request, entry)
                await response.prepare(request)
            await response.write(chunk)
    await response.write_eof()
    return response


async def _note(request: web.Request, entry: AuditEntry) -> None:
    async with services_of(request).db.write() as session:
        session.add(entry)
