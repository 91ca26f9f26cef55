"""Starts the HTTP server."""

from __future__ import annotations

import logging

import structlog
from aiohttp import web

import encoder
from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.settings import KnowledgeBaseSettings
from knowledge_base.web import create_app


def run(settings: KnowledgeBaseSettings) -> None:
    """Serve until stopped. Raises SettingsError or EncoderError before it listens."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))
    knowledge = KnowledgeBase(
        settings.knowledge_base_articles,
        encoder.load(settings.model, threads=settings.knowledge_base_threads),
        settings.vector_folder,
        settings.company().answers.false_answer_rate,
    )
    web.run_app(
        create_app(knowledge), host=settings.relais_host, port=settings.listen_port, print=None, access_log=None
    )
