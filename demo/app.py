"""Wires the demo shop together."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from demo import account_pages, back_office, shop
from demo.catalogue import Catalogue
from demo.database import Database
from demo.documents import Documents
from demo.moments import Clock, utc_now
from demo.settings import Settings


def create_app(settings: Settings, *, clock: Clock = utc_now) -> web.Application:
    """The shop as one application: back office API, pages, health."""
    catalogue = Catalogue.load()
    app = web.Application(client_max_size=64 * 1024)

    async def database_ctx(app: web.Application) -> AsyncIterator[None]:
        app[back_office.DATABASE] = await Database.open(settings.database, catalogue, clock())
        yield
        await app[back_office.DATABASE].close()

    app.cleanup_ctx.append(database_ctx)
    app.router.add_get("/healthz", health)
    documents = Documents(settings.identity_key, settings.own_url, clock)
    back_office.setup(app, settings.back_office_token.get_secret_value(), clock, documents)
    shop.setup(app, settings, catalogue)
    account_pages.setup(app)
    return app


async def health(request: web.Request) -> web.Response:
    """Ready as soon as it answers: the database is opened and seeded before the port is."""
    customers = len(await request.app[back_office.DATABASE].customers())
    return web.json_response({"status": "ok", "customers": customers})
