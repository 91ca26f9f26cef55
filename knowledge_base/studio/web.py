"""What the studio's routes share: reading a body, answering refusals, the jobs; and the routes themselves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge_base.studio.errors import StudioError, disk_full, not_found
from knowledge_base.studio.jobs import Job, Jobs
from knowledge_base.studio.telling import in_pieces

JOBS = web.AppKey("jobs", Jobs)
MAX_BODY = 4_000_000  # the largest article, each accent of it written as six characters
DRAINED = 16_000_000  # of a body that is too large: read, so that the sender hears why it is refused
_DIGITS = 19  # of a revision: more are no number of a database
Body = TypeVar("Body", bound=BaseModel)
routes = web.RouteTableDef()


class Actor(BaseModel):
    """Who does it, as git and the list will name them."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, frozen=True)

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^<>\n\r\x00]+$")
    email: str = Field(min_length=1, max_length=320, pattern=r"^[^<>\n\r\x00]+$")


class Act(BaseModel):
    """A step of a review, or anything else that is done to a revision."""

    model_config = ConfigDict(extra="forbid")

    actor: Actor
    revision: int | None = None
    note: str = Field("", max_length=2_000)

    def read_revision(self) -> int:
        """Which revision it is done to. Raises StudioError (400)."""
        return needed(self.revision)


class SaveDraft(BaseModel):
    """`base_version`: the published version that the form began from or was merged with; else the draft’s own."""

    model_config = ConfigDict(extra="forbid")

    revision: int | None = None
    actor: Actor
    base_version: str | None = None

    @property
    def base(self) -> dict[str, str | None]:
        """`base_version` as far as it was said: that there is none says something too."""
        return {"base_version": self.base_version} if "base_version" in self.model_fields_set else {}


class Publish(BaseModel):
    """`second_person`: somebody else must have approved this revision."""

    model_config = ConfigDict(extra="forbid")

    actor: Actor
    revision: int
    second_person: bool = False


class Restore(BaseModel):
    """Which commit, and the revision of the draft that it goes over."""

    model_config = ConfigDict(extra="forbid")

    actor: Actor
    commit: str = Field(pattern="^[0-9a-f]{40}$")
    revision: int | None = None


def needed(revision: int | None) -> int:
    """The revision. Raises StudioError (400) when there is none."""
    if revision is None:
        raise StudioError("bad_request", 400, "revision: Field required.", field="revision")
    return revision


def asked_revision(request: web.Request) -> int:
    """The `?revision` of the address. Raises StudioError (400)."""
    text = request.query.get("revision", "")
    return needed(int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else None)


async def done(work: Any, *values: Any, **more: Any) -> web.Response:
    """What `work` answers, done in a thread of its own."""
    return web.json_response(await asyncio.to_thread(work, *values, **more))


def add_routes(app: web.Application) -> None:
    """The routes of jobs, and what they need while the app runs."""
    app.cleanup_ctx.append(_jobs)
    app.router.add_routes(routes)


async def _jobs(app: web.Application) -> AsyncIterator[None]:
    app[JOBS] = Jobs()
    yield
    await app[JOBS].close()


async def read(request: web.Request, kind: type[Body], limit: int = MAX_BODY) -> Body:
    """The body as `kind`. Raises StudioError: 413 `too_large`, 400 `bad_request` with the first fault."""
    try:
        return kind.model_validate(json.loads(await read_bytes(request, limit)))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise StudioError("bad_request", 400, "The body is not JSON in UTF-8.") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise StudioError("bad_request", 400, f"{where}: {first['msg']}.", field=where) from error


async def read_bytes(request: web.Request, limit: int) -> bytes:
    """The body, at most `limit` bytes. Raises StudioError 413 `too_large`, told once the sender has sent it all."""
    data, size = bytearray(), 0
    async for chunk in request.content.iter_chunked(65_536):
        size += len(chunk)
        if size <= limit:
            data += chunk
        elif size > DRAINED:
            break
    if size > limit:
        told = f"That is larger than {limit / 1_000_000:g} MB: split the article, or move pictures out of its text."
        raise StudioError("too_large", 413, told, most=limit)
    return bytes(data)


@web.middleware
async def refusals(request: web.Request, handler: Any) -> web.StreamResponse:
    """Answers what the studio refuses; a disk that is full is told as one."""
    try:
        response: web.StreamResponse = await handler(request)
    except StudioError as error:
        return web.json_response(error.as_json(), status=error.status)
    except Exception as error:
        full = disk_full(error)
        if full is None:
            raise
        return web.json_response(full.as_json(), status=full.status)
    return response


def started(job_id: str) -> web.Response:
    """202 `{job}`, for a route that begins one."""
    return web.json_response({"job": job_id}, status=202)


async def _told(request: web.Request, job: Job | None) -> web.StreamResponse:
    if job is None:
        raise not_found("job")
    return await in_pieces(request, job.as_json())


@routes.get("/studio/jobs/{job}")
async def job_of(request: web.Request) -> web.StreamResponse:
    """How far it is, and what it found."""
    return await _told(request, request.app[JOBS].get(request.match_info["job"]))


@routes.delete("/studio/jobs/{job}")
async def cancel_job(request: web.Request) -> web.StreamResponse:
    """Ask it to stop."""
    return await _told(request, request.app[JOBS].cancel(request.match_info["job"]))
