"""`POST /studio/try`, `/studio/replay`, `/studio/collisions`: what drafts would do, before they are published."""

from __future__ import annotations

import asyncio
from functools import partial

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from knowledge_base.knowledge import MAX_QUESTION
from knowledge_base.retrieval.following import Asked
from knowledge_base.studio.collisions import collisions
from knowledge_base.studio.errors import StudioError
from knowledge_base.studio.form import Form
from knowledge_base.studio.replaying import Replayed, replay
from knowledge_base.studio.trying import SHOWN, Trials
from knowledge_base.studio.web import JOBS, read, started

TRIALS = web.AppKey("trials", Trials)
MAX_BODY = 16_000_000
MOST_FORMS, MOST_QUESTIONS = 20, 5_000
routes = web.RouteTableDef()


class TryRequest(BaseModel):
    """A draft and a question."""

    model_config = ConfigDict(extra="forbid")

    form: Form
    question: str = Field(min_length=1, max_length=MAX_QUESTION)
    locale: str = Field(min_length=2, max_length=5)
    audience: str | None = Field(None, max_length=100)


class ReplayedQuestion(BaseModel):
    """A question that customers asked `count` times, masked of personal data by who sends it."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=100)
    question: str = Field(min_length=1, max_length=MAX_QUESTION)
    locale: str = Field(min_length=2, max_length=5)
    count: int = Field(1, ge=1)


class ReplayRequest(BaseModel):
    """Drafts and questions."""

    model_config = ConfigDict(extra="forbid")

    forms: list[Form] = Field(min_length=1, max_length=MOST_FORMS)
    questions: list[ReplayedQuestion] = Field(max_length=MOST_QUESTIONS)


class CollisionsRequest(BaseModel):
    """A draft."""

    model_config = ConfigDict(extra="forbid")

    form: Form


@routes.post("/studio/try")
async def try_it(request: web.Request) -> web.Response:
    """`{with, without}`: search's answer, and per result `matched`, `shared`, `signals`, `draft`."""
    body = await read(request, TryRequest, MAX_BODY)
    if not body.question.strip():
        raise StudioError("bad_request", 400, "question: it is empty.", field="question")
    asked = Asked(body.question, body.locale, SHOWN, body.audience)
    return web.json_response(await asyncio.to_thread(request.app[TRIALS].asked, body.form, asked))


@routes.post("/studio/collisions")
async def collide(request: web.Request) -> web.Response:
    """Which published articles lose questions to the draft."""
    body = await read(request, CollisionsRequest, MAX_BODY)
    return web.json_response(await asyncio.to_thread(collisions, request.app[TRIALS], body.form))


@routes.post("/studio/replay")
async def replay_them(request: web.Request) -> web.Response:
    """202 `{job}`; its result: `{changes, more, totals}`."""
    body = await read(request, ReplayRequest, MAX_BODY)
    questions = [Replayed(one.id, one.question, one.locale, one.count) for one in body.questions]
    run = partial(replay, request.app[TRIALS], body.forms, questions)
    return started(request.app[JOBS].start("replay", len(questions), run))
