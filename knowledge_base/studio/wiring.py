"""Joins the studio to the knowledge base's app: its routes, its jobs, its clock."""

from __future__ import annotations

from aiohttp import web

from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.studio import articles_web, check_web, groups_api, imports_web, trying_web
from knowledge_base.studio import web as jobs_web
from knowledge_base.studio.imports import Imports
from knowledge_base.studio.listing import Listing
from knowledge_base.studio.space import Space
from knowledge_base.studio.studio import Studio
from knowledge_base.studio.trying import Trials

# A part of the studio adds its table of routes here.
TABLES = (articles_web.routes, check_web.routes, imports_web.routes)


def add(app: web.Application, studio: Studio | None, knowledge: KnowledgeBase | None = None) -> None:
    """All `/studio/…` routes; without a studio the jobs and what needs the articles’ index alone."""
    jobs_web.add_routes(app)
    if knowledge is not None:
        app[groups_api.SPACE] = Space(knowledge.encoder)
        app.router.add_routes(groups_api.routes)
        app[trying_web.TRIALS] = Trials(knowledge)
        app.router.add_routes(trying_web.routes)
    if studio is None:
        return
    app[articles_web.STUDIO] = studio
    app[articles_web.LISTING] = Listing(studio)
    app[imports_web.IMPORTS] = Imports(studio)
    app.cleanup_ctx.append(articles_web.running)
    for table in TABLES:
        app.router.add_routes(table)
