"""`POST /studio/check`: what is wrong with an article as it is typed, and what is there already."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from knowledge_base.keys import BATCHES, KNOWLEDGE
from knowledge_base.retrieval.engine import Question
from knowledge_base.studio import likeness
from knowledge_base.studio.articles_web import STUDIO
from knowledge_base.studio.errors import StudioError
from knowledge_base.studio.form import Form
from knowledge_base.studio.links import links
from knowledge_base.studio.web import read

routes = web.RouteTableDef()


class Check(BaseModel):
    """The form as it is."""

    model_config = ConfigDict(extra="forbid")

    form: Form


@routes.post("/studio/check")
async def check(request: web.Request) -> web.Response:
    """{problems, duplicates, related, links}."""
    studio, form = request.app[STUDIO], (await read(request, Check)).form
    snapshot = request.app[KNOWLEDGE].snapshot
    if snapshot is None:
        raise StudioError("starting", 503, "The articles are still being read.")

    def compare(questions: Sequence[Question]) -> dict[str, object]:
        return likeness.alike(snapshot, form, questions).as_json()

    prepared = await asyncio.to_thread(likeness.texts, snapshot, form)
    told = await request.app[BATCHES].ask(prepared, compare)
    problems = [one.as_json() for one in await asyncio.to_thread(studio.check, form)]
    found = await asyncio.to_thread(links, form, studio.articles())
    broken = [one["url"] for one in found if one["ok"] is False]
    problems += [
        {"field": "body", "code": "link_broken", "params": {"url": url}, "severity": "warning"} for url in broken
    ]
    return web.json_response({"problems": problems, **told, "links": found})
