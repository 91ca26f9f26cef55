"""Starts the HTTP server."""

from __future__ import annotations

import logging
import sqlite3

import structlog
from aiohttp import web

from knowledge_base import memory
from knowledge_base.content.lint import TOPICS
from knowledge_base.content.store import Contents
from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.settings import KnowledgeBaseSettings, SettingsError
from knowledge_base.studio.studio import Studio
from knowledge_base.studio.trees.desk import TreeDesk
from knowledge_base.web import create_app


def run(settings: KnowledgeBaseSettings) -> None:
    """Serve until stopped. Raises SettingsError or EncoderError before it listens."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Local variables hold what people wrote: a traceback goes without them.
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    memory.keep()
    knowledge = _knowledge_base(settings)
    app = create_app(knowledge, _studio(settings, knowledge), _trees(settings))
    try:
        web.run_app(app, host=settings.relais_host, port=settings.listen_port, print=None, access_log=None)
    except OSError as error:  # the port is taken, or the address is not this machine's
        address = f"{settings.relais_host}:{settings.listen_port}"
        raise SettingsError(f"The knowledge base cannot listen on {address}: {error.strerror or error}.") from error


def _knowledge_base(settings: KnowledgeBaseSettings) -> KnowledgeBase:
    made = settings.encoder(threads=settings.knowledge_base_threads)
    rate = settings.company().answers.false_answer_rate
    try:
        return KnowledgeBase(settings.knowledge_base_articles, made, settings.vector_folder, rate)
    except (OSError, sqlite3.Error) as error:
        raise SettingsError(
            f"Vectors cannot be kept in {settings.vector_folder} ({error}): make it a folder that can be written, "
            "or delete what it holds."
        ) from error


def _studio(settings: KnowledgeBaseSettings, knowledge: KnowledgeBase) -> Studio:
    company = settings.company()
    topics = TOPICS | {topic for skill in company.skills for topic in skill.topics}
    try:
        made = Studio(
            settings.knowledge_base_articles, settings.studio_file, topics=topics, languages=company.brand.languages
        )
    except (OSError, sqlite3.Error) as error:
        raise SettingsError(
            f"Drafts cannot be kept in {settings.studio_file} ({error}): make its folder one that can be written."
        ) from error
    made.contents = lambda: knowledge.snapshot.contents if knowledge.snapshot else Contents()
    made.ready = lambda: knowledge.snapshot is not None
    made.warm = knowledge.warm
    return made


def _trees(settings: KnowledgeBaseSettings) -> TreeDesk:
    try:
        return TreeDesk(settings.published_trees, settings.trees_file)
    except (OSError, sqlite3.Error) as error:
        raise SettingsError(
            f"Drafts cannot be kept in {settings.trees_file} ({error}): make its folder one that can be written."
        ) from error
