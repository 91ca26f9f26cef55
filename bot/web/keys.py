"""What the handlers find in the application beside the services."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.health import Health
from bot.sharing import Shared, SharedBy
from bot.turns.runner import TurnRunner
from bot.web.rate_limit import RateLimit

RUNNER = web.AppKey("runner", TurnRunner)
LIMITS = web.AppKey("limits", RateLimit)
OPEN_HANDOFFS: web.AppKey[Shared[list[dict[str, Any]]]] = web.AppKey("open_handoffs", Shared)
STATES: web.AppKey[SharedBy[str, dict[str, Any]]] = web.AppKey("states", SharedBy)
HEALTH = web.AppKey("health", Health)
