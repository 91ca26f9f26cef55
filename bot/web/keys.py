"""What the handlers find in the application beside the services."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.health import Health
from bot.help.openings import Openings
from bot.sharing import Shared, SharedBy
from bot.turns.runner import TurnRunner
from bot.web.hearers import Hearers
from bot.web.help_kept import KeptPages
from bot.web.rate_limit import RateLimit
from bot.words.shelf import Shelf

RUNNER = web.AppKey("runner", TurnRunner)
LIMITS = web.AppKey("limits", RateLimit)
OPEN_HANDOFFS: web.AppKey[Shared[list[dict[str, Any]]]] = web.AppKey("open_handoffs", Shared)
STATES: web.AppKey[SharedBy[str, dict[str, Any]]] = web.AppKey("states", SharedBy)
HEARERS = web.AppKey("hearers", Hearers)
HEALTH = web.AppKey("health", Health)
HELP_PAGES = web.AppKey("help_pages", KeptPages)
HELP_OPENINGS = web.AppKey("help_openings", Openings)
HELP_SEARCHES = web.AppKey("help_searches", Shelf)
