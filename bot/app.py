"""The one wiring function: settings in, application out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import aiohttp
import aiohttp_jinja2
import jinja2
from aiohttp import web
from redis.asyncio import Redis

from bot.accounts.clerk import Clerk
from bot.channels.door import open_doors
from bot.channels.protocol import Channels
from bot.channels.registry import default_channels
from bot.clock import Clock, system_clock
from bot.company import Company
from bot.conversations.popular import Popular
from bot.db.engine import Database
from bot.erasing import Erasing
from bot.forgetting import Forgetting
from bot.handoff.listing import list_handoffs
from bot.handoff.minding import Minding
from bot.handoff.offering import Offering
from bot.health import Health
from bot.help.library import Library
from bot.help.openings import Openings
from bot.incidents.board import Board
from bot.incidents.keeping import Keeping
from bot.incidents.tally import Tally
from bot.live import Live
from bot.mail import Mailer
from bot.missed import Missed
from bot.neighbours.actions import ActionsClient
from bot.neighbours.knowledge import KnowledgeClient
from bot.neighbours.rasa import RasaClient
from bot.outbox import Outbox
from bot.prepared.work import PreparedWork
from bot.promises.watching import Watching
from bot.retention import Retaining
from bot.services import SERVICES, Services
from bot.settings import BotSettings
from bot.sharing import Shared, SharedBy
from bot.studio.client import StudioClient
from bot.studio.gap_grouping import Gaps
from bot.studio.judging import Judging
from bot.studio.landing import NotingLandings
from bot.studio.reminders import Reminding
from bot.studio.scheduled import NotingScheduled
from bot.turns.runner import TurnRunner
from bot.web import (
    consents_api,
    conversations_api,
    desk_api,
    desk_audit_api,
    desk_files_api,
    desk_floor_api,
    desk_live,
    desk_notes_api,
    desk_own_api,
    desk_pages,
    desk_prepared_api,
    desk_promises_api,
    desk_replies_api,
    desk_search_api,
    desk_settings_api,
    desk_team_api,
    desk_together_api,
    desk_webhooks_api,
    desk_welcome,
    desk_words_api,
    help_feedback,
    help_lost,
    help_pages,
    help_sitemap,
    leaving_api,
    links_api,
    live_ws,
    mailbox,
    pages,
    past_api,
    private_pages,
    slip_api,
    studio_articles_api,
    studio_gaps_api,
    studio_health_api,
    studio_import_api,
    studio_incidents_api,
    studio_pages,
    studio_pictures_api,
    studio_preview_api,
    studio_sent_api,
    studio_trees_api,
    studio_try_api,
    transcript_api,
    widget_api,
    widget_files,
)
from bot.web.hearers import Hearers
from bot.web.help_kept import KeptPages
from bot.web.keys import (
    HEALTH,
    HEARERS,
    HELP_OPENINGS,
    HELP_PAGES,
    HELP_SEARCHES,
    LIMITS,
    OPEN_HANDOFFS,
    RUNNER,
    STATES,
)
from bot.web.middlewares import add_security_headers, cross_origin, errors
from bot.web.rate_limit import RateLimit
from bot.webhooks import Webhooks
from bot.words.canned import seed_demo
from bot.words.shelf import Shelf
from service import Service
from service import load as load_service

# A message is text: nothing that comes by the API needs more.
_LARGEST_BODY = 1024 * 1024
_TEMPLATES = Path(__file__).parent / "templates"


def create_app(
    settings: BotSettings,
    *,
    clock: Clock = system_clock,
    service: Service | None = None,
    channels: Channels | None = None,
) -> web.Application:
    """The bot process. Tests inject the clock, the company's rules and further channels."""
    app = web.Application(middlewares=[errors, cross_origin], client_max_size=_LARGEST_BODY)
    company = service or load_service(settings.service_file)
    channels = channels or default_channels()

    async def wired(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as session:
            services = wire(settings, session, clock=clock, service=company, channels=channels)
            app[SERVICES] = services
            app[STATES] = SharedBy(partial(desk_live.state_by_id, services))
            app[HEARERS] = Hearers(services)
            app[OPEN_HANDOFFS] = Shared(lambda: list_handoffs(services, None))
            app[LIMITS] = RateLimit(services.redis, clock)
            app[HELP_OPENINGS] = Openings()
            app[HELP_PAGES], app[HELP_SEARCHES] = KeptPages(), Shelf(services.knowledge, clock, within=4.0)
            app[RUNNER] = TurnRunner(services)
            app[studio_import_api.JUDGING] = Judging(services)
            app[HEALTH] = Health(services)
            if settings.relais_demo:
                await seed_demo(services)
            async with AsyncExitStack() as running:
                # One after the other, and stopped the other way round: a `with` of them all is more than Python nests.
                for part in (
                    services.live.running(),
                    services.company.running(services.db, services.live),
                    services.library.running(),
                    services.incidents.running(services.db, services.live),
                    app[RUNNER].running(),
                    open_doors(services, app[LIMITS], app[RUNNER].wake),
                    Outbox(services).running(),
                    Offering(services).running(),
                    Minding(services).running(),
                    Missed(services).running(),
                    Mailer(services).running(),
                    PreparedWork(services).running(),
                    Erasing(services).running(),
                    Forgetting(services).running(),
                    Retaining(services).running(),
                    Webhooks(services).running(),
                    Clerk(services).running(),
                    Watching(services).running(),
                    Keeping(services).running(),
                    Gaps(services).running(),
                    Reminding(services).running(),
                    NotingScheduled(services).running(),
                    NotingLandings(services).running(),
                    app[HELP_OPENINGS].running(services.db),
                    app[HEALTH].running(),
                ):
                    await running.enter_async_context(part)
                yield
            await app[STATES].settled()
            await app[OPEN_HANDOFFS].settled()
            await app[HEARERS].settled()
            await app[studio_import_api.JUDGING].close()
            await close(services)

    app.cleanup_ctx.append(wired)
    app[widget_api.POPULAR], app[studio_preview_api.PREVIEWS] = Popular(), asyncio.Lock()
    app.on_response_prepare.append(add_security_headers)
    aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True)
    for channel in channels.values():
        # Before the help centre, whose addresses match nearly anything.
        app.add_routes(channel.routes())
    _add_routes(app)
    if settings.relais_demo:
        app.add_routes(mailbox.routes)
    return app


def _add_routes(app: web.Application) -> None:
    desk = (
        desk_api,
        desk_live,
        desk_own_api,
        desk_team_api,
        desk_settings_api,
        desk_floor_api,
        desk_audit_api,
        desk_files_api,
        desk_welcome,
        desk_pages,
        desk_prepared_api,
        desk_promises_api,
        desk_webhooks_api,
        desk_replies_api,
        desk_search_api,
        desk_words_api,
        desk_notes_api,
        desk_together_api,
    )
    studio = (
        studio_articles_api,
        studio_gaps_api,
        studio_health_api,
        studio_import_api,
        studio_incidents_api,
        studio_pages,
        studio_pictures_api,
        studio_preview_api,
        studio_sent_api,
        studio_trees_api,
        studio_try_api,
    )
    for module in (
        consents_api,
        conversations_api,
        leaving_api,
        links_api,
        live_ws,
        slip_api,
        *desk,
        *studio,
        pages,
        private_pages,
        transcript_api,
        past_api,
        widget_api,
        widget_files,
    ):
        app.add_routes(module.routes)
    # The last one takes every other address beneath the help centre.
    for module in (help_sitemap, help_pages, help_feedback, help_lost):
        app.add_routes(module.routes)
    app.router.add_static("/static/", pages.STATIC)


async def close(services: Services) -> None:
    """Lets the record and the switchboard go."""
    if services.redis is not None:
        await services.redis.aclose()
    await services.db.close()


def wire(
    settings: BotSettings,
    session: aiohttp.ClientSession,
    *,
    clock: Clock = system_clock,
    service: Service | None = None,
    channels: Channels | None = None,
) -> Services:
    """The services of one process; ``session`` carries its calls to the neighbours."""
    redis = Redis.from_url(settings.redis_url, socket_timeout=5.0, socket_connect_timeout=2.0)
    knowledge = KnowledgeClient(session, settings.knowledge_base_url)
    return Services(
        settings=settings,
        company=Company(service or load_service(settings.service_file)),
        clock=clock,
        db=Database(settings.database_url),
        live=Live(redis),
        redis=redis,
        rasa=RasaClient(session, settings.rasa_urls, settings.turn_timeout_seconds),
        knowledge=knowledge,
        studio=StudioClient(session, settings.knowledge_base_url),
        actions=ActionsClient(session, settings.actions_url),
        channels=channels or default_channels(),
        shelf=Shelf(knowledge, clock),
        library=Library(knowledge),
        incidents=Board(clock),
        tally=Tally(),
    )
