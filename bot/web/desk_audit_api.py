"""The audit, searched and taken along as a table."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.audit import PAGE, Asked, choices, search
from bot.db.people import AuditEntry, User
from bot.errors import Refusal
from bot.services import services_of
from bot.texts import LOCALES
from bot.web.desk_session import user_with
from bot.web.reading import LARGEST_SEQ

routes = web.RouteTableDef()
_AUDIT = "/api/v1/desk/audit"
_EXPORTED = 10_000
_COLUMNS = ("at", "actor", "sentence", "about", "action", "target", "detail")


@routes.get(_AUDIT)
async def audit(request: web.Request) -> web.Response:
    """A page of entries, the newest first; ``before`` of the answer asks for the next one."""
    reader = await user_with(request, "supervise")
    services = services_of(request)
    locale = _locale(request, reader)
    found = await search(services, reader, _asked(request), locale)
    entries = found[:PAGE]
    more = entries[-1]["id"] if len(found) > PAGE else None
    return web.json_response({"entries": entries, "before": more} | await choices(services, reader, locale))


@routes.get(_AUDIT + ".csv")
async def export(request: web.Request) -> web.Response:
    """The same as a table, with at most ten thousand lines."""
    reader = await user_with(request, "supervise")
    services = services_of(request)
    entries = await search(services, reader, _asked(request), _locale(request, reader), _EXPORTED)
    sheet = io.StringIO()
    table = csv.writer(sheet)
    table.writerow(_COLUMNS)
    for entry in entries[:_EXPORTED]:
        named = entry | {"actor": (entry["actor"] or {}).get("name")}
        table.writerow([_harmless(named[column]) for column in _COLUMNS])
    async with services.db.write() as session:
        session.add(AuditEntry(at=services.clock(), actor_id=reader.id, action="audit_exported", target="audit"))
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    # The mark at its head tells spreadsheets that it is UTF-8.
    return web.Response(text="\ufeff" + sheet.getvalue(), content_type="text/csv", charset="utf-8", headers=headers)


def _harmless(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value or "")
    return "'" + text if text[:1] in "=+-@\t\r" else text


def _asked(request: web.Request) -> Asked:
    query = request.query
    words = {name: query.get(name) or None for name in ("actor", "action", "target")}
    if any(word is not None and (len(word) > 64 or "\x00" in word) for word in words.values()):
        raise Refusal("bad_request", 422)
    before = query.get("before") or None
    if before is not None and (not before.isdecimal() or len(before) > 12):
        raise Refusal("bad_request", 422)
    limit = min(int(before), LARGEST_SEQ) if before else None
    return Asked(**words, since=_moment(query.get("from")), until=_moment(query.get("to")), before=limit)


def _moment(raw: str | None) -> datetime | None:
    if not raw:
        return None
    try:
        at = datetime.fromisoformat(raw)
    except ValueError as error:
        raise Refusal("bad_request", 422) from error
    if at.tzinfo is None or not 2000 < at.year < 3000:
        raise Refusal("bad_request", 422)
    return at


def _locale(request: web.Request, reader: User) -> str:
    asked = request.query.get("locale", "")
    return asked if asked in LOCALES else (reader.locales or [LOCALES[0]])[0]
