"""Where the app keeps what several routes use."""

from __future__ import annotations

from aiohttp import web

from knowledge_base.batches import Batches
from knowledge_base.knowledge import KnowledgeBase

KNOWLEDGE = web.AppKey("knowledge", KnowledgeBase)
BATCHES = web.AppKey("batches", Batches)
