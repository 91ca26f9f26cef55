"""Joins the studio to the knowledge base's app: its routes, its jobs, its clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from knowledge_base import memory
from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.studio import articles_web, check_web, duplicates_web, groups_api, imports_web, trying_web
from knowledge_base.studio import web as jobs_web
from knowledge_base.studio.duplicates import Duplicates
from knowledge_base.studio.import_alike import AlikeRows, nobody
from knowledge_base.studio.imports import Imports
from knowledge_base.studio.listing import Listing
from knowledge_base.studio.space import Space
from knowledge_base.studio.studio import Studio
from knowledge_base.studio.trees import web as trees_web
from knowledge_base.studio.trees.desk import TreeDesk
from knowledge_base.studio.trying import Trials

# A part of the studio adds its table of routes here.
TABLES = (articles_web.routes, check_web.routes, imports_web.routes)
IDLE_SECONDS, LOOK_SECONDS = 600.0, 60.0


def add(
    app: web.Application, studio: Studio | None, knowledge: KnowledgeBase | None = None, trees: TreeDesk | None = None
) -> None:
    """All `/studio/…` routes; without a studio the jobs and what needs the articles’ index alone."""
    jobs_web.add_routes(app)
    if knowledge is not None:
        app[groups_api.SPACE] = Space(knowledge.encoder)
        app[groups_api.KNOWLEDGE] = knowledge
        app.router.add_routes(groups_api.routes)
        app[trying_web.TRIALS] = Trials(knowledge)
        app.router.add_routes(trying_web.routes)
        app[duplicates_web.DUPLICATES] = Duplicates(knowledge)
        app.router.add_routes(duplicates_web.routes)
        app.cleanup_ctx.append(_frugal)
    if trees is not None:
        app[trees_web.DESK] = trees
        app.cleanup_ctx.append(trees_web.running)
        app.router.add_routes(trees_web.routes)
    if studio is None:
        return
    app[articles_web.STUDIO] = studio
    app[articles_web.LISTING] = Listing(studio)
    app[imports_web.IMPORTS] = Imports(studio, AlikeRows(knowledge) if knowledge is not None else nobody)
    app.cleanup_ctx.append(articles_web.running)
    for table in TABLES:
        app.router.add_routes(table)


async def _frugal(app: web.Application) -> AsyncIterator[None]:
    """What nobody has tried or grouped with for ten minutes is let go of; ends with the app."""

    async def look() -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            # In a thread: an index is built under the same lock.
            await asyncio.to_thread(let_go, app[trying_web.TRIALS], app[groups_api.SPACE])

    task = asyncio.create_task(look())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def let_go(trials: Trials, space: Space, idle_seconds: float = IDLE_SECONDS) -> bool:
    """Give back the memory of both where it is idle; True when there was any."""
    found = [trials.let_go(idle_seconds), space.let_go(idle_seconds)]
    if any(found):
        memory.give_back()
    return any(found)
