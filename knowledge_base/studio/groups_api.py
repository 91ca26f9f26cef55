"""`POST /studio/groups`: questions grouped by meaning, as a job."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.retrieval.spelling import Speller
from knowledge_base.studio.grouping import MOST, Item, group
from knowledge_base.studio.jobs import Report
from knowledge_base.studio.space import Space
from knowledge_base.studio.web import JOBS, read, started
from knowledge_base.studio.wordless import is_wordless

SPACE = web.AppKey("space", Space)
KNOWLEDGE = web.AppKey("known_words", KnowledgeBase)
MAX_BODY = 16_000_000
READ_CHARACTERS = 500  # of a long question: what it asks is at its beginning
MOST_KNOWN = 1_000
routes = web.RouteTableDef()


class AskedQuestion(BaseModel):
    """A question that was asked, masked of personal data by who sends it."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=100)
    text: str = Field(min_length=1, max_length=10_000)
    locale: str = Field(min_length=2, max_length=5)


class Example(BaseModel):
    """A question that stands for a known group."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=10_000)
    locale: str = Field(min_length=2, max_length=5)


class KnownGroup(BaseModel):
    """A group of before, which new questions may join."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=100)
    examples: list[Example] = Field(min_length=1, max_length=10)


class GroupsRequest(BaseModel):
    """What is to be grouped."""

    model_config = ConfigDict(extra="forbid")

    questions: list[AskedQuestion] = Field(max_length=MOST)
    known: list[KnownGroup] = Field(default_factory=list, max_length=MOST_KNOWN)


@routes.post("/studio/groups")
async def groups(request: web.Request) -> web.Response:
    """202 `{job}`; its result: `{groups: [{members, typical}], alone, joined: {known id: [id]}, wordless}`, ids all."""
    asked = await read(request, GroupsRequest, MAX_BODY)
    run = partial(_run, request.app[SPACE], _spellers(request.app[KNOWLEDGE]), asked)
    return started(request.app[JOBS].start("groups", len(asked.questions), run))


def _spellers(knowledge: KnowledgeBase) -> list[Speller]:
    """Those that know the words of what is published now."""
    snapshot = knowledge.snapshot
    return list(snapshot.engine.index.spellers.values()) if snapshot and snapshot.engine else []


def _run(space: Space, spellers: list[Speller], asked: GroupsRequest, report: Report) -> dict[str, Any]:
    items = [Item(each.id, each.text[:READ_CHARACTERS], each.locale[:2]) for each in asked.questions]
    known = {
        each.id: [(example.text[:READ_CHARACTERS], example.locale[:2]) for example in each.examples]
        for each in asked.known
    }
    found = group(space, items, known, report)
    return replace(found, wordless=[each.id for each in items if is_wordless(each.text, spellers)]).as_json()
