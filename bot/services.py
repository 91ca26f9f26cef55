"""What the parts of the bot process share, wired once in ``app.create_app``."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from redis.asyncio import Redis

from bot.channels.protocol import Channels
from bot.clock import Clock
from bot.company import Company
from bot.db.engine import Database
from bot.help.library import Library
from bot.incidents.board import Board
from bot.incidents.tally import Tally
from bot.live import Live
from bot.neighbours.actions import ActionsClient
from bot.neighbours.knowledge import KnowledgeClient
from bot.neighbours.rasa import RasaClient
from bot.settings import BotSettings
from bot.studio.client import StudioClient
from bot.words.shelf import Shelf
from service import Service


@dataclass(frozen=True)
class Services:
    """The neighbours, the record and the company's own rules."""

    settings: BotSettings
    company: Company
    clock: Clock
    db: Database
    live: Live
    redis: Redis | None
    rasa: RasaClient
    knowledge: KnowledgeClient
    studio: StudioClient
    actions: ActionsClient
    channels: Channels
    shelf: Shelf
    library: Library
    incidents: Board
    tally: Tally

    @property
    def service(self) -> Service:
        """The company's rules as they are at this moment."""
        return self.company.service


SERVICES = web.AppKey("services", Services)


def services_of(request: web.Request) -> Services:
    """The services of the application that serves this request."""
    return request.app[SERVICES]
