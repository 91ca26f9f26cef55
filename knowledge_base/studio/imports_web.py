"""`/studio/imports` and `/studio/export`."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from functools import partial
from typing import Any

from aiohttp import BodyPartReader, web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from knowledge_base.content.article import Article
from knowledge_base.studio.articles_web import STUDIO
from knowledge_base.studio.errors import StudioError, disk_full
from knowledge_base.studio.form import Form
from knowledge_base.studio.imports import Held, Imports, Upload, Wish
from knowledge_base.studio.jobs import Report
from knowledge_base.studio.studio import Studio
from knowledge_base.studio.telling import by_line
from knowledge_base.studio.uploads import MAX_UPLOAD
from knowledge_base.studio.web import DRAINED, JOBS, Actor, read, started

Json = dict[str, Any]
IMPORTS = web.AppKey("imports", Imports)
SEARCHABLE_SECONDS = 30.0
_TEXT = 200
_LONGEST = {"topics": 20_000, "faults": MAX_UPLOAD}
routes = web.RouteTableDef()


class Fault(BaseModel):
    """What the sender found wrong with a file of a packed folder."""

    line: int
    code: str
    params: dict[str, Any]
    message: str


_FAULTS = TypeAdapter(dict[str, Fault])


class Apply(BaseModel):
    """`with_refused`: go on although rows are refused; `replace`: also what is there with another text."""

    model_config = ConfigDict(extra="forbid")

    actor: Actor
    with_refused: bool = False
    replace: bool = False
    review: list[tuple[str, str]] = []
    landing: str = Field("", max_length=64, pattern=r"^[\w-]*$")


def _ready(request: web.Request) -> Studio:
    if not request.app[STUDIO].ready():
        raise StudioError("starting", 503, "The articles are still being read.")
    return request.app[STUDIO]


@routes.post("/studio/imports")
async def begin(request: web.Request) -> web.Response:
    """Multipart `file`, `locale`, `topic`, `topics` (a JSON object, name → topic), `faults`, `bundle` → 202 `{job}`.

    Its result is the dry run, and nothing is written.
    """
    _ready(request)
    upload = await _upload(request)
    run = partial(request.app[IMPORTS].dry_run, upload)
    return started(request.app[JOBS].start("import_dry_run", 0, run))


async def _upload(request: web.Request) -> Upload:
    if request.content_type != "multipart/form-data":
        raise StudioError("bad_request", 415, "Send the file as multipart/form-data.")
    name, data, fields = "", b"", {"locale": "fr", "topic": "", "bundle": ""}
    texts = {"topics": "{}", "faults": "{}"}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "file":
            name, data = (part.filename or "")[-_TEXT:], await _read(part, MAX_UPLOAD)
        elif part.name in fields:
            fields[part.name] = (await _read(part, _TEXT)).decode("utf-8", "replace").strip()
        elif part.name in texts:
            texts[part.name] = (await _read(part, _LONGEST[part.name])).decode("utf-8", "replace")
    if not name:
        raise StudioError("bad_request", 400, "file: Field required.", field="file")
    names, faults = _names(texts["topics"]), _faults(texts["faults"])
    return Upload(name, data, fields["locale"], fields["topic"], names, faults, fields["bundle"])


def _faults(text: str) -> dict[str, Json]:
    try:
        return {file: fault.model_dump() for file, fault in _FAULTS.validate_json(text).items()}
    except ValidationError as error:
        told = "faults: by file, {line, code, params, message}."
        raise StudioError("bad_request", 400, told, field="faults") from error


def _names(text: str) -> dict[str, str]:
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, dict) or not all(isinstance(key, str) for key in names.values()):
        raise StudioError("bad_request", 400, "topics: a JSON object of texts is meant.", field="topics")
    return names


async def _read(part: BodyPartReader, limit: int) -> bytes:
    content, size = bytearray(), 0
    while chunk := await part.read_chunk(65_536):
        size += len(chunk)
        if size <= limit:
            content += chunk
        elif size > limit + DRAINED:
            break
    if size > limit:
        told = f"That is larger than {limit / 1_000_000:g} MB: split it."
        raise StudioError("import_too_large", 413, told, most=limit)
    return bytes(content)


@routes.get("/studio/imports/{import_id}")
async def dry_run(request: web.Request) -> web.StreamResponse:
    """What may land, a line of JSON each: first `{name, bundle}`, then by row `{form, online}`, nothing of it cut."""
    return await by_line(request, request.app[IMPORTS].get(request.match_info["import_id"]).whole())


@routes.post("/studio/imports/{import_id}/apply")
async def apply(request: web.Request) -> web.Response:
    """202 `{job}`; its result: `{new, changed, review, left, refused, commit, searchable}`."""
    studio, body = _ready(request), await read(request, Apply)
    held = request.app[IMPORTS].get(request.match_info["import_id"])
    wish = Wish(body.with_refused, body.replace, frozenset(body.review), body.landing)
    work = partial(_apply, request.app[IMPORTS], studio, held, wish, body.actor.model_dump())
    return started(request.app[JOBS].start("import", len(held.rows), work))


@routes.get("/studio/landings/{landing}")
async def landing(request: web.Request) -> web.Response:
    """`{state: running|landed|none}`, with `{at, new, changed, review}` of what landed."""
    _ready(request)
    ask = request.app[IMPORTS].landings.state
    return web.json_response(await asyncio.to_thread(ask, request.match_info["landing"]))


async def _apply(imports: Imports, studio: Studio, held: Held, wish: Wish, actor: Any, report: Report) -> Any:
    try:
        with imports.landings.under_way(wish.landing):
            done = await asyncio.to_thread(imports.apply, held, wish, actor, report)
    except (OSError, sqlite3.Error) as error:
        full = disk_full(error)
        if full is None:
            raise
        raise full from error
    last = done.pop("last")
    return {**done, "searchable": last is None or await _found(studio, last)}


async def _found(studio: Studio, last: dict[str, str]) -> bool:
    """Whether questions find it: everything is encoded by now, so that they do in a moment."""
    end = asyncio.get_running_loop().time() + SEARCHABLE_SECONDS
    meant = studio.article(**last)
    while asyncio.get_running_loop().time() < end:
        if meant is not None and studio.searched(**last) == meant:
            return True
        await asyncio.sleep(0.05)
    return False


@routes.get("/studio/export")
async def export(request: web.Request) -> web.StreamResponse:
    """Every published article, a line of JSON each (`{path: fr/slug.md, text}`), as of one moment."""
    studio = _ready(request)
    articles = await asyncio.to_thread(_all, studio)
    return await by_line(
        request, ({"path": f"{one.locale}/{one.slug}.md", "text": Form.of(one).markdown()} for one in articles)
    )


def _all(studio: Studio) -> list[Article]:
    with studio.changing:  # not in the middle of an import
        return sorted(studio.articles(), key=lambda one: (one.locale, one.slug))
