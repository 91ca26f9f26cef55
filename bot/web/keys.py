"""What the handlers find in the application beside the services."""

from __future__ import annotations

from aiohttp import web

from bot.health import Health
from bot.turns.runner import TurnRunner
from bot.web.rate_limit import RateLimit

RUNNER = web.AppKey("runner", TurnRunner)
LIMITS = web.AppKey("limits", RateLimit)
HEALTH = web.AppKey("health", Health)
